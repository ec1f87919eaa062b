"""Whether the gateway does its whole work. `health` says that it lives; this says what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldkit.vault.certificates import valid_until
from sync.gateway.custody import AnchorKeeper, VouchKeeper
from sync.gateway.database import GatewayContext, Refusal, count
from sync.gateway.ingest import Proofs
from sync.gateway.ledger import Ledger
from sync.gateway.opening.claims import count_missing
from sync.gateway.operations.rates import stated_bytes
from sync.gateway.receiving.receipts import UploadView
from sync.gateway.tables import IS_ASIDE, records
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.down import Vouches, VouchesAnswer
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

_OPENER_IS_BEHIND = timedelta(hours=1)  # nobody opens, or too few do; where records come in, all goes on
_CA_ENDS_SOON = timedelta(days=3 * 365)  # the life of a kit's certificate


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record whose opening failed for a reason of ours: the class of the error and how often it was tried."""

    kit: str
    record_id: str
    error: str
    tries: int


def readiness(context: GatewayContext, stopped: Sequence[str] = ()) -> Readiness:
    """Count what waits; `stopped` names threads of ours that ended ("opener.stopped")."""
    waits = sa.and_(records.c.verdict == "", records.c.lost_at.is_(None), records.c.set_aside_at.is_(None))
    lost = records.c.lost_at.is_not(None)
    with context.reading() as connection:
        waiting, aside, missing = (count(connection, records, each) for each in (waits, _IS_SET_ASIDE, lost))
        gaps = count_missing(context, connection)
        oldest = connection.scalar(
            sa.select(records.c.received_at).where(waits).order_by(records.c.received_at).limit(1)
        )
    is_behind = oldest is not None and context.clock.now() - oldest > _OPENER_IS_BEHIND
    free = context.blobs.free_bytes()
    left = -1 if free is None else max(0, free - context.limits.reserve_bytes)
    found = {
        "records.set_aside": aside > 0,
        "objects.lost": missing > 0,
        "objects.away": context.blobs.is_away() and _has_records(context),
        "disk.full": left == 0,
    }
    problems = (*stopped, *(code for code, is_so in found.items() if is_so))
    # What only a person can clear up, or what comes to pass later; until then all of the work is done.
    # A certificate given now should not outlive the authority.
    is_ending = ca_ends_at(context) - context.clock.now() < _CA_ENDS_SOON
    told = {"opener.behind": is_behind, "chain.gap": gaps > 0, "ca.ends": is_ending}
    return Readiness(
        is_ready=not problems,
        problems=(*problems, *(code for code, is_so in told.items() if is_so)),
        waiting=waiting,
        set_aside=aside,
        lost=missing,
        gaps=gaps,
        free_bytes=left,
    )


def ca_ends_at(context: GatewayContext) -> datetime:
    """Return when the certificate of the dinas CA ends, and all that it issued with it."""
    return valid_until(context.authority.certificate_der)


def set_aside(context: GatewayContext) -> tuple[SetAside, ...]:
    """Name the records that were set aside, oldest first."""
    query = sa.select(records.c.kit, records.c.record_id, records.c.set_aside_error, records.c.tries)
    with context.reading() as connection:
        rows = connection.execute(query.where(_IS_SET_ASIDE).order_by(records.c.set_aside_at)).all()
    return tuple(SetAside(*row) for row in rows)


# Without an error it is the record that is being opened now.
_IS_SET_ASIDE = sa.and_(IS_ASIDE, records.c.set_aside_error != "")


def _has_records(context: GatewayContext) -> bool:
    with context.reading() as connection:
        return connection.execute(sa.select(records.c.kit).limit(1)).first() is not None


# Routes of custody: receipts, records that another laptop carries, proofs of bytes, anchors and readiness.

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


# What tus 1.0.0 asks of every request and answer: the method of a client that cannot send it, and the version.

_OVERRIDES = frozenset({"PATCH", "DELETE", "HEAD"})


