"""Backups on a stick, records handed over on one, and whether it is time for either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.backups import CopySink, Drive, StickBackup, Sticks
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import Outbox
from fieldkit.services.delivery.vouch_records import pending_vouches
from fieldkit.services.unit_of_work import UnitsOfWork

_LAST = "backup.last_at"
FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """How many records exist only here, and when a stick last took them over."""

    unsent: int
    last_at: datetime | None
    is_due: bool


class BackUp:
    """Backups by the signed-in user."""

    def __init__(self, units: UnitsOfWork, outbox: Outbox, sticks: Sticks) -> None:
        self._units, self._outbox, self._sticks = units, outbox, sticks

    def standing(self) -> BackupStanding:
        """Return whether unsent records exist and no backup is younger than a day."""
        with self._units.read() as unit:
            stored = unit.settings.get(_LAST)
        last = datetime.fromisoformat(stored) if isinstance(stored, str) else None
        counts = self._outbox.counts()
        unsent = sum(counts.get(state, 0) for state in UNACKNOWLEDGED)
        # A backup dated in the future comes from a clock that was wrong, and says nothing about its age.
        is_fresh = last is not None and timedelta() <= self._units.clock.now() - last < FRESH
        return BackupStanding(unsent, last, unsent > 0 and not is_fresh)

    def drives(self) -> Sequence[Drive]:
        """Return the sticks that are plugged in."""
        return self._sticks.drives()

    def make(self, place: str, sink: CopySink, cancel: Cancel) -> StickBackup:
        """Copy the store and everything unacknowledged to a stick, verified there. Blocks for as long as it takes.

        Raise `RuleError` `role.not_yours`, `backup.stopped`; `InputError` and `StoreError` `stick.…`.
        """
        self._units.demand(Permission.SEND)
        held = self._outbox.held()
        proven = {record.record_id for record in held if record.state is DeliveryState.ACKNOWLEDGED}
        made = self._sticks.back_up(place, proven, sink, cancel)
        with self._units.write(Permission.SEND) as work:
            work.note("backup_made", made.kit, digest=made.digest, records=made.records, bytes=made.size_bytes)
            work.unit.settings.put(_LAST, made.made_at.isoformat())
        return made

    def hand_over(self, record_id: str, place: str) -> str:
        """Copy one record with its manifest to a stick and return the folder; it stays in this queue as it is.

        What a team lead signed for it, and the data center does not have yet, goes along.

        Raise `RuleError` `role.not_yours`; `InputError` and `StoreError` `stick.…`, `store.file_gone`.
        """
        self._units.demand(Permission.SEND)
        with self._units.read() as unit:
            vouches = pending_vouches(unit)
        folder = self._sticks.carry(place, [record_id], vouches)
        with self._units.write(Permission.SEND) as work:
            work.note("record_carried", record_id)
        return folder
