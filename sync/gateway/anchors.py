"""The newest events of the kits' logs, as the kits signed them: whoever rewrites a log cannot rewrite these."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import KnownError
from sync.gateway.certificates import kit_certificates
from sync.gateway.context import GatewayContext
from sync.gateway.database import fits_a_row
from sync.gateway.tables import anchors
from sync.protocol.messages import ANCHOR_TYP, Anchors, AnchorsAnswer, AnchorWord


class AnchorKeeper:
    """Keeps what a kit anchors. Nothing is replaced: a second word on one place proves that a log was rewritten."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def keep(self, kit: str, message: Anchors) -> AnchorsAnswer:
        """Keep each anchor and return one word for it, with the newest kept ones of the kit's chains."""
        words = tuple(self._keep(kit, jws) for jws in message.anchors)
        newest = sa.select(anchors.c.chain, sa.func.max(anchors.c.sequence)).where(anchors.c.kit == kit)
        with self._context.reading() as connection:
            tops = connection.execute(newest.group_by(anchors.c.chain).order_by(anchors.c.chain)).all()
            kept = tuple(_first_at(connection, kit, chain, sequence)[1] for chain, sequence in tops)
        return AnchorsAnswer(words=words, kept=kept)

    def _keep(self, kit: str, jws: str) -> str:
        word = self._verified(kit, jws)
        if word is None or word.kit != kit:
            return "anchor.invalid"
        with suppress(IntegrityError), self._context.engine.begin() as connection:
            is_known = connection.scalar(
                sa.select(sa.literal(1))
                .select_from(anchors)
                .filter_by(kit=kit, chain=word.chain, sequence=word.sequence, digest=word.digest)
            )
            top = connection.scalar(sa.select(sa.func.max(anchors.c.sequence)).filter_by(kit=kit, chain=word.chain))
            first, _ = _first_at(connection, kit, word.chain, word.sequence)
            if not first and top is not None and word.sequence < top:
                return "anchor.behind"
            if not is_known:
                values = word.model_dump(exclude={"kit"})
                connection.execute(
                    sa.insert(anchors).values(kit=kit, **values, jws=jws, received_at=self._context.clock.now())
                )
        return "anchor.forked" if first and first != word.digest else ""

    def _verified(self, kit: str, jws: str) -> AnchorWord | None:
        with self._context.reading() as connection:
            certificates = kit_certificates(connection, kit)
        for certificate in certificates:
            with suppress(KnownError, ValidationError):
                payload = self._context.verifier_for(certificate.certificate).verify(jws, ANCHOR_TYP)
                word = AnchorWord.model_validate(payload)
                return word if fits_a_row(word.chain, word.sequence) else None
        return None


def _first_at(connection: sa.Connection, kit: str, chain: str, sequence: int) -> tuple[str, str]:
    """Return digest and JWS of the word that came first for a place of a chain, twice "" when none did."""
    query = (
        sa.select(anchors.c.digest, anchors.c.jws)
        .filter_by(kit=kit, chain=chain, sequence=sequence)
        .order_by(anchors.c.received_at, anchors.c.digest)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return ("", "") if row is None else (row.digest, row.jws)
