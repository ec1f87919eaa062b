"""The queue as delivery works on it: the same tables as the store, one committed transaction per call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from fieldkit.domain.delivery import BELIEVED_AHEAD, DeliveryState, advance
from fieldkit.domain.errors import Recovery, RuleError, StoreError
from fieldkit.domain.events import digest_of
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import HeldRecord, PurgeCandidate, QueuedRecord, RunNote, StatusReceived
from fieldkit.ports.recording import SealedFiles
from fieldkit.storage.mappers import Values
from fieldkit.storage.repositories.things import get
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import central_statuses, sealed_records
from fieldkit.storage.unit import SqlUnit

_ACTOR = "sync"  # the engine acts, whoever pressed the button stands in the event of the run
_CURSOR, _LAST_RUN = "sync.status_cursor", "sync.last_run"
# What a person wrote may name somebody: it stands in the erasable settings, the event has its digest.
_ASIDE = "delivery.set_aside."
_RELEASED = "record_released"
_columns = sealed_records.c


class SqlOutbox:
    """`fieldkit.ports.delivery.Outbox` over the store and the folder of sealed files."""

    def __init__(self, store: SqlStore, files: SealedFiles, clock: Clock) -> None:
        self._store, self._files, self._clock = store, files, clock

    def pending(self, now: datetime) -> Sequence[QueuedRecord]:
        """List what may be sent now, oldest seal first: queued and due, and what a killed run left on its way."""
        next_try_at = _columns.next_try_at
        has_come = or_(next_try_at.is_(None), next_try_at <= now, next_try_at > now + BELIEVED_AHEAD)
        is_due = and_(_columns.state == DeliveryState.QUEUED, has_come)
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
        return self._known(_columns.state != DeliveryState.PURGED)

    def purged(self) -> Sequence[HeldRecord]:
        """List every purged record."""
        return self._known(_columns.state == DeliveryState.PURGED)

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
        """Received → Acknowledged, with the receipt that was verified; it replaces that of an earlier delivery."""
        with self._store.write() as unit:
            if _advance(unit, record_id, DeliveryState.ACKNOWLEDGED) is DeliveryState.ACKNOWLEDGED:
                return  # the same delivery: its first receipt stays
            proof: Values = {"receipt_jws": receipt_jws, "acknowledged_at": at, "reason": "", "next_try_at": None}
            _set(unit, record_id, proof)
            unit.finger_templates.erase(record_id)
            unit.events.append("record_acknowledged", record_id, {"receipt": digest_of(receipt_jws)}, _ACTOR, at)

    def lost_at_center(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Queued: the data center no longer has it. The event keeps the digest of the old receipt."""
        with self._store.write() as unit:
            _demand(unit, record_id, "delivery.no_way", DeliveryState.ACKNOWLEDGED)
            _advance(unit, record_id, DeliveryState.QUEUED)
            receipt = unit.records.get(record_id).receipt_jws
            _set(unit, record_id, {**_AFRESH, "acknowledged_at": None, "reason": "sync.lost_at_center"})
            unit.events.append("record_lost_at_center", record_id, {"receipt": digest_of(receipt)}, _ACTOR, at)

    def retry_later(self, record_id: str, next_try_at: datetime | None, reason: str) -> None:
        """Back to Queued. With a time the try failed (attempts + 1); with None the network did, nothing is counted."""
        with self._store.write() as unit:
            # Only the data center's own word takes an acknowledgement back, and only a person what was set aside.
            _refuse(unit, record_id, DeliveryState.ACKNOWLEDGED, DeliveryState.SET_ASIDE)
            _advance(unit, record_id, DeliveryState.QUEUED)
            counted = 0 if next_try_at is None else 1
            again: Values = {"next_try_at": next_try_at, "reason": reason, "attempts": _columns.attempts + counted}
            _set(unit, record_id, again)

    def quarantine(self, record_id: str, reason: str) -> None:
        """→ Quarantined with a message code; a person decides."""
        with self._moving(record_id, DeliveryState.QUARANTINED) as unit:
            _set(unit, record_id, {"reason": reason, "next_try_at": None})
            unit.events.append("record_quarantined", record_id, {"reason": reason}, _ACTOR, self._clock.now())

    def release_once(self, record_id: str) -> bool:
        """→ Queued what was held back for a reason that has ended; a second time it stays and False is returned."""
        with self._store.write() as unit:
            if any(event.kind == _RELEASED for event in unit.events.of(record_id)):
                return False
            self._take_up(unit, record_id, _RELEASED, _ACTOR)
            return True

    def send_again(self, record_id: str, actor: str) -> None:
        """Quarantined, or queued for later → Queued now, by a person. Raise `RuleError("delivery.not_held")`."""
        with self._store.write() as unit:
            _demand(unit, record_id, "delivery.not_held", DeliveryState.QUARANTINED, DeliveryState.QUEUED)
            self._take_up(unit, record_id, "record_sent_again", actor)

    def set_aside(self, record_id: str, reason: str, actor: str) -> None:
        """Quarantined → Set aside by a person with a reason. Raise `RuleError("delivery.not_held")`."""
        with self._store.write() as unit:
            _demand(unit, record_id, "delivery.not_held", DeliveryState.QUARANTINED)
            _advance(unit, record_id, DeliveryState.SET_ASIDE)
            _set(unit, record_id, {"reason": "sync.set_aside", "next_try_at": None})
            unit.settings.put(_ASIDE + record_id, reason)
            said = {"reason": digest_of(reason)}
            unit.events.append("record_set_aside", record_id, said, actor, self._clock.now())

    def take_back(self, record_id: str, actor: str) -> None:
        """Set aside → Queued by a person. Raise `RuleError("delivery.not_aside")`."""
        with self._store.write() as unit:
            _demand(unit, record_id, "delivery.not_aside", DeliveryState.SET_ASIDE)
            self._take_up(unit, record_id, "record_taken_back", actor)

    def why_aside(self, record_id: str) -> str:
        """Return what the person wrote who set the record aside, "" when nobody did."""
        with self._store.read() as unit:
            return unit.settings.get(_ASIDE + record_id) or ""

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

    def purge_candidates(self) -> Sequence[PurgeCandidate]:
        """List acknowledged records whose last verdict is "valid", oldest seal first."""
        said = central_statuses.c
        last_verdict = (
            select(said.verdict)
            .where(said.record_id == _columns.record_id, said.verdict != "")
            .order_by(said.row.desc())
            .limit(1)
            .scalar_subquery()
        )
        wanted = select(sealed_records).where(
            _columns.state == DeliveryState.ACKNOWLEDGED, last_verdict == "valid", _columns.receipt_jws != ""
        )
        with self._store.read() as unit:
            return [
                PurgeCandidate(row.record_id, row.sha256, row.size_bytes, row.manifest_jws, row.receipt_jws)
                for row in unit.connection.execute(wanted.order_by(_columns.sealed_at, _columns.row))
            ]

    def purge(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Purged: erase the sealed file, keep manifest and receipt."""
        with self._moving(record_id, DeliveryState.PURGED) as unit:
            unit.finger_templates.erase(record_id)
            unit.events.append("record_purged", record_id, {}, _ACTOR, at)
        # After the row: a file left by a crash is erased by the next purge or sweep, a row without its file would lie.
        self._files.erase(record_id)

    def last_run(self) -> RunNote | None:
        """Return how the last run ended, None before the first."""
        with self._store.read() as unit:
            kept = unit.settings.get(_LAST_RUN)
        # What cannot be read is no note: the next run must not fail at how the last one ended.
        try:
            return _note_of(kept)
        except (KeyError, TypeError, ValueError):
            return None

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

    def _known(self, which: ColumnElement[bool]) -> Sequence[HeldRecord]:
        wanted = select(_columns.record_id, _columns.sha256, _columns.state, _columns.reason).where(which)
        with self._store.read() as unit:
            rows = unit.connection.execute(wanted.order_by(_columns.sealed_at, _columns.row))
            return [HeldRecord(row.record_id, row.sha256, DeliveryState(row.state), row.reason) for row in rows]

    @contextmanager
    def _moving(self, record_id: str, wanted: DeliveryState) -> Iterator[SqlUnit]:
        """Open a write in which the record goes to a state. Raise `RuleError` when no way leads there."""
        with self._store.write() as unit:
            _advance(unit, record_id, wanted)
            yield unit

    def _take_up(self, unit: SqlUnit, record_id: str, kind: str, actor: str) -> None:
        _advance(unit, record_id, DeliveryState.QUEUED)
        _set(unit, record_id, {**_AFRESH, "reason": ""})
        unit.events.append(kind, record_id, {}, actor, self._clock.now())

    def _save_status(self, unit: SqlUnit, item: StatusReceived) -> None:
        status = item.status
        if unit.records.note_status(item.record_id, status, item.verdict):
            said = {"code": status.code, "source": status.source, "verdict": item.verdict}
            unit.events.append("status_received", item.record_id, said, _ACTOR, self._clock.now())


def _set(unit: SqlUnit, record_id: str, values: Values) -> None:
    """Write delivery columns. Raise `StoreError("store.not_found")`."""
    get(unit.connection, sealed_records, "record_id", record_id)
    unit.connection.execute(update(sealed_records).where(_columns.record_id == record_id).values(values))


_AFRESH: Values = {"attempts": 0, "next_try_at": None, "offset_bytes": 0}


def _state(unit: SqlUnit, record_id: str) -> DeliveryState:
    return DeliveryState(get(unit.connection, sealed_records, "record_id", record_id).state)


def _advance(unit: SqlUnit, record_id: str, wanted: DeliveryState) -> DeliveryState:
    """Move a record and return the state it was in. Raise `RuleError` when no way leads there."""
    before = _state(unit, record_id)
    _set(unit, record_id, {"state": advance(before, wanted).value})
    return before


def _demand(unit: SqlUnit, record_id: str, code: str, *states: DeliveryState) -> None:
    current = _state(unit, record_id)
    if current not in states:
        raise RuleError(code, current=current.value, wanted=DeliveryState.QUEUED.value)


def _refuse(unit: SqlUnit, record_id: str, *states: DeliveryState) -> None:
    _demand(unit, record_id, "delivery.no_way", *(state for state in DeliveryState if state not in states))


def _note_of(kept: Any) -> RunNote:
    """Raise `KeyError`, `TypeError` or `ValueError` when the note is not one of ours."""
    at, next_try_at = (None if kept[name] is None else _aware(kept[name]) for name in ("at", "next_try_at"))
    if at is None:
        raise ValueError("a run without its time")
    return RunNote(at, int(kept["failures"]), next_try_at, str(kept["problem"]))


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment
