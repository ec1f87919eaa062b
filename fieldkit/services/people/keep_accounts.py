"""Pengguna dan kunci: everybody keeps the own passphrase and PIN, an admin the accounts of the others."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from fieldkit.domain.errors import InputError, Recovery, RuleError, VaultError
from fieldkit.domain.people import (
    SPARES,
    Permission,
    Role,
    SecondFactor,
    User,
    begun,
    checked_id,
    checked_name,
    digest_of,
    is_expected,
)
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    DeviceError,
    DeviceKind,
    DeviceState,
    FingerTemplate,
    FingerVerifier,
    NotConnectedError,
    Registry,
)
from fieldkit.ports.documents import PaperSheet, Sheets
from fieldkit.ports.repositories import Account, Accounts
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import OneTimeCodes
from fieldkit.services.office_bundles import listed_in
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# The second factor of who signs in: asked for at the door, set up and ended by its user, reset by an admin.

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

    def spare_sheet(self) -> PaperSheet:
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


# What this kit is, as its enrolment says: read here, changed at the gateway.


@dataclass(frozen=True, slots=True)
class KitFacts:
    """`retention_days` None keeps what was acknowledged for ever."""

    kit_id: str
    dinas: str
    retention_days: int | None


class ReadKit:
    """The facts of the kit. `profile` is what enrolment brought."""

    def __init__(self, kit_id: str, profile: Mapping[str, str]) -> None:
        self._kit_id, self._profile = kit_id, profile

    def read(self) -> KitFacts:
        """Return the facts."""
        days = self._profile.get("retention_days", "")
        return KitFacts(self._kit_id, self._profile.get("dinas", ""), int(float(days)) if days else None)


# The operator's finger opens the screen of a running session. It opens neither the store nor a signing key.

TRIES = 3  # then only PIN or passphrase, until the next sign-in
TIMEOUT_MS = 15_000
IMPRESSIONS = 3  # no two show the same part of the finger: of the next one more is found among them than by one
OPERATOR = "operator:"


def operator_key(user_id: str) -> str:
    """Return under what an operator's finger stands among the templates; no id of a record begins so."""
    return f"{OPERATOR}{user_id}"


class _Unseen:
    """Nobody looks at the picture."""

    def offer(self, jpeg: bytes) -> None:
        pass


