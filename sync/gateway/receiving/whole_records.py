"""The short way of a record that comes whole: one request with all of its bytes and their SHA-256, as kits send it.

Nearly all that a gateway takes in comes so; no framework stands between, only one question before the body is read and
a step on a thread after it. Whatever is not exactly this, or would be refused before its body, goes to the routes of
tus, which know every case. What happens to the bytes is the same code for both (`Uploads`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple
from uuid import UUID

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.gateway.admission import bearer_of, digest_of
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.operations.rates import Rates
from sync.gateway.receiving.receipts import Expected, Kept, Standing
from sync.gateway.uploads import Uploads
from sync.protocol import tus

_Told = TypeVar("_Told")
_Said = TypeVarTuple("_Said")


@dataclass(frozen=True, slots=True)
class _Asked:
    token_hash: str
    record_id: str
    size_bytes: int
    sha256: str


class WholeRecords:
    """Stands in front of the routes. `refuse` turns a refusal into an answer, `received` is called after a receipt."""

    def __init__(
        self,
        app: ASGIApp,
        context: GatewayContext,
        uploads: Uploads,
        rates: Rates,
        refuse: Callable[[Refusal], Response],
        received: Callable[[], None],
    ) -> None:
        self._app, self._context, self._uploads = app, context, uploads
        self._expected, self._rates = Expected(context), rates
        self._refuse, self._received = refuse, received
        # Of its own: handing work to the threads of the routes costs twice as much.
        self._threads = ThreadPoolExecutor(context.limits.threads, "whole records")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a whole record in, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            self._threads.shutdown()  # a record that is being written is written before the folder is let go
            self._uploads.close()
            self._expected.close()
            return
        asked = _asked(scope, self._context.limits.max_chunk_bytes)
        try:
            now = None if asked is None else self._at_once(asked) or await self._on_thread(self._looked_up, asked)
            if now is None:
                await self._app(scope, receive, send)
                return
            scope["route"] = _Route
            scope.setdefault("state", {})["kit"] = now.kit
            answer = await self._answer(now, receive)
        except Refusal as refusal:
            answer = self._refuse(refusal)
        await answer(scope, receive, send)

    async def _answer(self, now: Standing, receive: Receive) -> Response:
        pieces, is_whole = await _pieces(receive)
        if not is_whole:
            # The link broke: what came is kept, and the client will ask for the offset.
            await self._on_thread(self._begin, now, pieces)
            return Response(status_code=400)  # nobody listens
        kept = await self._kept(now, pieces)
        if kept.exception() is None and not kept.result().part_keys:
            receipt = kept.result().receipt
        else:
            receipt = await self._on_thread(self._uploads.received, now, kept)
        self._received()
        headers = {
            "Location": f"{_Route.path}/{now.record_id}",
            "Upload-Offset": str(now.size_bytes),
            tus.RECEIPT_HEADER: receipt,
        }
        return Response(status_code=201, headers=headers)

    def _on_thread(self, step: Callable[[*_Said], _Told], *said: *_Said) -> asyncio.Future[_Told]:
        return asyncio.get_running_loop().run_in_executor(self._threads, step, *said)

    def _at_once(self, asked: _Asked) -> Standing | None:
        """Return the same as `_looked_up` where nothing has to be waited for, which is nearly always."""
        now = _whole(self._expected.at_once(asked.token_hash, asked.record_id), asked)
        return now if now is not None and self._rates.of_kit_at_once(now.kit, now.size_bytes) else None

    def _looked_up(self, asked: _Asked) -> Standing | None:
        """Return what is known of a record that may come now; None lets the routes say what is wrong."""
        now = _whole(self._expected.of(asked.token_hash, asked.record_id), asked)
        if now is not None:
            self._rates.of_kit(now.kit, now.size_bytes)
        return now

    def _begin(self, now: Standing, pieces: Sequence[bytes]) -> None:
        self._uploads.create(now.kit, now.record_id, now.size_bytes, first=b"".join(pieces))

    def _kept(self, now: Standing, pieces: Sequence[bytes]) -> asyncio.Future[Future[Kept]]:
        """Let a thread take the record in, and wait for its group: no thread does, and the loop wakes up once."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Future[Kept]] = loop.create_future()

        def hand_over(kept: Future[Kept]) -> None:
            loop.call_soon_threadsafe(_set, done, kept)

        def take() -> None:
            try:
                kept = self._take(now, pieces)
            except BaseException as error:  # noqa: BLE001 - raised again by who waits
                kept = Future()
                kept.set_exception(error)
            kept.add_done_callback(hand_over)

        self._threads.submit(take)
        return done

    def _take(self, now: Standing, pieces: Sequence[bytes]) -> Future[Kept]:
        # Never joined: that copies the whole while nobody else may run.
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        if digest.hexdigest() != now.sha256:
            raise Refusal(tus.CHECKSUM_MISMATCH, "tus.checksum")
        return self._uploads.receive(now, pieces)


def _whole(now: Standing | None, asked: _Asked) -> Standing | None:
    """Return what is known if nothing of the record is here and what was asked is all of it."""
    is_so = now is not None and now.view is None and (now.size_bytes, now.sha256) == (asked.size_bytes, asked.sha256)
    return now if is_so else None


def _set(done: asyncio.Future[Future[Kept]], kept: Future[Kept]) -> None:
    if not done.cancelled():  # its client went away meanwhile
        done.set_result(kept)


class _Route:
    path = "/tus"  # as the routes tell it


def _asked(scope: Scope, most: int) -> _Asked | None:
    if scope["type"] != "http" or scope["path"] != _Route.path or scope["method"] != "POST":
        return None
    said: dict[bytes, bytes] = dict(scope["headers"])
    if len(said) != len(scope["headers"]) or _OTHERS & said.keys() or not _OURS.items() <= said.items():
        return None
    try:
        checksum = tus.parse_checksum(said[b"upload-checksum"].decode("latin-1"))
        size_bytes = tus.parse_size("Upload-Length", said[b"upload-length"].decode("latin-1"))
        record_id = UUID(tus.parse_metadata(said[b"upload-metadata"].decode("latin-1"))["record_id"])
        token = bearer_of(said[b"authorization"].decode("latin-1"))
        is_whole = said[b"content-length"] == said[b"upload-length"]
    except (KeyError, ValueError):
        return None
    if not is_whole or not 0 < size_bytes <= most or checksum.algorithm != "sha256":
        return None
    return _Asked(digest_of(token), str(record_id), size_bytes, checksum.digest.hex())


_OURS = {b"content-type": tus.OFFSET_CONTENT_TYPE.encode(), b"tus-resumable": tus.VERSION.encode()}
_OTHERS = frozenset({b"fieldkit-owner", b"transfer-encoding"})


async def _pieces(receive: Receive) -> tuple[list[bytes], bool]:
    """Return what came of the body and whether it is all; the server lets no more come than its length told."""
    pieces, is_more = list[bytes](), True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return pieces, False
        pieces.append(message.get("body", b""))
        is_more = message.get("more_body", False)
    return pieces, True
