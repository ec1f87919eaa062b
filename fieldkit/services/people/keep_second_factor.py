"""The second factor of who signs in: asked for at the door, set up and ended by its user, reset by an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from fieldkit.domain.errors import InputError, Recovery, RuleError, VaultError
from fieldkit.domain.people.accounts import Permission, Role
from fieldkit.domain.people.second_factor import SPARES, SecondFactor, begun, digest_of, is_expected
from fieldkit.ports.second_factor import OneTimeCodes
from fieldkit.ports.sheets import Sheet, Sheets
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

WANTED = "factor.wanted"
_PERMISSION = Permission.READ_STATUS  # everybody has it: the factor is everybody's own


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands for a user. `is_demanded` by the dinas' policy, `is_expected` by what the role may do."""

    is_on: bool
    spares_left: int
    is_expected: bool
    is_demanded: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that counts once a code of it was typed back; `qr` is a PNG."""

    secret: str = field(repr=False)
    qr: bytes = field(repr=False)


class KeepSecondFactor:
    """For the user who signs in. Secret, counters and what is left of the spare codes lie in the encrypted store."""

    def __init__(
        self,
        units: UnitsOfWork,
        codes: OneTimeCodes,
        sheets: Sheets,
        kit_id: str,
        dinas: str,
        demanded: frozenset[Role] = frozenset(),
        *,
        is_offered: bool = False,
    ) -> None:
        """`demanded` are the roles that may do nothing before they have one; `is_offered` once, at the first start."""
        self._units, self._codes, self._sheets = units, codes, sheets
        self._kit_id, self._dinas, self._demanded = kit_id, dinas, demanded
        self._offered = ""
        self.is_offered = is_offered
        self.must_begin = False  # known once the door was passed
        self.fresh_spares: tuple[str, ...] = ()  # to be written down; after this session they are nowhere

    def admit(self, typed: str = "") -> None:
        """Let in who has none, or typed its code; each counts once.

        Raise `VaultError` `factor.wanted` without a code, `factor.wrong` (left), `factor.locked_out` (minutes).
        """
        kept = self._kept_in_time()
        if kept is None:
            self.must_begin = self._units.user.role in self._demanded
            return
        if not typed.strip():
            raise VaultError(WANTED)
        self._spend(typed)

    def standing(self) -> Standing:
        """Return how it stands."""
        role = self._units.user.role
        with self._units.read() as unit:
            kept = self._kept(unit)
        left = len(kept.spares) if kept else 0
        return Standing(kept is not None, left, is_expected(role), role in self._demanded)

    def offer(self) -> Offer:
        """Return a new secret, the same one until it was taken or the session ends."""
        self._offered = self._offered or self._codes.new_secret()
        uri = self._codes.uri(self._offered, self._units.user.user_id, f"Fieldkit {self._kit_id}")
        return Offer(self._offered, self._sheets.qr(uri))

    def begin(self, typed: str) -> None:
        """Let the offered secret count, once its code was typed back; it brings new spare codes.

        Raise `InputError` `factor.not_this`, `RuleError` `factor.is_on` where one counts: that one ends with a code.
        """
        if self.standing().is_on:
            raise RuleError("factor.is_on")
        self.offer()
        secret, spares, now = self._offered, self._new_spares(), self._units.clock.now()
        kept = begun(secret, typed, now, spares, partial(self._codes.code_at, secret))
        if kept is None:
            raise InputError("factor.not_this").at("code")
        with self._units.write(_PERMISSION) as work:
            self._put(work, kept, "second_factor_begun")
        self._offered, self.fresh_spares, self.must_begin = "", spares, False

    def renew_spares(self, typed: str) -> None:
        """Make new spare codes, the old ones open nothing any more. Raise as `admit`."""
        spares = self._new_spares()
        kept = self._spend(typed)
        with self._units.write(_PERMISSION) as work:
            renewed = SecondFactor.of_value(kept.as_value() | {"spares": [digest_of(each) for each in spares]})
            self._put(work, renewed, "spare_codes_renewed")
        self.fresh_spares = spares

    def end(self, typed: str) -> None:
        """Ask for no code any more. Raise as `admit`, `RuleError` `factor.demanded`."""
        if self._units.user.role in self._demanded:
            raise RuleError("factor.demanded")
        self._spend(typed)
        with self._units.write(_PERMISSION) as work:
            self._put(work, None, "second_factor_ended")

    def spare_sheet(self) -> Sheet:
        """Return the spare codes of this session as a paper."""
        user, at = self._units.user, self._units.clock.local(self._units.clock.now())
        facts = {"kit": self._kit_id, "dinas": self._dinas, "user": user.user_id, "name": user.name}
        return self._sheets.spare_codes({**facts, "at": f"{at:%d-%m-%Y %H.%M}"}, self.fresh_spares)

    def _spend(self, typed: str) -> SecondFactor:
        """Return what is kept after the right code; a wrong one is counted on the disk before it is told."""
        kept = self._kept_in_time()
        if kept is None:
            raise RuleError("factor.none")
        now, user = self._units.clock.now(), self._units.user
        with self._units.write(_PERMISSION) as work:
            spent = kept.spend(typed, now, partial(self._codes.code_at, kept.secret))
            after = spent or kept.failed(now)
            work.unit.settings.put(name_of(user.user_id), after.as_value())
            if spent is None:
                work.note("second_factor_refused", user.user_id, failures=after.failures)
            elif len(spent.spares) < len(kept.spares):
                work.note("spare_code_used", user.user_id, left=len(spent.spares))
        if spent is None:
            self._demand_time(after)
            raise VaultError("factor.wrong", recovery=Recovery.RETRY, left=after.tries_left)
        return spent

    def _kept_in_time(self) -> SecondFactor | None:
        """Return what is kept. Raise `VaultError` `factor.locked_out` while no code is looked at."""
        with self._units.read() as unit:
            kept = self._kept(unit)
        if kept is None:
            return None
        by_now = kept.by_clock(self._units.clock.now())
        if by_now != kept:
            with self._units.write(_PERMISSION) as work:
                work.unit.settings.put(name_of(self._units.user.user_id), by_now.as_value())
        self._demand_time(by_now)
        return by_now

    def _demand_time(self, kept: SecondFactor) -> None:
        if wait := kept.locked_for(self._units.clock.now()):
            raise VaultError("factor.locked_out", minutes=-(-wait // timedelta(minutes=1)))

    def _new_spares(self) -> tuple[str, ...]:
        return tuple(self._codes.new_spare() for _ in range(SPARES))

    def _kept(self, unit: Unit) -> SecondFactor | None:
        value = unit.settings.get(name_of(self._units.user.user_id))
        return SecondFactor.of_value(value) if value else None

    def _put(self, work: UnitOfWork, kept: SecondFactor | None, act: str) -> None:
        user_id = self._units.user.user_id
        work.unit.settings.put(name_of(user_id), kept.as_value() if kept else None)
        work.note(act, user_id)


def name_of(user_id: str) -> str:
    """Return under what the store keeps the second factor of a user."""
    return f"second_factor.{user_id}"
