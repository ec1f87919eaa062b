"""What a kit still lacks after its enrolment: found in what is kept, never remembered apart from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.people import Permission
from fieldkit.ports.documents import PaperSheet, Sheets
from fieldkit.services.context.office import Office
from fieldkit.services.devices import KeepProviders
from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor

_DECLINED = "set_up.declined"


class SetUpStep(StrEnum):
    """What an admin does once, in this order."""

    SHEET = "sheet"
    FACTOR = "factor"
    LETTERHEAD = "letterhead"
    USERS = "users"
    STAFF = "staff"
    SOPS = "sops"
    PROVIDERS = "providers"


class SetUpState(StrEnum):
    """How a step stands."""

    MISSING = "missing"
    DONE = "done"
    DECLINED = "declined"  # the admin said that this kit does not need it


@dataclass(frozen=True, slots=True)
class SetUpLine:
    """A step and how it stands."""

    step: SetUpStep
    state: SetUpState


class SetUp:
    """The checklist of a new kit, for its admin; whoever else is signed in has none."""

    def __init__(
        self,
        office: Office,
        accounts: KeepAccounts,
        second_factor: KeepSecondFactor,
        providers: KeepProviders,
        sheets: Sheets,
        kit_id: str,
        dinas: str,
    ) -> None:
        self.providers = providers
        self._office, self._accounts, self._sheets = office, accounts, sheets
        self._kit_id, self._dinas = kit_id, dinas
        self._done: Mapping[SetUpStep, Callable[[], bool]] = {
            SetUpStep.SHEET: accounts.has_sheet,
            SetUpStep.FACTOR: lambda: second_factor.standing().is_on,
            SetUpStep.LETTERHEAD: self._has_letterhead,
            SetUpStep.USERS: self._has_users,
            SetUpStep.STAFF: lambda: bool(office.staff.search()),
            SetUpStep.SOPS: office.sop.has_chosen,
            SetUpStep.PROVIDERS: lambda: bool(providers.listed()),
        }

    def lines(self) -> tuple[SetUpLine, ...]:
        """Return every step with its state, none for who is no admin."""
        user = self._office.units.user
        if not (user.may(Permission.ADD_USERS) and user.may(Permission.KEEP_PROFILE)):
            return ()
        with self._office.units.read() as unit:
            declined = frozenset(unit.settings.get(_DECLINED) or ())
        return tuple(SetUpLine(step, self._state(step, declined)) for step in SetUpStep)

    def missing(self) -> tuple[SetUpStep, ...]:
        """Return the steps that are neither done nor declined."""
        return tuple(line.step for line in self.lines() if line.state is SetUpState.MISSING)

    def decline(self, step: SetUpStep) -> None:
        """Say that this kit does not need a step, or that it does after all. Raise `RuleError`."""
        with self._office.units.write(Permission.KEEP_PROFILE) as work:
            declined = frozenset(work.unit.settings.get(_DECLINED) or ()) ^ {step.value}
            work.unit.settings.put(_DECLINED, sorted(declined))
            work.note("set_up_declined", "set_up", steps=sorted(declined))

    def recovery_sheet(self) -> PaperSheet:
        """Return a new recovery sheet, which counts once its code was typed back (`KeepAccounts.prove_sheet`)."""
        units = self._office.units
        code, at = self._accounts.new_sheet(), units.clock.local(units.clock.now())
        facts = {"kit": self._kit_id, "dinas": self._dinas, "user": units.user.user_id, "name": units.user.name}
        return self._sheets.recovery({**facts, "at": f"{at:%d-%m-%Y %H.%M}", "code": code})

    def _state(self, step: SetUpStep, declined: frozenset[str]) -> SetUpState:
        if self._done[step]():
            return SetUpState.DONE
        return SetUpState.DECLINED if step.value in declined else SetUpState.MISSING

    def _has_letterhead(self) -> bool:
        kept = self._office.letterhead.read()
        return bool(kept.dinas and kept.address and kept.city)

    def _has_users(self) -> bool:
        return any(each.user.may(Permission.RECORD) and not each.is_disabled for each in self._accounts.everybody())
