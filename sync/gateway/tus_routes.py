"""The tus 1.0.0 resources: `/tus` and `/tus/{record id}`, with creation, checksum, expiration and termination."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.custody_routes import owner_of
from sync.gateway.receiving.standing import UploadView
from sync.gateway.uploads import Uploads
from sync.protocol import tus

# Without a checksum bytes are kept as they come, in pieces of this size.
_PIECE_BYTES = 1024 * 1024


def tus_router(
    context: GatewayContext, uploads: Uploads, admitted: Callable[..., str], received: Callable[[], None]
) -> APIRouter:
    """Return the routes; `admitted` gives the kit that sends, `received` is called after each new receipt."""
    router = APIRouter(prefix="/tus")
    limits = context.limits

    async def owned(request: Request, kit: str = Depends(admitted)) -> str:
        return owner_of(request, kit)

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

    @router.post("", dependencies=[Depends(_same_version)])
    def create(request: Request, kit: str = Depends(admitted), owner: str = Depends(owned)) -> Response:
        try:
            length = tus.parse_size("Upload-Length", request.headers.get("Upload-Length"))
            metadata = tus.parse_metadata(request.headers.get("Upload-Metadata", ""))
        except tus.TusHeaderError as error:
            raise Refusal(400, "tus.header", str(error)) from error
        if length > limits.max_record_bytes:
            raise Refusal(413, "record.too_large")
        view = uploads.create(owner, _record_id(metadata.get("record_id", "")), length, kit)
        return _answer(201, {"Location": f"/tus/{view.record_id}", **_state_headers(view)})

    @router.head("/{record_id}", dependencies=[Depends(_same_version)])
    def head(record_id: str, kit: str = Depends(admitted), owner: str = Depends(owned)) -> Response:
        view = uploads.view(owner, _record_id(record_id), kit)
        return _answer(200, {"Upload-Length": str(view.length), "Cache-Control": "no-store", **_state_headers(view)})

    @router.delete("/{record_id}", dependencies=[Depends(_same_version)])
    def delete(record_id: str, kit: str = Depends(admitted), owner: str = Depends(owned)) -> Response:
        uploads.terminate(owner, _record_id(record_id), kit)
        return _answer(204, {})

    @router.patch("/{record_id}", dependencies=[Depends(_same_version)])
    async def patch(
        record_id: str, request: Request, kit: str = Depends(admitted), owner: str = Depends(owned)
    ) -> Response:
        if request.headers.get("Content-Type") != tus.OFFSET_CONTENT_TYPE:
            raise Refusal(415, "tus.content_type")
        try:
            offset = tus.parse_size("Upload-Offset", request.headers.get("Upload-Offset"))
            promised = request.headers.get("Upload-Checksum")
            checksum = None if promised is None else tus.parse_checksum(promised)
        except tus.TusHeaderError as error:
            raise Refusal(400, "tus.header", str(error)) from error
        record = _record_id(record_id)

        def append(at: int, piece: bytes, sha256: str = "") -> UploadView:
            return uploads.append(owner, record, at, piece, kit, sha256)

        def append_checked(at: int, piece: bytes, checksum: tus.Checksum) -> UploadView:
            if not checksum.matches(piece):
                raise Refusal(tus.CHECKSUM_MISMATCH, "tus.checksum")
            return append(at, piece, checksum.digest.hex() if checksum.algorithm == "sha256" else "")

        if checksum is None:
            view = await _append_as_it_comes(append, offset, request)
        else:
            chunk = await _whole_chunk(request, limits.max_chunk_bytes)
            view = await run_in_threadpool(append_checked, offset, chunk, checksum)
        if view.offset == view.length:
            if view.expires_at is not None:  # its last byte came when nobody could receive it
                await run_in_threadpool(uploads.receipt, owner, record, kit)
            received()
        return _answer(204, _state_headers(view))

    return router


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
    chunk = bytearray()
    async for piece in request.stream():
        chunk += piece
        if len(chunk) > most:
            raise Refusal(413, "tus.chunk_too_large", f"at most {most} bytes with a checksum")
    return bytes(chunk)


async def _same_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise Refusal(412, "tus.version")


def _record_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Refusal(404, "upload.none") from error


def _state_headers(view: UploadView) -> dict[str, str]:
    headers = {"Upload-Offset": str(view.offset)}
    if view.expires_at is not None and view.offset < view.length:
        headers["Upload-Expires"] = format_datetime(view.expires_at, usegmt=True)
    return headers


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(status_code=status, headers=headers)
