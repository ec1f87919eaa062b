"""The revisions of everything that travels. What is shown stands in its own table, the others stand here beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection

from fieldkit.domain.events import Event, digest_of
from fieldkit.domain.exchange import (
    ATTACHMENT,
    COUNTED,
    IN_ORDER,
    Revision,
    Revisions,
    Watermark,
    in_order,
    stepped,
    united,
)
from fieldkit.ports.exchange import Chain, Peer
from fieldkit.storage.mappers import read_plain_json
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.repositories.foreign_chains import ForeignChains
from fieldkit.storage.repositories.shared_values import SharedValues, read_value, write_value
from fieldkit.storage.repositories.things import put
from fieldkit.storage.tables import events, peers, revisions

_FEW = 50


class Role(StrEnum):
    """What a row is for."""

    SHOWN = "shown"  # its body stands in its own table
    BESIDE = "beside"  # the other side of a conflict


class SqlRevisions:
    """`fieldkit.ports.exchange.RevisionRepository` over the tables `revisions` and `peers`."""

    def __init__(self, connection: Connection, chain: KitChain, note_erasing: Callable[[], None]) -> None:
        self._connection, self._kit, self._note_erasing = connection, chain, note_erasing
        self._values = SharedValues(connection, note_erasing)
        self._foreign = ForeignChains(connection, chain)

    @property
    def chain(self) -> str:
        """The chain of this kit."""
        return self._kit.chain

    def catch_up(self, at: datetime) -> int:
        """Take down what changed here since the last time; return how many things."""
        kept = select(revisions.c.kind, revisions.c.thing_id, revisions.c.activity_id, revisions.c.kept)
        rows = self._connection.execute(kept.where(revisions.c.role == Role.SHOWN.value))
        shown = {(row.kind, row.thing_id): row for row in rows}
        changed: list[tuple[str, str, str, str]] = []
        for kind, thing_id, activity_id, body in self._values.everything():
            row = shown.pop((kind, thing_id), None)
            if row is None or row.kept != digest_of(body):
                changed.append((kind, thing_id, activity_id, body))
        gone = (row for row in shown.values() if row.kept != digest_of(""))
        changed += [(row.kind, row.thing_id, row.activity_id, "") for row in gone]
        changed.sort(key=lambda each: IN_ORDER.index(each[0]))
        if changed:
            self._take_down(changed, at)
        return len(changed)

    def watermark(self) -> Watermark:
        """Return how far this store goes."""
        last_event = self._connection.scalar(select(func.max(events.c.row)))
        return Watermark(self._last_number(), last_event or 0)

    def since(self, watermark: Watermark) -> Sequence[Revision]:
        """Return the standing revisions after a watermark, parts after what they belong to."""
        found = select(revisions).where(revisions.c.number > watermark.revision)
        rows = self._connection.execute(found.order_by(revisions.c.number)).all()
        return [revision for kind in IN_ORDER for revision in self._of_kind(kind, [r for r in rows if r.kind == kind])]

    def of(self, kind: str, thing_id: str) -> Revisions:
        """Return the standing revisions of one thing."""
        mine = (revisions.c.kind == kind) & (revisions.c.thing_id == thing_id)
        return in_order(self._revision(row) for row in self._connection.execute(select(revisions).where(mine)))

    def keys(self) -> Collection[tuple[str, str]]:
        """Return kind and id of every thing that has a revision."""
        rows = self._connection.execute(select(revisions.c.kind, revisions.c.thing_id))
        return {(row.kind, row.thing_id) for row in rows}

    def stand_new(self, came: Sequence[Revision], files: Mapping[str, bytes]) -> None:
        """Take over things that nobody knew here, one revision each. Raise `InputError("exchange.broken")`."""
        number = self._last_number() + 1
        rows = []
        for kind in IN_ORDER:
            mine = [each for each in came if each.kind == kind]
            if kind == ATTACHMENT or any(each.is_removal for each in mine):
                kept = {e.thing_id: self._values.put(kind, e.thing_id, e.body, files) for e in mine}
            else:
                kept = dict(self._values.put_many(kind, {each.thing_id: each.body for each in mine}))
            rows += [_values(each, Role.SHOWN, number, kept[each.thing_id]) for each in mine]
        self._insert_all(rows)

    def bump(self) -> tuple[str, int]:
        """Return this kit's chain and the next number of a change."""
        return self._kit.chain, self._last_number() + 1

    def stand(self, standing: Revisions, files: Mapping[str, bytes]) -> None:
        """Let these stand for their thing and show the first. Raise `InputError("exchange.broken")`."""
        first = standing[0]
        was = {each.digest: each for each in self.of(first.kind, first.thing_id)}
        kept = self._values.put(first.kind, first.thing_id, first.body, files)
        self._stand(standing, kept, was)

    def conflicts(self) -> Sequence[Revisions]:
        """Return every thing with more than one standing revision, the newest first."""
        beside = select(revisions.c.kind, revisions.c.thing_id).where(revisions.c.role == Role.BESIDE.value).distinct()
        found = [self.of(kind, thing_id) for kind, thing_id in self._connection.execute(beside).all()]
        return sorted(found, key=lambda standing: max(each.at for each in standing), reverse=True)

    def count_conflicts(self) -> int:
        """Return how many there are."""
        beside = select(revisions.c.kind, revisions.c.thing_id).where(revisions.c.role == Role.BESIDE.value).distinct()
        return self._connection.execute(select(func.count()).select_from(beside.subquery())).scalar_one()

    def read(self, kind: str, body: str) -> object:
        """Return the value of a body. Raise `InputError("exchange.broken")`."""
        value: object = read_value(kind, body)
        return value

    def write(self, value: object) -> str:
        """Return the body of a value."""
        return write_value(value)

    def chains(self) -> Sequence[Chain]:
        """Return every chain that the log has."""
        return self._foreign.chains()

    def events_since(self, watermark: Watermark) -> Sequence[Event]:
        """Return the events that this store took down after a watermark."""
        return self._foreign.events_since(watermark.event)

    def take_events(self, chains: Sequence[Chain], events: Sequence[Event]) -> int:
        """Append what other kits logged; return how many were new."""
        return self._foreign.take(chains, events)

    def peers(self) -> Sequence[Peer]:
        """Return the other laptops, each with its newest chain, by kit."""
        rows = self._connection.execute(select(peers).order_by(peers.c.kit, peers.c.read_at, peers.c.row))
        return [[_peer(row) for row in of_kit][-1] for _, of_kit in groupby(rows, key=lambda row: row.kit)]

    def peer(self, chain: str) -> Peer | None:
        """Return the laptop that writes a chain."""
        row = self._connection.execute(select(peers).where(peers.c.chain == chain)).first()
        return _peer(row) if row else None

    def keep_peer(self, peer: Peer) -> None:
        """Insert or replace."""
        values = {
            "chain": peer.chain,
            "kit": peer.kit,
            "read_revision": peer.read.revision,
            "read_event": peer.read.event,
            "knows_revision": peer.knows.revision,
            "knows_event": peer.knows.event,
            "knows_of": peer.knows_of,
            "recipient": peer.recipient,
            "read_at": peer.read_at,
        }
        put(self._connection, peers, "chain", [values])

    # --- parts

    def _take_down(self, changed: Sequence[tuple[str, str, str, str]], at: datetime) -> None:
        """Note changes that were made here: upon what was shown, beside whatever stood beside it."""
        known, units, step = self.keys(), self._foreign.last_acts(), self.bump()
        fresh = []
        for kind, thing_id, activity_id, body in changed:
            standing = self.of(kind, thing_id) if (kind, thing_id) in known else ()
            actor, when = units.get(thing_id, ("", at))
            if standing and when <= standing[0].at:
                actor, when = "", at
            new = Revision(
                *(kind, thing_id, activity_id, digest_of(body), body),
                vector=stepped(standing[0].vector if standing else {}, step),
                kit=self._kit.kit,
                actor=actor,
                at=when,
                counts=self._counts(kind, body, standing[0].counts if standing else {}),
            )
            if not standing:
                fresh.append(_values(new, Role.SHOWN, step[1], new.digest))
                continue
            # The one that was changed goes, whatever its content was.
            now = united(standing[1:], new)
            is_shown = now[0].digest == new.digest
            kept = digest_of(body) if is_shown else self._values.put(kind, thing_id, now[0].body, {})
            self._stand(now, kept, {each.digest: each for each in standing})
        self._insert_all(fresh)

    def _stand(self, standing: Revisions, kept: str, was: Mapping[str, Revision]) -> None:
        first, number = standing[0], self._last_number() + 1  # before rows go: a number never comes again
        mine = (revisions.c.kind == first.kind) & (revisions.c.thing_id == first.thing_id)
        had = {row.digest: row.number for row in self._connection.execute(select(revisions).where(mine))}
        self._connection.execute(delete(revisions).where(mine))
        if len(was) > 1:
            self._note_erasing()  # the body of a side that does not hold any more
        for place, each in enumerate(standing):
            is_same = each.digest in was and dict(was[each.digest].vector) == dict(each.vector)
            role = Role.BESIDE if place else Role.SHOWN
            self._insert(each, role, had[each.digest] if is_same else number, "" if place else kept)

    def _insert(self, each: Revision, role: Role, number: int, kept: str) -> None:
        self._insert_all([_values(each, role, number, kept)])

    def _insert_all(self, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(revisions), rows)

    def _last_number(self) -> int:
        return self._connection.scalar(select(func.max(revisions.c.number))) or 0

    def _of_kind(self, kind: str, rows: Sequence[Any]) -> Iterator[Revision]:
        if len(rows) < _FEW:
            yield from map(self._revision, rows)
            return
        shown = {thing_id: body for thing_id, _, body in self._values.current(kind)}  # one query for all of them
        for row in rows:
            is_shown = row.role == Role.SHOWN.value
            yield self._with_body(row, shown.get(row.thing_id, "") if is_shown else row.body)

    def _revision(self, row: Any) -> Revision:
        is_shown = row.role == Role.SHOWN.value
        return self._with_body(row, self._values.body(row.kind, row.thing_id) if is_shown else row.body)

    def _with_body(self, row: Any, body: str) -> Revision:
        return Revision(
            *(row.kind, row.thing_id, row.activity_id, row.digest, body),
            vector={chain: tuple(numbers) for chain, numbers in read_plain_json(row.vector).items()},
            kit=row.kit,
            actor=row.actor,
            at=row.at,
            counts=read_plain_json(row.counts),
        )

    def _counts(self, kind: str, body: str, before: Mapping[str, int]) -> dict[str, int]:
        """Return what each chain did to a stock after this kit changed it."""
        if kind not in COUNTED or not body:
            return {}
        moved = int(read_plain_json(body)[COUNTED[kind]]) - sum(before.values())
        return {**before, self.chain: before.get(self.chain, 0) + moved}


def _values(each: Revision, role: Role, number: int, kept: str) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "thing_id": each.thing_id,
        "activity_id": each.activity_id,
        "digest": each.digest,
        "vector": json.dumps(dict(each.vector), sort_keys=True),
        "counts": json.dumps(dict(each.counts), sort_keys=True),
        "body": "" if role is Role.SHOWN else each.body,
        "kit": each.kit,
        "actor": each.actor,
        "at": each.at,
        "number": number,
        "role": role.value,
        "kept": kept,
    }


def _peer(row: Any) -> Peer:
    return Peer(
        row.kit,
        row.chain,
        Watermark(row.read_revision, row.read_event),
        Watermark(row.knows_revision, row.knows_event),
        row.knows_of,
        row.recipient,
        row.read_at,
    )