class TusHeaders:
    """Stands in front of everything that answers below `path`."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Honour `X-HTTP-Method-Override` of a POST, and put `Tus-Resumable` on every answer."""
        if scope["type"] != "http" or not (scope["path"] == self._path or scope["path"].startswith(f"{self._path}/")):
            await self._app(scope, receive, send)
            return
        method = Headers(scope=scope).get("X-HTTP-Method-Override", "").upper()
        if scope["method"] == "POST" and method in _OVERRIDES:
            scope = {**scope, "method": method}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Tus-Resumable", tus.VERSION)
            await send(message)

        await self._app(scope, receive, answer)


# The tus 1.0.0 resources: `/tus` and `/tus/{record id}`, with creation, checksum, expiration and termination.
#
# The answer to the last bytes bears the receipt in a header of ours; another client asks for it.

# Without a checksum bytes are kept as they come, in pieces of this size.
_PIECE_BYTES = 1024 * 1024


def tus_router(
    context: GatewayContext,
    uploads: Uploads,
    admitted: Callable[[Request], str],
    received: Callable[[], None],
    count_bytes: Callable[[str, int], None],
) -> APIRouter:
    """Return the routes; `admitted` gives the kit that sends, and counts what its request states to bring.

    `received` is called after each new receipt, `count_bytes` with the bytes of a kit that no header stated.
    """
    router = APIRouter(prefix="/tus")
    limits = context.limits

    async def signed_in(request: Request) -> tuple[str, str]:
        """Return the kit that sends and the one whose record it is, before a byte of the body is read."""
        _same_version(request)
        kit = await run_in_threadpool(admitted, request)
        return kit, owner_of(request, kit)

    def counting(request: Request, kit: str) -> Callable[[bytes], None]:
        return (lambda _piece: None) if stated_bytes(request.headers) else lambda piece: count_bytes(kit, len(piece))

    async def received_if_whole(view: UploadView, owner: str, kit: str) -> UploadView:
        if view.offset == view.length:
            if view.expires_at is not None:  # its last byte came when nobody could receive it
                signed = await run_in_threadpool(uploads.receipt, owner, view.record_id, kit)
                view = replace(view, expires_at=None, receipt=signed)
            received()
        return view

    @router.options("")
    @router.options("/{record_id}")
    def options() -> Response:
        headers = {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(limits.max_record_bytes),
            "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUM_ALGORITHMS),
        }
        return _answer(204, headers)

    @router.post("")
    async def create(request: Request) -> Response:
        kit, owner = await signed_in(request)
        try:
            length = tus.parse_size("Upload-Length", request.headers.get("Upload-Length"))
            metadata = tus.parse_metadata(request.headers.get("Upload-Metadata", ""))
            checksum = _checksum_of(request)
        except tus.TusHeaderError as error:
            raise Refusal(400, "tus.header", str(error)) from error
        if length > limits.max_record_bytes:
            raise Refusal(413, "record.too_large")
        record = _record_id(metadata.get("record_id", ""))
        if not _brings_bytes(request):
            view = await run_in_threadpool(uploads.create, owner, record, length, kit)
        elif checksum is None:
            view = await run_in_threadpool(uploads.create, owner, record, length, kit)
            if view.offset == 0:
                append = partial(_append, uploads, counting(request, kit), owner, record, kit)
                view = await received_if_whole(await _append_as_it_comes(append, 0, request), owner, kit)
        else:
            chunk = await _whole_chunk(request, limits.max_chunk_bytes)
            count = counting(request, kit)
            view = await run_in_threadpool(_create_with, uploads, count, owner, record, kit, length, chunk, checksum)
            view = await received_if_whole(view, owner, kit)
        return _answer(201, {"Location": f"/tus/{view.record_id}", **_state_headers(view)})

    @router.head("/{record_id}")
    async def head(record_id: str, request: Request) -> Response:
        kit, owner = await signed_in(request)
        view = await run_in_threadpool(uploads.view, owner, _record_id(record_id), kit)
        return _answer(200, {"Upload-Length": str(view.length), "Cache-Control": "no-store", **_state_headers(view)})

    @router.delete("/{record_id}")
    async def delete(record_id: str, request: Request) -> Response:
        kit, owner = await signed_in(request)
        await run_in_threadpool(uploads.terminate, owner, _record_id(record_id), kit)
        return _answer(204, {})

    @router.patch("/{record_id}")
    async def patch(record_id: str, request: Request) -> Response:
        kit, owner = await signed_in(request)
        if not _brings_bytes(request):
            raise Refusal(415, "tus.content_type")
        try:
            offset = tus.parse_size("Upload-Offset", request.headers.get("Upload-Offset"))
            checksum = _checksum_of(request)
        except tus.TusHeaderError as error:
            raise Refusal(400, "tus.header", str(error)) from error
        record = _record_id(record_id)

        append = partial(_append, uploads, counting(request, kit), owner, record, kit)
        if checksum is None:
            view = await _append_as_it_comes(append, offset, request)
        else:
            chunk = await _whole_chunk(request, limits.max_chunk_bytes)
            view = await run_in_threadpool(append, offset, chunk, checksum)
        return _answer(204, _state_headers(await received_if_whole(view, owner, kit)))

    return router


