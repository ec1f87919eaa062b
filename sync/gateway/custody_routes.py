"""Routes of custody: receipts, records that another laptop carries, proofs of bytes, anchors and readiness."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter, ValidationError

from sync.gateway.anchors import AnchorKeeper
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.proofs import Proofs
from sync.gateway.readiness import readiness
from sync.gateway.uploads import Uploads
from sync.gateway.vouches import VouchKeeper
from sync.protocol.messages import (
    Anchors,
    AnchorsAnswer,
    AnnouncementAnswer,
    CarriedRecords,
    KitId,
    ProofAnswer,
    ProofQuestion,
    Readiness,
    ReceiptAnswer,
)
from sync.protocol.vouching import Vouches, VouchesAnswer

OWNER_HEADER = "Fieldkit-Owner"
_KIT_ID: TypeAdapter[str] = TypeAdapter(KitId)


def owner_of(request: Request, kit: str) -> str:
    """Return the kit that sealed what a request is about: the asking one, unless it carries for another. Raise 400."""
    named = request.headers.get(OWNER_HEADER)
    if named is None:
        return kit
    try:
        return _KIT_ID.validate_python(named)
    except ValidationError as error:
        raise Refusal(400, "owner.invalid") from error


def custody_router(
    context: GatewayContext,
    uploads: Uploads,
    admitted: Callable[..., str],
    received: Callable[[], None],
    stopped: Callable[[], list[str]],
) -> APIRouter:
    """Return the routes; `received` is called after each new receipt, `stopped` names threads of ours that ended."""
    router = APIRouter()
    ledger, proofs, anchors = Ledger(context), Proofs(context), AnchorKeeper(context)
    vouches = VouchKeeper(context)

    @router.get("/receipts/{record_id}")
    def receipt(record_id: UUID, request: Request, kit: str = Depends(admitted)) -> ReceiptAnswer:
        owner = owner_of(request, kit)
        try:
            signed = uploads.receipt(owner, str(record_id), kit)
        except Refusal as refusal:
            if refusal.code != "manifest.unknown" or OWNER_HEADER in request.headers:
                raise
            # Not its own: a receipt goes to whoever asks.
            signed = uploads.receipt(ledger.owner_of(str(record_id), kit), str(record_id), kit)
        received()
        return ReceiptAnswer(receipt=signed)

    @router.post("/carried", dependencies=[Depends(admitted)])
    def carried(message: CarriedRecords) -> AnnouncementAnswer:
        return AnnouncementAnswer(manifests=tuple(ledger.announce_carried(jws)[1] for jws in message.manifests))

    @router.post("/proofs")
    def proof(question: ProofQuestion, request: Request, kit: str = Depends(admitted)) -> ProofAnswer:
        return proofs.prove(owner_of(request, kit), question)

    @router.post("/anchors")
    def anchor(message: Anchors, kit: str = Depends(admitted)) -> AnchorsAnswer:
        return anchors.keep(kit, message)

    @router.post("/vouches")
    def vouch(message: Vouches, request: Request, kit: str = Depends(admitted)) -> VouchesAnswer:
        answer = vouches.keep(owner_of(request, kit), message)
        received()
        return answer

    @router.get("/ready")
    def ready(response: Response) -> Readiness:
        word = readiness(context, stopped())
        response.status_code = 200 if word.is_ready else 503
        return word

    return router
