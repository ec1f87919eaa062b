"""Open recordings and the encrypted rows of their samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from fieldkit.domain.recording.capture_policy import CAPTURED_AT
from fieldkit.domain.recording.capture_step import CaptureStep
from fieldkit.domain.recording.samples import Sample
from fieldkit.domain.recording.session import UNFINISHED, CaptureSession
from fieldkit.storage import mappers, tables
from fieldkit.storage.repositories.upsert import get, put
from fieldkit.storage.session_journal import SessionChanges


class SqlSessions:
    """`fieldkit.ports.store.Sessions` over the tables `sessions` and `samples`."""

    def __init__(self, connection: Connection, on_erased: Callable[[], None], changes: SessionChanges) -> None:
        """Call `on_erased` when bytes went that must not stay in the log of the database either."""
        self._connection, self._on_erased, self._changes = connection, on_erased, changes

    def save(self, session: CaptureSession) -> None:
        """Insert or replace the state of a session."""
        row = mappers.session_values(session)
        put(self._connection, tables.sessions, "session_id", [row])
        self._changes.sessions[session.session_id] = row

    def get(self, session_id: str) -> CaptureSession:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.session_of(get(self._connection, tables.sessions, "session_id", session_id))

    def unfinished(self) -> Sequence[CaptureSession]:
        """Return the sessions that are neither sealed, refused nor abandoned, oldest first."""
        still_open = select(tables.sessions).where(tables.sessions.c.phase.in_(UNFINISHED))
        still_open = still_open.order_by(tables.sessions.c.opened_at, tables.sessions.c.row)
        return [mappers.session_of(row) for row in self._connection.execute(still_open)]

    def put_samples(self, session_id: str, samples: Mapping[str, Sample]) -> None:
        """Keep samples by their id, but those that this transaction dropped already."""
        kept = {sample_id: sample for sample_id, sample in samples.items() if sample_id not in self._changes.dropped}
        rows = [mappers.sample_values(session_id, sample_id, sample) for sample_id, sample in kept.items()]
        put(self._connection, tables.samples, "sample_id", rows)
        self._changes.samples |= {row["sample_id"]: row for row in rows}

    def sample(self, sample_id: str) -> Sample:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.sample_of(get(self._connection, tables.samples, "sample_id", sample_id))

    def drop_samples(self, sample_ids: Iterable[str]) -> None:
        """Forget the bytes; unknown ids are no error."""
        dropped = list(sample_ids)
        self._connection.execute(delete(tables.samples).where(tables.samples.c.sample_id.in_(dropped)))
        self._changes.dropped.update(dropped)

    def erase(self, session_id: str) -> None:
        """Erase samples, biodata, companion and witnesses of an ended session; its phase and reason stay."""
        self._connection.execute(delete(tables.samples).where(tables.samples.c.session_id == session_id))
        fresh = tuple(CaptureStep.fresh(kind) for kind in CAPTURED_AT)
        session = replace(self.get(session_id), notice=None, biodata=None, inks=(), index_comparison=None)
        self.save(replace(session, steps=fresh))
        self._on_erased()
