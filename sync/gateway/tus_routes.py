"""The tus 1.0.0 resources: `/tus` and `/tus/{record id}`, with creation, checksum, expiration and termination.

The answer to the last bytes bears the receipt in a header of ours; another client asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.custody_routes import owner_of
from sync.gateway.operations.rates import stated_bytes
from sync.gateway.receiving.standing import UploadView
from sync.gateway.uploads import Uploads
from sync.protocol import tus

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
