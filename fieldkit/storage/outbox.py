"""The queue as delivery works on it: the same tables as the store, one committed transaction per call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import and_, func, or_, select, update

from fieldkit.domain.delivery import DeliveryState, advance
from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.events import digest_of
from fieldkit.ports.clock import Clock
from fieldkit.ports.outbox import HeldRecord, QueuedRecord, RunNote, StatusReceived
from fieldkit.ports.store import SealedFiles
from fieldkit.storage.mappers import Values
from fieldkit.storage.repositories.upsert import get
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import central_statuses, sealed_records
from fieldkit.storage.unit import SqlUnit

_ACTOR = "sync"  # the engine acts, whoever pressed the button stands in the event of the run
_CURSOR, _LAST_RUN = "sync.status_cursor", "sync.last_run"
_columns = sealed_records.c


class SqlOutbox:
    """`fieldkit.ports.outbox.Outbox` over the store and the folder of sealed files."""

    def __init__(self, store: SqlStore, files: SealedFiles, clock: Clock) -> None:
        self._store, self._files, self._clock = store, files, clock

    def pending(self, now: datetime) -> Sequence[QueuedRecord]:
        """List what may be sent now, oldest seal first: queued and due, and what a killed run left on its way."""
        is_due = and_(
            _columns.state == DeliveryState.QUEUED, or_(_columns.next_try_at.is_(None), _columns.next_try_at <= now)
        )
        is_on_its_way = _columns.state.in_((DeliveryState.SENDING, DeliveryState.RECEIVED))
        wanted = select(sealed_records).where(or_(is_due, is_on_its_way)).order_by(_columns.sealed_at, _columns.row)
        with self._store.read() as unit:
            return [
                QueuedRecord(
                    record_id=row.record_id,
                    manifest_jws=row.manifest_jws,
                    size_bytes=row.size_bytes,
                    sha256=row.sha256,
                    state=DeliveryState(row.state),
                    attempts=row.attempts,
                    next_try_at=row.next_try_at,
                    sent_bytes=row.offset_bytes,
                    reason=row.reason,
                )
                for row in unit.connection.execute(wanted)
            ]

    def held(self) -> Sequence[HeldRecord]:
        """List every record that is not purged."""
        wanted = select(_columns.record_id, _columns.sha256, _columns.state).order_by(_columns.sealed_at, _columns.row)
        with self._store.read() as unit:
            rows = unit.connection.execute(wanted.where(_columns.state != DeliveryState.PURGED))
            return [HeldRecord(row.record_id, row.sha256, DeliveryState(row.state)) for row in rows]

    def counts(self) -> Mapping[DeliveryState, int]:
        """Count the records of each state, purged ones included."""
        with self._store.read() as unit:
            rows = unit.connection.execute(select(_columns.state, func.count()).group_by(_columns.state))
            return {DeliveryState(state): number for state, number in rows}

    def sealed_bytes(self, record_id: str) -> BinaryIO:
        """Open the sealed file for reading; the caller closes it. Raise `StoreError("store.file_gone")`."""
        try:
            return self._files.path(record_id).open("rb")
        except FileNotFoundError as error:
            raise StoreError("store.file_gone", recovery=Recovery.ASK_OFFICE, record=record_id) from error

    def mark_sending(self, record_id: str) -> None:
        """Queued → Sending."""
        with self._moving(record_id, DeliveryState.SENDING):
            pass

    def mark_progress(self, record_id: str, offset: int) -> None:
        """Keep the offset that the server confirmed."""
        with self._store.write() as unit:
            _set(unit, record_id, {"offset_bytes": offset})

    def mark_received(self, record_id: str) -> None:
        """Keep that the server holds the whole; not yet proven by a receipt."""
        with self._moving(record_id, DeliveryState.RECEIVED) as unit:
            _set(unit, record_id, {"offset_bytes": _columns.size_bytes})

    def acknowledge(self, record_id: str, receipt_jws: str, at: datetime) -> None:
        """Received → Acknowledged, with the receipt that was verified. The first receipt stays."""
        with self._moving(record_id, DeliveryState.ACKNOWLEDGED) as unit:
            entry = unit.records.get(record_id)
            if not entry.receipt_jws:
                proof: Values = {"receipt_jws": receipt_jws, "acknowledged_at": at, "reason": "", "next_try_at": None}
                _set(unit, record_id, proof)
                unit.events.append("record_acknowledged", record_id, {"receipt": digest_of(receipt_jws)}, _ACTOR, at)

    def retry_later(self, record_id: str, next_try_at: datetime | None, reason: str) -> None:
        """Back to Queued. With a time the try failed (attempts + 1); with None the network did, nothing is counted."""
        with self._moving(record_id, DeliveryState.QUEUED) as unit:
            counted = 0 if next_try_at is None else 1
            again: Values = {"next_try_at": next_try_at, "reason": reason, "attempts": _columns.attempts + counted}
            _set(unit, record_id, again)

    def quarantine(self, record_id: str, reason: str) -> None:
        """→ Quarantined with a message code; a person decides."""
        with self._moving(record_id, DeliveryState.QUARANTINED) as unit:
            _set(unit, record_id, {"reason": reason, "next_try_at": None})
            unit.events.append("record_quarantined", record_id, {"reason": reason}, _ACTOR, self._clock.now())

    def status_cursor(self) -> str:
        """Return how far the status feed was read, "" at first."""
        with self._store.read() as unit:
            return unit.settings.get(_CURSOR) or ""

    def save_statuses(self, items: Sequence[StatusReceived], cursor: str) -> None:
        """Keep a page of the feed and its cursor together; an item that came before changes nothing."""
        with self._store.write() as unit:
            for item in items:
                self._save_status(unit, item)
            unit.settings.put(_CURSOR, cursor)

    def purge_candidates(self, acknowledged_before: datetime) -> Sequence[str]:
        """List acknowledged records whose last verdict is "valid" and that were acknowledged before this time."""
        said = central_statuses.c
        last_verdict = (
            select(said.verdict)
            .where(said.record_id == _columns.record_id, said.verdict != "")
            .order_by(said.row.desc())
            .limit(1)
            .scalar_subquery()
        )
        wanted = select(_columns.record_id).where(
            _columns.state == DeliveryState.ACKNOWLEDGED,
            _columns.acknowledged_at < acknowledged_before,
            last_verdict == "valid",
        )
        with self._store.read() as unit:
            return list(unit.connection.scalars(wanted.order_by(_columns.sealed_at, _columns.row)))

    def purge(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Purged: erase the sealed file, keep manifest and receipt."""
        with self._moving(record_id, DeliveryState.PURGED) as unit:
            unit.events.append("record_purged", record_id, {}, _ACTOR, at)
        # After the row: a file left by a crash is erased by the next purge or sweep, a row without its file would lie.
        self._files.erase(record_id)

    def last_run(self) -> RunNote | None:
        """Return how the last run ended, None before the first."""
        with self._store.read() as unit:
            kept: dict[str, Any] | None = unit.settings.get(_LAST_RUN)
        if kept is None:
            return None
        next_try_at = kept["next_try_at"]
        return RunNote(
            at=datetime.fromisoformat(kept["at"]),
            failures=kept["failures"],
            next_try_at=None if next_try_at is None else datetime.fromisoformat(next_try_at),
            problem=kept["problem"],
        )

    def save_run(self, note: RunNote) -> None:
        """Keep how this run ended."""
        kept = {
            "at": note.at.isoformat(),
            "failures": note.failures,
            "next_try_at": None if note.next_try_at is None else note.next_try_at.isoformat(),
            "problem": note.problem,
        }
        with self._store.write() as unit:
            unit.settings.put(_LAST_RUN, kept)

    @contextmanager
    def _moving(self, record_id: str, wanted: DeliveryState) -> Iterator[SqlUnit]:
        """Open a write in which the record goes to a state. Raise `RuleError` when no way leads there."""
        with self._store.write() as unit:
            current = DeliveryState(get(unit.connection, sealed_records, "record_id", record_id).state)
            _set(unit, record_id, {"state": advance(current, wanted).value})
            yield unit

    def _save_status(self, unit: SqlUnit, item: StatusReceived) -> None:
        status = item.status
        if unit.records.note_status(item.record_id, status, item.verdict):
            said = {"code": status.code, "source": status.source, "verdict": item.verdict}
            unit.events.append("status_received", item.record_id, said, _ACTOR, self._clock.now())


def _set(unit: SqlUnit, record_id: str, values: Values) -> None:
    """Write delivery columns. Raise `StoreError("store.not_found")`."""
    get(unit.connection, sealed_records, "record_id", record_id)
    unit.connection.execute(update(sealed_records).where(_columns.record_id == record_id).values(values))
