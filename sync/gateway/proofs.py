"""Proof that the bytes of a record are here now: a digest that only somebody who reads them all can give."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.custody import DAMAGED, fault_named, mark_lost, mark_verified
from sync.gateway.tables import manifests, records
from sync.protocol.messages import ProofAnswer, ProofQuestion


class Proofs:
    """Answers whether a kit may erase its own copy."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def prove(self, kit: str, question: ProofQuestion) -> ProofAnswer:
        """Read the whole object and return its digest behind the nonce.

        What is found missing or damaged by this is lost from now on. Raise `Refusal` 404 `record.not_here`,
        410 `record.erased` after its time, 503 `objects.away` when the store does not answer.
        """
        query = (
            sa.select(records.c.key, records.c.receipt, records.c.erased_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(records.c.kit == kit, records.c.record_id == str(question.record_id), records.c.lost_at.is_(None))
        )
        with self._context.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise Refusal(404, "record.not_here")
        if row.erased_at is not None:
            raise Refusal(410, "record.erased")
        proof, plain, size = hashlib.sha256(bytes.fromhex(question.nonce)), hashlib.sha256(), 0
        fault = ""
        try:
            for piece in self._context.blobs.pieces(row.key):
                proof.update(piece)
                plain.update(piece)
                size += len(piece)
        except OSError as error:
            try:
                fault = fault_named(self._context.blobs, error)
            except OSError:
                raise Refusal(503, "objects.away") from error
        if (size, plain.hexdigest()) != (row.size_bytes, row.sha256):
            fault = fault or DAMAGED
        if fault:
            mark_lost(self._context, kit, row.record_id, row.receipt, fault)
            raise Refusal(404, "record.not_here", fault)
        mark_verified(self._context, kit, row.record_id, row.receipt)
        return ProofAnswer(digest=proof.hexdigest(), size_bytes=size)
