"""The queue of sealed records with the statuses that the data center reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, case, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as insert_or_not
from sqlalchemy.engine import Connection

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.sealed import QueueEntry, SealedRecord
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.recording.record import ChainLink
from fieldkit.storage import mappers
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.repositories.upsert import chunks, not_found
from fieldkit.storage.search_terms import masked_query
from fieldkit.storage.tables import central_statuses, sealed_records

_FOUND = text("sealed_records.row IN (SELECT rowid FROM sealed_records_fts WHERE sealed_records_fts MATCH :words)")


class SqlSealedRecords:
    """`fieldkit.ports.store.SealedRecords` over the table `sealed_records`."""

    def __init__(self, connection: Connection, chain: KitChain) -> None:
        self._connection, self._chain = connection, chain

    def add(self, record: SealedRecord) -> None:
        """Append a record as queued. Raise `StoreError("store.record_exists")` for a second one of the same id."""
        same = select(sealed_records.c.row).where(sealed_records.c.record_id == record.record_id)
        if self._connection.scalar(same) is not None:
            raise StoreError("store.record_exists", recovery=Recovery.NONE, record=record.record_id)
        self._connection.execute(insert(sealed_records).values(mappers.record_values(record)))

    def get(self, record_id: str) -> QueueEntry:
        """Return one. Raise `StoreError("store.not_found")`."""
        for entry in self._entries(select(sealed_records).where(sealed_records.c.record_id == record_id)):
            return entry
        raise not_found(record_id)

    def search(self, text: str = "", limit: int | None = None) -> Sequence[QueueEntry]:
        """Return entries, oldest unacknowledged first, then the newest acknowledged ones."""
        # First which, over a narrow index: to sort the rows themselves reads every manifest.
        which = select(sealed_records.c.row)
        if words := masked_query(text):
            which = which.where(_FOUND.bindparams(words=words))
        sealed_at = sealed_records.c.sealed_at
        waits = sealed_records.c.state.in_(UNACKNOWLEDGED)
        order = (waits.desc(), case((waits, sealed_at)), sealed_at.desc(), sealed_records.c.row)
        rows = self._connection.scalars(which.order_by(*order).limit(limit)).all()
        found = {
            row: entry
            for some in chunks(rows)
            for row, entry in self._numbered(select(sealed_records).where(sealed_records.c.row.in_(some)))
        }
        return [found[row] for row in rows]

    def found(self, text: str) -> frozenset[str]:
        """Return the ids of all records that a search for a text finds, without reading the records."""
        wanted = select(sealed_records.c.record_id)
        if words := masked_query(text):
            wanted = wanted.where(_FOUND.bindparams(words=words))
        return frozenset(self._connection.scalars(wanted))

    def oldest_waiting(self) -> datetime | None:
        """Return when the oldest record was sealed that nobody acknowledged, None when all are."""
        waiting = sealed_records.c.state.in_(UNACKNOWLEDGED)
        oldest: datetime | None = self._connection.scalar(select(func.min(sealed_records.c.sealed_at)).where(waiting))
        return oldest

    def with_ids(self, record_ids: Iterable[str]) -> Mapping[str, QueueEntry]:
        """Return entries by their id; unknown ids are left out."""
        return {
            entry.record.record_id: entry
            for some in chunks(record_ids)
            for entry in self._entries(select(sealed_records).where(sealed_records.c.record_id.in_(some)))
        }

    def of_activity(self, activity_id: str) -> Sequence[QueueEntry]:
        """Return the records of one activity that none amends, of whatever activity, oldest first."""
        amended = select(sealed_records.c.amends).where(sealed_records.c.amends != "")
        mine = select(sealed_records).where(
            sealed_records.c.activity_id == activity_id, sealed_records.c.record_id.not_in(amended)
        )
        return self._entries(mine.order_by(sealed_records.c.sealed_at, sealed_records.c.row))

    def note_status(self, record_id: str, status: CentralStatus, verdict: str = "") -> bool:
        """Append what was said about a record; return whether it is new."""
        new = insert_or_not(central_statuses).values(
            record_id=record_id,
            code=status.code,
            source=status.source,
            observed_at=status.observed_at,
            reason=status.reason,
            verdict=verdict,
        )
        return bool(self._connection.execute(new.on_conflict_do_nothing()).rowcount)

    def next_link(self) -> ChainLink:
        """Return the place of the next record in this kit's chain."""
        on_chain = select(sealed_records.c.sequence, sealed_records.c.sha256)
        on_chain = on_chain.where(sealed_records.c.chain == self._chain.chain)
        last = self._connection.execute(on_chain.order_by(sealed_records.c.sequence.desc()).limit(1)).first()
        return (
            ChainLink(self._chain.chain, last.sequence + 1, last.sha256)
            if last
            else ChainLink(self._chain.chain, 1, "")
        )

    def is_taken(self, link: ChainLink) -> bool:
        """Return whether a record stands on this place of a chain."""
        same = (sealed_records.c.chain == link.chain) & (sealed_records.c.sequence == link.sequence)
        return self._connection.scalar(select(sealed_records.c.row).where(same)) is not None

    def states(self, record_ids: Iterable[str]) -> dict[str, DeliveryState]:
        """Return where these records are, without reading them; unknown ids are left out."""
        columns = sealed_records.c
        return {
            row.record_id: DeliveryState(row.state)
            for some in chunks(record_ids)
            for row in self._connection.execute(
                select(columns.record_id, columns.state).where(columns.record_id.in_(some))
            )
        }

    def by_nik(self, nik_digest: str) -> Sequence[QueueEntry]:
        """Return the records of one NIK on this laptop, oldest first."""
        same = select(sealed_records).where(sealed_records.c.nik_digest == nik_digest)
        return self._entries(same.order_by(sealed_records.c.sealed_at))

    def known(self, nik_digests: Iterable[str]) -> set[str]:
        """Return those of the digests that have a record on this laptop."""
        column = sealed_records.c.nik_digest
        return {
            digest
            for some in chunks(nik_digests)
            for digest in self._connection.scalars(select(column).where(column.in_(some)))
        }

    def _entries(self, wanted: Select[Any]) -> list[QueueEntry]:
        return [entry for _, entry in self._numbered(wanted)]

    def _numbered(self, wanted: Select[Any]) -> list[tuple[int, QueueEntry]]:
        rows = self._connection.execute(wanted).all()
        ids = wanted.with_only_columns(sealed_records.c.record_id).subquery()
        said = select(central_statuses).where(central_statuses.c.record_id.in_(select(ids)))
        said = said.order_by(central_statuses.c.record_id, central_statuses.c.row)
        by_record = {
            record_id: list(statuses)
            for record_id, statuses in groupby(self._connection.execute(said), key=lambda status: status.record_id)
        }
        return [(row.row, mappers.entry_of(row, by_record.get(row.record_id, ()))) for row in rows]
