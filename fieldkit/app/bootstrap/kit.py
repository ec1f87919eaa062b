"""A kit on this laptop: locked, and open for one user."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from fieldkit.app.bootstrap.clock import CorrectedClock, UuidV7
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.read_ahead import ReadAhead
from fieldkit.domain.errors import RuleError, VaultError
from fieldkit.domain.people import Permission, User
from fieldkit.domain.trusted_time import judge
from fieldkit.services.context.app_context import DoorSign
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot

# Only types: a locked kit opens no store and no device, and its sign-in screen must not wait for them.
if TYPE_CHECKING:
    from fieldkit.app.bootstrap.devices import KitDevices
    from fieldkit.ports.delivery import Credential, SyncReport
    from fieldkit.ports.store import Store
    from fieldkit.services.context.app_context import AppContext
    from fieldkit.services.delivery.keep_time import TimeFacts

_log = logging.getLogger(__name__)
T = TypeVar("T")

_CODE_WANTED, _CODE_WRONG = "factor.wanted", "factor.wrong"
DEMO_PASSPHRASE = "demo {pin} bukan sandi"  # of the demo profile, shown on its sign-in screen
DevicesOf = Callable[[Path], "KitDevices"]


class LockedKit:
    """Implements `Door`. Holds the home for this process until `leave`."""

    def __init__(self, home: Home, devices: DevicesOf, clock: CorrectedClock | None = None) -> None:
        """`clock` is what the devices go by too, so that a correction reaches them; None takes the home's."""
        self._home, self._devices_of = home, devices
        self._lock, self._slots = self._taken()
        self._is_held = True
        self._clock = clock or home.clock()
        self._ids = UuidV7(self._clock)
        self._opened: OpenSlot | None = None
        self._halfway: OpenSlot | None = None  # the passphrase was right, a code is awaited
        self._store: Store | None = None
        self._devices: KitDevices | None = None
        self._link: Callable[[], None] | None = None

    def sign(self) -> DoorSign:
        """Return what the sign-in screen shows."""
        facts = self._home.read_public()
        met = self._clock.local(facts.last_sync_at) if facts.last_sync_at else None
        # Who records signs in most often, mostly in a hurry.
        people = sorted(self._slots.names(), key=lambda user: not user.may(Permission.RECORD))
        now = self._clock.now()
        verdict = judge(now, facts.trusted, self._clock.running())
        return DoorSign(
            *(facts.dinas, self._slots.kit_id, tuple(people), met, facts.demo_pins),
            clock=verdict if facts.trusted else None,
            now=self._clock.local(now),
        )

    def unlock(self, user_id: str, passphrase: str) -> AppContext:
        """Open the store for a user and put the home in order. Raise `VaultError`, `StoreError`."""
        ReadAhead.give_way()
        if not self._is_held:  # a way back could not give it back, for another program was quicker
            self._take_home()
        opened = self._slots.unlock(user_id, self._spelled_out(user_id, passphrase), self._clock.now())
        self.lock()
        # On demand: the sign-in screen must not wait for the store.
        from fieldkit.app.bootstrap.store_key import forget_unfinished, settled

        opened = settled(self._home, self._slots, opened)
        forget_unfinished(self._home)
        return self._enter(opened)

    def enter_code(self, code: str) -> AppContext:
        """Go on with whose passphrase was right; a wrong code may be tried again as long as there are tries."""
        if self._halfway is None:
            raise VaultError("factor.begin_again")
        return self._enter(self._halfway, code)

    def _enter(self, opened: OpenSlot, code: str = "") -> AppContext:
        self._halfway = None
        try:
            context = self._lay_out(opened, code)
        except VaultError as error:
            if error.code in (_CODE_WANTED, _CODE_WRONG):
                self._halfway = opened
            raise
        self._opened = opened
        return context

    def _spelled_out(self, user_id: str, typed: str) -> str:
        """Return the passphrase; in the demo profile the PIN on the screen stands for it."""
        pin = self._home.read_public().demo_pins.get(user_id)
        return DEMO_PASSPHRASE.format(pin=pin) if pin is not None and typed == pin else typed

    def check_lead(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of the team lead whose passphrase this is, without signing anybody out."""
        return self._credential(user_id, passphrase, Permission.ALLOW_FAILURE, "session.lead_only")

    def check_attendant(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of the attendant whose passphrase this is, without signing anybody out."""
        return self._credential(user_id, passphrase, Permission.RECORD, "session.not_your_role")

    def verify_passphrase(self, user_id: str, passphrase: str) -> User:
        """Return the user whose passphrase this is, without signing anybody out."""
        return self._unlocked(user_id, passphrase).user

    def _credential(self, user_id: str, passphrase: str, permission: Permission, refusal: str) -> Credential:
        from fieldkit.app.bootstrap.standing import demand_standing
        from fieldkit.vault.credentials import KeyCredential

        if self._store is None:
            raise VaultError("vault.unknown_user")  # nobody answers for a record of a locked kit
        opened = self._unlocked(user_id, passphrase)
        if not opened.user.may(permission):
            raise RuleError(refusal, role=opened.user.role.value)
        demand_standing(self._store, opened, self._clock.now())
        return KeyCredential(opened.user, opened.signing_key)

    def _unlocked(self, user_id: str, passphrase: str) -> OpenSlot:
        opened = self._slots.unlock(user_id, self._spelled_out(user_id, passphrase), self._clock.now())
        if self._store is not None:
            from fieldkit.app.bootstrap.standing import demand_slot

            demand_slot(self._store, opened, self._clock.now())
        return opened

    def check_pin(self, pin: str) -> None:
        """Confirm the signed-in user by PIN."""
        if self._opened is None:
            raise VaultError("vault.pin_exhausted")
        self._opened.check_pin(pin)

    def leads(self) -> Sequence[User]:
        """Return who may let a failed step pass."""
        return [user for user in self._slots.names() if user.may(Permission.ALLOW_FAILURE)]

    def lock(self) -> None:
        """Close store and devices; open recordings stay on disk."""
        if self._link is not None:
            self._link()
        if self._devices is not None:
            self._devices.close()
        if self._store is not None:
            self._store.close()
        self._link = self._devices = self._store = self._opened = self._halfway = None

    def step_aside(self, work: Callable[[], T]) -> T:
        """Let a way back have the home, then take it again with the key slots as they are now. Raise as `work`."""
        self.leave()
        try:
            return work()
        finally:
            self._take_home()

    def leave(self) -> None:
        """Lock, and let another process have the home."""
        self.lock()
        self._lock.release()
        self._is_held = False

    def _take_home(self) -> None:
        self._lock, self._slots = self._taken()
        self._is_held = True

    def _taken(self) -> tuple[HomeLock, KeySlotFile]:
        """Finish a restore that was cut off, keep other programs out, read the key slots."""
        self._home.demand_enrolled()
        lock = HomeLock(self._home.lock)
        try:
            return lock, self._home.key_slots()
        except VaultError:
            lock.release()
            raise

    def _lay_out(self, opened: OpenSlot, code: str) -> AppContext:
        # Imports on demand: the sign-in screen must not wait for codecs, letters and the network.
        from fieldkit.app.bootstrap.context_parts import Parts, lay_out

        def keep(certificate: bytes) -> None:
            self._slots.replace_certificate(opened.user.user_id, certificate)

        facts, user_id = self._home.read_public(), opened.user.user_id
        parts = Parts(
            *(self._home, self._slots.kit_id, opened, self._slots, self._clock, self._ids, keep),
            code=code,
            is_offered_code=facts.offers_code == user_id,
        )
        laid = lay_out(parts, lambda: self._devices_of(self._home.trust), self._note_sync, self._note_time)
        self._store, self._devices, self._link = laid.store, laid.devices, laid.end
        if parts.is_offered_code:
            self._home.show(replace(self._home.read_public(), offers_code=""))
        return laid.context

    def _note_time(self, time: TimeFacts) -> None:
        from fieldkit.ports.vault import SignerRole

        facts = self._home.read_public()
        ends = {span.holder if span.role == SignerRole.PETUGAS else "kit": span.not_after for span in time.endings}
        told = replace(
            facts, trusted=time.trusted, correction=time.correction, certificates={**facts.certificates, **ends}
        )
        if told != facts:
            self._home.show(told)

    def _note_sync(self, report: SyncReport) -> None:
        _log.info("delivery", extra={"code": report.stopped_by.code if report.stopped_by else "done"})
        if report.stopped_by is None:
            facts = self._home.read_public()
            self._home.show(replace(facts, last_sync_at=report.ended_at, clock_skew_s=report.clock_skew_s))
