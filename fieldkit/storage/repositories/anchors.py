"""Heads of this kit's chains that somebody else holds too."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from fieldkit.domain.delivery import Anchor, AnchorSource
from fieldkit.domain.events import ChainHead
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.tables import anchors, chains, events


class SqlAnchors:
    """`fieldkit.ports.delivery.Anchors` over the table `anchors`."""

    def __init__(self, connection: Connection, chain: KitChain) -> None:
        self._connection, self._chain = connection, chain

    def keep(self, anchor: Anchor) -> bool:
        """Keep an anchor; one that is there already stays as it is. Return whether it is new."""
        new = insert(anchors).values(
            chain=anchor.chain,
            sequence=anchor.sequence,
            digest=anchor.digest,
            at=anchor.at,
            source=anchor.source.value,
            jws=anchor.jws,
        )
        return bool(self._connection.execute(new.on_conflict_do_nothing()).rowcount)

    def all(self) -> Sequence[Anchor]:
        """Return all, in the order in which they came."""
        rows = self._connection.execute(select(anchors).order_by(anchors.c.row))
        return [Anchor(row.chain, row.sequence, row.digest, row.at, AnchorSource(row.source), row.jws) for row in rows]

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        last = select(events.c.chain, func.max(events.c.sequence).label("sequence")).group_by(events.c.chain).subquery()
        newest = (
            select(events.c.chain, events.c.sequence, events.c.digest)
            .join(last, and_(last.c.chain == events.c.chain, last.c.sequence == events.c.sequence))
            .join(chains, chains.c.chain == events.c.chain)
            .where(chains.c.kit == self._chain.kit)
            .order_by(chains.c.row)
        )
        return [ChainHead(row.chain, row.sequence, row.digest) for row in self._connection.execute(newest)]
