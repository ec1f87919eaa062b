"""What team leads answer for: signatures over records that were sealed before acts of authority were signed."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from fieldkit.domain.recording.authority import LEAD_WANTED
from sync.gateway.context import GatewayContext
from sync.gateway.tables import records, vouches
from sync.protocol.vouching import Vouch, Vouches, VouchesAnswer

_MOST = 8  # of one record: each is judged whenever the record is opened


class VouchKeeper:
    """Keeps what kits hand in and lets the opener look at their records again; only the opener judges a signature."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def keep(self, kit: str, message: Vouches) -> VouchesAnswer:
        """Keep each and return one word for it."""
        return VouchesAnswer(words=tuple(self._keep(kit, vouch) for vouch in message.vouches))

    def _keep(self, kit: str, vouch: Vouch) -> str:
        names = {"kit": kit, "record_id": str(vouch.record_id)}
        digest = hashlib.sha256(vouch.signature.encode()).hexdigest()
        with self._context.engine.begin() as connection:
            if connection.scalar(sa.select(records.c.kit).filter_by(**names)) is None:
                return "vouch.unknown"
            oldest = sa.select(vouches.c.digest).filter_by(**names).order_by(vouches.c.received_at)
            here = list(connection.scalars(oldest))
            if digest not in here:
                for gone in here[: max(0, len(here) + 1 - _MOST)]:
                    connection.execute(sa.delete(vouches).filter_by(**names, digest=gone))
                row = {"digest": digest, "jws": vouch.signature, "certificate": vouch.certificate}
                at = self._context.clock.now()
                connection.execute(sa.insert(vouches).values(**names, **row, received_at=at))
            waiting = sa.update(records).filter_by(**names, verdict="", set_aside_error=LEAD_WANTED)
            connection.execute(waiting.values(set_aside_at=None, set_aside_error="", tries=0))
        return ""
