"""The logs of the other kits of the team, beside this kit's own: each chain whole, none mixed with another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from fieldkit.domain.errors import InputError, Recovery, RuleError
from fieldkit.domain.events import Event, digest_of
from fieldkit.ports.exchange import Chain
from fieldkit.storage import mappers
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.tables import chains, events


class ForeignChains:
    """Reads all chains and appends to those of others."""

    def __init__(self, connection: Connection, chain: KitChain) -> None:
        self._connection, self._kit = connection, chain

    def chains(self) -> Sequence[Chain]:
        """Return every chain, oldest first."""
        rows = self._connection.execute(select(chains).order_by(chains.c.row))
        return [Chain(row.chain, row.kit, row.started_at) for row in rows]

    def events_since(self, row: int) -> Sequence[Event]:
        """Return the events that were taken down after a row."""
        found = select(events).where(events.c.row > row).order_by(events.c.row)
        return [mappers.event_of(each) for each in self._connection.execute(found)]

    def last_acts(self) -> Mapping[str, tuple[str, datetime]]:
        """Return who of this kit acted last upon each thing, and when."""
        mine = events.c.chain == self._kit.chain
        found = select(events.c.aggregate, events.c.actor, events.c.at).where(mine).order_by(events.c.sequence)
        return {row.aggregate: (row.actor, row.at) for row in self._connection.execute(found)}

    def take(self, told: Sequence[Chain], came: Sequence[Event]) -> int:
        """Append what is new. Raise `InputError("exchange.broken")`, `RuleError("exchange.fork")`."""
        known = {each.chain: each.kit for each in self.chains()}
        for each in told:
            if each.chain not in known:
                if each.kit == self._kit.kit:  # this kit began it and does not know it: an old copy of the store
                    raise _fork(each.kit, 1)
                values = {"chain": each.chain, "kit": each.kit, "started_at": each.started_at}
                self._connection.execute(insert(chains).values(values))
                known[each.chain] = each.kit
        ends = {chain: self._end(chain) for chain in known}
        new = []
        for event in came:
            if known.get(event.chain) != event.kit or event.digest != digest_of(event.line()):
                raise InputError("exchange.broken")
            sequence, digest = ends[event.chain]
            if event.sequence <= sequence:
                self._demand_same(event)
                continue
            if event.chain == self._kit.chain:  # as above
                raise _fork(event.kit, event.sequence)
            if event.sequence != sequence + 1:
                raise InputError("exchange.broken")
            if event.previous != digest:
                raise _fork(event.kit, event.sequence)
            ends[event.chain] = event.sequence, event.digest
            new.append(mappers.event_values(event))
        if new:
            self._connection.execute(insert(events), new)
        return len(new)

    def _end(self, chain: str) -> tuple[int, str]:
        on_chain = select(events.c.sequence, events.c.digest).where(events.c.chain == chain)
        last = self._connection.execute(on_chain.order_by(events.c.sequence.desc()).limit(1)).first()
        return (last.sequence, last.digest) if last is not None else (0, "")

    def _demand_same(self, event: Event) -> None:
        mine = (events.c.chain == event.chain) & (events.c.sequence == event.sequence)
        if self._connection.scalar(select(events.c.digest).where(mine)) != event.digest:
            raise _fork(event.kit, event.sequence)


def _fork(kit: str, sequence: int) -> RuleError:
    return RuleError("exchange.fork", recovery=Recovery.ASK_OFFICE, kit=kit, sequence=sequence)