class UnlockByFinger:
    """For the user who is signed in. The template lies in the encrypted store; events tell only that it is there.

    The calls block: run them on the executor of the reader.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        user: User,
        clock: Clock,
        describe: Callable[[Sequence[Sample]], bytes] | None = None,
    ) -> None:
        self._describe = describe  # what makes the finger known when it is laid for a resident's
        self._store, self._registry, self._user, self._clock = store, registry, user, clock
        self._tries = TRIES

    @property
    def is_learnt(self) -> bool:
        """Whether a finger of this user is kept."""
        return self._kept() is not None

    @property
    def has_reader(self) -> bool:
        """Whether a reader that compares fingers is connected, as far as the last scan saw."""
        return any(True for _ in self._readers())

    @property
    def is_ready(self) -> bool:
        """Whether a finger would open now: one is kept, a reader of its kind is there, and tries are left."""
        template = self._kept() if self._tries else None
        return template is not None and any(reader.template_kind == template.kind for reader in self._readers())

    def learn(self, cancel: Cancel, awaits: Callable[[int], None] = lambda _number: None) -> None:
        """Take a finger of the user and keep it in place of the one before. Raise a `DeviceError`.

        `awaits` hears which of the `IMPRESSIONS` to know it by among a resident's is awaited next, from 1.
        """
        reader = self._reader()
        reader.open(cancel)
        template = reader.learn_finger(cancel, TIMEOUT_MS)
        described = self._prints(reader, cancel, awaits)
        kept = {"kind": template.kind, "template": base64.b64encode(template.content).decode()}
        self._keep(kept, "unlock_finger_kept", described)

    def forget(self) -> None:
        """Erase the template."""
        self._keep(None, "unlock_finger_forgotten")

    def unlock(self, cancel: Cancel) -> None:
        """Return when the finger laid on the reader is the user's.

        Raise `VaultError` `unlock.wrong_finger` (left) or `unlock.finger_exhausted`, `RuleError`
        `unlock.no_finger_kept`, or a `DeviceError`: without a finger no try is used up.
        """
        if self._tries == 0:
            raise VaultError("unlock.finger_exhausted")
        template = self._kept()
        if template is None:
            raise RuleError("unlock.no_finger_kept")
        reader = self._reader(template.kind)
        reader.open(cancel)
        if reader.is_finger_of(template, cancel, TIMEOUT_MS):
            self._tries = TRIES
            return
        self._tries -= 1
        if self._tries == 0:
            raise VaultError("unlock.finger_exhausted")
        raise VaultError("unlock.wrong_finger", recovery=Recovery.RETRY, left=self._tries)

    def _prints(self, reader: FingerVerifier, cancel: Cancel, awaits: Callable[[int], None]) -> bytes:
        """Return what images of the finger are compared by, b"" from a reader that gives none."""
        if self._describe is None or not isinstance(reader, BiometricCaptureDevice):
            return b""
        now = self._clock.now()
        # Which finger it is nobody says: it is compared with all ten of a person.
        request = CaptureRequest("", now, Modality.FINGER, (Position.RIGHT_INDEX,), timeout_ms=TIMEOUT_MS)
        samples: list[Sample] = []
        with suppress(DeviceError):  # the lock opens all the same, and the finger is known by the impressions before
            for number in range(1, IMPRESSIONS + 1):
                awaits(number)
                samples += reader.capture(request, _Unseen(), cancel).samples
        return self._describe(samples)

    def _reader(self, kind: str = "") -> FingerVerifier:
        if not tuple(self._registry.statuses()):
            self._registry.scan()
        for reader in self._readers():
            if kind in ("", reader.template_kind):
                return reader
        raise NotConnectedError("unlock.no_reader")

    def _readers(self) -> Iterator[FingerVerifier]:
        for status in self._registry.statuses():
            if status.kind is DeviceKind.FINGERPRINT and status.state is DeviceState.READY:
                device = self._registry.device(status)
                if isinstance(device, FingerVerifier):
                    yield device

    def _kept(self) -> FingerTemplate | None:
        with self._store.read() as unit:
            kept = unit.settings.get(self._name)
        return FingerTemplate(kept["kind"], base64.b64decode(kept["template"])) if kept else None

    def _keep(self, value: Mapping[str, str] | None, event: str, described: bytes = b"") -> None:
        with self._store.write() as unit:
            unit.settings.put(self._name, value)
            unit.finger_templates.erase(operator_key(self._user.user_id))
            if described:
                unit.finger_templates.keep(operator_key(self._user.user_id), described)
            unit.events.append(event, self._user.user_id, {}, self._user.user_id, self._clock.now())

    @property
    def _name(self) -> str:
        return f"unlock_finger.{self._user.user_id}"


class KeepAccounts:
    """The accounts of this kit, for who is signed in; what changes is noted in the log, never a secret."""

    def __init__(self, units: UnitsOfWork, accounts: Accounts) -> None:
        self._units, self._accounts = units, accounts
        self._printed = ""  # the code of a sheet that was printed and not typed back yet

    def everybody(self) -> Sequence[Account]:
        """List all accounts in the order they were added, then who is to work here and has no key yet."""
        here = self._accounts.everybody()
        known = {account.user.user_id for account in here}
        with self._units.read() as unit:
            listed = [user for user in listed_in(unit) if user.user_id not in known]
        return (*here, *(Account(user, is_disabled=False, is_new=True) for user in listed))

    def change_passphrase(self, old: str, new: str) -> None:
        """Change one's own passphrase. Raise `VaultError`, `InputError` `vault.weak_passphrase…`."""
        self._accounts.change_passphrase(self._units.user.user_id, old, new)
        self._note("passphrase_changed", self._units.user.user_id, Permission.READ_STATUS)

    def set_pin(self, passphrase: str, pin: str) -> None:
        """Set one's own PIN, "" takes it away. Raise `VaultError`, `InputError` `vault.pin_form`."""
        self._accounts.set_pin(self._units.user.user_id, passphrase, pin)
        self._note("pin_changed" if pin else "pin_removed", self._units.user.user_id, Permission.READ_STATUS)

    def new_sheet(self) -> str:
        """Return the code of a new recovery sheet, to be printed; it opens nothing before it was typed back."""
        self._units.demand(Permission.ADD_USERS)
        self._printed = self._accounts.new_sheet()
        return self._printed

    def prove_sheet(self, typed: str) -> None:
        """Let the sheet that was printed open this kit, once its code was read from it.

        Raise `RuleError("sheet.print_first")`, `InputError("sheet.differs")`.
        """
        self._units.demand(Permission.ADD_USERS)
        if not self._printed:
            raise RuleError("sheet.print_first")
        if _letters(typed) != _letters(self._printed):
            raise InputError("sheet.differs")
        self._accounts.keep_sheet(self._units.user.user_id, self._printed)
        self._printed = ""
        self._note("recovery_sheet_made", self._units.user.user_id, Permission.ADD_USERS)

    def has_sheet(self) -> bool:
        """Return whether a recovery sheet of the signed-in user opens this kit."""
        return self._accounts.has_sheet(self._units.user.user_id)

    def add(self, user: User, passphrase: str, pin: str = "") -> User:
        """Add a user; the gateway issues the certificate. Raise `InputError`, `RuleError`, `TransferError`."""
        self._units.demand(Permission.ADD_USERS)
        tidy = replace(user, user_id=checked_id(user.user_id.strip()), name=checked_name(user.name))
        if any(account.user.user_id == tidy.user_id for account in self._accounts.everybody()):
            raise RuleError("vault.user_exists", name=tidy.name).at("user_id")
        self._accounts.start_anew(tidy, passphrase, pin, lambda: self._keep(tidy, "user_added", role=tidy.role.value))
        return tidy

    def start_anew(self, user_id: str, passphrase: str, pin: str = "", role: Role | None = None) -> User:
        """Give another user a new start: key, certificate, passphrase, PIN, and the role, which the certificate names.

        Raise `RuleError`, `InputError`, `TransferError`.
        """
        account = self._another(user_id)
        before = account.user
        user = replace(before, role=role or before.role)
        was = {} if user == before else {"role": user.role.value, "was": before.role.value}
        kind, facts = ("user_added", {"role": user.role.value}) if account.is_new else ("user_restarted", was)
        self._accounts.start_anew(user, passphrase, pin, lambda: self._keep(user, kind, **facts))
        return user

    def disable(self, user_id: str, reason: str = "") -> User:
        """Let a user no longer sign in; the name stays. Raise `RuleError`."""
        user = self._another(user_id).user
        self._accounts.disable(user_id)
        self._keep(user, "user_disabled", **({"reason": reason.strip()} if reason.strip() else {}))
        return user

    def remove(self, user_id: str, reason: str = "") -> User:
        """Take a user off the list of this kit; what the user did stays in the log. Raise `RuleError`."""
        user = self._another(user_id).user
        self._accounts.remove(user_id)
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.finger_templates.erase(operator_key(user_id))
            work.unit.settings.put(name_of(user_id), None)
            work.unit.save_user(user)  # the name stays in the log's words; lists of accounts are told
            work.note("user_removed", user_id, **({"reason": reason.strip()} if reason.strip() else {}))
        return user

    def with_second_factor(self) -> frozenset[str]:
        """Return the ids of those who are asked for a second factor."""
        ids = [account.user.user_id for account in self._accounts.everybody()]
        with self._units.read() as unit:
            return frozenset(user_id for user_id in ids if unit.settings.get(name_of(user_id)))

    def reset_second_factor(self, user_id: str) -> User:
        """Ask another user for no code any more, whose phone and spare codes are gone. Raise `RuleError`."""
        user = self._another(user_id).user
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.settings.put(name_of(user_id), None)
            work.unit.save_user(user)  # lists of accounts are told
            work.note("second_factor_reset", user_id)
        return user

    def _another(self, user_id: str) -> Account:
        self._units.demand(Permission.ADD_USERS)
        if user_id == self._units.user.user_id:
            raise RuleError("account.yourself")
        for account in self.everybody():
            if account.user.user_id == user_id:
                return account
        raise VaultError("vault.unknown_user")

    def _keep(self, user: User, kind: str, **facts: str) -> None:
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.save_user(user)
            work.note(kind, user.user_id, **facts)

    def _note(self, kind: str, user_id: str, permission: Permission) -> None:
        with self._units.write(permission) as work:
            work.note(kind, user_id)


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