def _append(
    uploads: Uploads,
    count: Callable[[bytes], None],
    owner: str,
    record: str,
    kit: str,
    at: int,
    piece: bytes,
    checksum: tus.Checksum | None = None,
) -> UploadView:
    count(piece)
    return uploads.append(owner, record, at, piece, kit, _digest(piece, checksum))


def _create_with(
    uploads: Uploads,
    count: Callable[[bytes], None],
    owner: str,
    record: str,
    kit: str,
    length: int,
    chunk: bytes,
    checksum: tus.Checksum,
) -> UploadView:
    count(chunk)
    return uploads.create(owner, record, length, kit, chunk, _digest(chunk, checksum))


def _digest(chunk: bytes, checksum: tus.Checksum | None) -> str:
    """Return the SHA-256 of bytes that were checked by it, "" for others. Raise `Refusal` 460."""
    if checksum is None:
        return ""
    if not checksum.matches(chunk):
        raise Refusal(tus.CHECKSUM_MISMATCH, "tus.checksum")
    return checksum.digest.hex() if checksum.algorithm == "sha256" else ""


def _brings_bytes(request: Request) -> bool:
    return request.headers.get("Content-Type") == tus.OFFSET_CONTENT_TYPE


def _checksum_of(request: Request) -> tus.Checksum | None:
    promised = request.headers.get("Upload-Checksum")
    return None if promised is None else tus.parse_checksum(promised)


async def _append_as_it_comes(append: Callable[[int, bytes], UploadView], offset: int, request: Request) -> UploadView:
    view = await run_in_threadpool(append, offset, b"")
    waiting = bytearray()

    async def keep() -> UploadView:
        kept = await run_in_threadpool(append, view.offset, bytes(waiting))
        waiting.clear()
        return kept

    try:
        async for piece in request.stream():
            waiting += piece
            if len(waiting) >= _PIECE_BYTES:
                view = await keep()
    except ClientDisconnect:
        # The link broke: what came is good, the client will ask for the offset.
        await keep()
        raise
    return await keep()


async def _whole_chunk(request: Request, most: int) -> bytes:
    pieces, size, is_more = list[bytes](), 0, True
    while is_more:  # not `request.stream()`: six pieces a megabyte would each go through a generator more
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise Refusal(413, "tus.chunk_too_large", f"at most {most} bytes with a checksum")
        is_more = message.get("more_body", False)
    return b"".join(pieces)


def _same_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise Refusal(412, "tus.version")


def _record_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Refusal(404, "upload.none") from error


def _state_headers(view: UploadView) -> dict[str, str]:
    headers = {"Upload-Offset": str(view.offset)}
    if view.receipt:
        headers[tus.RECEIPT_HEADER] = view.receipt
    if view.expires_at is not None and view.offset < view.length:
        headers["Upload-Expires"] = format_datetime(view.expires_at, usegmt=True)
    return headers


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(status_code=status, headers=headers)
