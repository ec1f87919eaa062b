"""The append-only log and the chain that this kit writes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.engine import Connection

from fieldkit.domain.delivery import Anchor
from fieldkit.domain.events import ChainFault, ChainHead, Event, canonical_json, digest_of, verify_chain
from fieldkit.ports.clock import Ids
from fieldkit.ports.store import Store
from fieldkit.storage import mappers
from fieldkit.storage.tables import chains, events

# Anchors for delivery: the same table as the store, one committed transaction per call.


class StoredAnchors:
    """`fieldkit.ports.delivery.AnchorBook` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        with self._store.read() as unit:
            return unit.anchors.heads()

    def keep(self, anchors: Sequence[Anchor]) -> None:
        """Keep what the data center holds."""
        if anchors:
            with self._store.write() as unit:
                for anchor in anchors:
                    unit.anchors.keep(anchor)


# Each write of the program runs these: building a statement takes longer than asking SQLite.
_LAST = (
    select(events.c.sequence, events.c.digest)
    .where(events.c.chain == bindparam("of"))
    .order_by(events.c.sequence.desc())
    .limit(1)
)
_VERSION = select(func.count()).select_from(events).where(events.c.aggregate == bindparam("of"))
_INSERT = insert(events)


@dataclass(frozen=True, slots=True)
class KitChain:
    """The kit, and the chain that its events and records stand on; a restored kit has a new one."""

    kit: str
    chain: str


def current_chain(connection: Connection, kit: str) -> KitChain | None:
    """Return the newest chain of this kit, None before its first."""
    newest = select(chains.c.chain).where(chains.c.kit == kit).order_by(chains.c.row.desc())
    chain = connection.scalar(newest.limit(1))
    return None if chain is None else KitChain(kit, chain)


def start_chain(connection: Connection, kit: str, chain: str, at: datetime) -> KitChain:
    """Begin a chain."""
    connection.execute(insert(chains).values(chain=chain, kit=kit, started_at=at))
    return KitChain(kit, chain)


class SqlEventLog:
    """`fieldkit.ports.store.EventLog` over the table `events`, which its triggers keep from changing."""

    def __init__(self, connection: Connection, chain: KitChain, ids: Ids) -> None:
        self._connection, self._chain, self._ids = connection, chain, ids
        self.has_appended = False
        self.noted: set[tuple[str, str]] = set()  # key and digest of what these events say of things

    @property
    def kit(self) -> str:
        """The kit that writes on this log."""
        return self._chain.kit

    def append(self, kind: str, aggregate: str, payload: Mapping[str, Any], actor: str, at: datetime) -> Event:
        """Append to this kit's chain and return the row."""
        last = self._connection.execute(_LAST, {"of": self._chain.chain}).first()
        draft = Event(
            event_id=self._ids.new(),
            kit=self._chain.kit,
            chain=self._chain.chain,
            sequence=last.sequence + 1 if last else 1,
            actor=actor,
            at=at.astimezone(UTC),  # the digest covers the text of the time, and the store returns UTC
            aggregate=aggregate,
            version=self._connection.scalar(_VERSION, {"of": aggregate}) or 0,
            kind=kind,
            payload=canonical_json(payload),
            previous=last.digest if last else "",
            digest="",
        )
        event = replace(draft, digest=digest_of(draft.line()))
        self._connection.execute(_INSERT, mappers.event_values(event))
        self.has_appended = True
        if "thing" in payload:
            self.noted.add((f"thing/{payload['thing']}/{aggregate}", str(payload.get("digest", ""))))
        return event

    def head(self) -> ChainHead | None:
        """Return the last event of this kit's chain, None for an empty one."""
        last = self._connection.execute(_LAST, {"of": self._chain.chain}).first()
        return ChainHead(self._chain.chain, last.sequence, last.digest) if last else None

    def holds(self, head: ChainHead) -> bool:
        """Return whether the log has this very event, or the chain of a head before its first."""
        if not head.sequence:
            return self._connection.scalar(select(chains.c.row).where(chains.c.chain == head.chain)) is not None
        same = (events.c.chain == head.chain) & (events.c.sequence == head.sequence) & (events.c.digest == head.digest)
        return self._connection.scalar(select(events.c.row).where(same)) is not None

    def of(self, aggregate: str) -> Sequence[Event]:
        """Return the rows of one aggregate in order."""
        rows = self._connection.execute(select(events).where(events.c.aggregate == aggregate).order_by(events.c.row))
        return [mappers.event_of(row) for row in rows]

    def last_of(self, aggregate: str) -> Event | None:
        """Return the newest row of one aggregate."""
        rows = select(events).where(events.c.aggregate == aggregate).order_by(events.c.row.desc())
        row = self._connection.execute(rows.limit(1)).first()
        return mappers.event_of(row) if row else None

    def newest_at(self, after: ChainHead | None, until: datetime | None) -> datetime | None:
        """Return the latest time of this kit's own rows after a row, none of them later than `until`."""
        newest = select(func.max(events.c.at)).where(events.c.kit == self._chain.kit)
        if after is not None:
            place = (events.c.chain == after.chain) & (events.c.sequence == after.sequence)
            newest = newest.where(events.c.row > func.coalesce(select(events.c.row).where(place).scalar_subquery(), 0))
        if until is not None:
            newest = newest.where(events.c.at <= until)
        found: datetime | None = self._connection.scalar(newest)
        return found

    def newest_id(self) -> str:
        """Return the greatest id of this kit's own rows, "" when there is none."""
        last = select(events.c.event_id).where(events.c.chain == chains.c.chain).order_by(events.c.sequence.desc())
        ends = select(last.limit(1).scalar_subquery()).where(chains.c.kit == self._chain.kit)  # ids rise in a chain
        return max(filter(None, self._connection.scalars(ends)), default="")

    def all(self) -> Iterator[Event]:
        """Return every row of every chain, oldest chain first, each in its order."""
        ordered = select(events).join(chains).order_by(chains.c.row, events.c.sequence)
        return (mappers.event_of(row) for row in self._connection.execute(ordered))

    def verify(self) -> tuple[int, ChainFault | None]:
        """Return how many rows there are and the first fault of any chain, oldest chain first."""
        rows = list(self.all())
        for _, chain in groupby(rows, key=lambda event: event.chain):
            if fault := verify_chain(chain):
                return len(rows), fault
        return len(rows), None
