"""What tests/integration/sync/test_tus_server.py does not reach through a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from support.gateway import Kit

from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.tus_routes import tus_router
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.messages import Announcement


@pytest.fixture
def patch(gateway_context: GatewayContext, kit: Kit) -> Callable[..., object]:
    routes = tus_router(gateway_context, Uploads(gateway_context), lambda _request: kit.name, lambda: None)
    return endpoint(routes, "PATCH")


def endpoint(routes: APIRouter, method: str) -> Callable[..., object]:
    (found,) = [route.endpoint for route in routes.routes if method in route.methods]  # type: ignore[attr-defined]
    return found


def request(headers: dict[str, str], *messages: dict[str, object]) -> Request:
    waiting = list(messages)

    async def receive() -> dict[str, object]:
        return waiting.pop(0)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "PATCH", "path": "/", "headers": raw}, receive)


def body(content: bytes, more: bool = True) -> dict[str, object]:
    return {"type": "http.request", "body": content, "more_body": more}


@pytest.fixture
def upload(gateway_context: GatewayContext, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=50_000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    Uploads(gateway_context).create(kit.name, record_id, len(sealed))
    return record_id


HEADERS = {"Tus-Resumable": tus.VERSION, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}


def test_what_came_before_a_broken_link_is_kept(
    patch: Callable[..., object], gateway_context: GatewayContext, kit: Kit, upload: str
) -> None:
    cut = request(HEADERS, body(b"a" * 700), body(b"b" * 50), {"type": "http.disconnect"})
    with pytest.raises(ClientDisconnect):
        asyncio.run(patch(upload, cut))  # type: ignore[arg-type]  # a coroutine
    assert Uploads(gateway_context).view(kit.name, upload).offset == 750


def test_a_chunk_with_checksum_that_was_cut_is_not_kept(
    patch: Callable[..., object], gateway_context: GatewayContext, kit: Kit, upload: str
) -> None:
    headers = {**HEADERS, "Upload-Checksum": "sha256 " + "A" * 43 + "="}
    cut = request(headers, body(b"a" * 700), {"type": "http.disconnect"})
    with pytest.raises(ClientDisconnect):
        asyncio.run(patch(upload, cut))  # type: ignore[arg-type]  # a coroutine
    assert Uploads(gateway_context).view(kit.name, upload).offset == 0


def test_a_chunk_with_checksum_has_a_bound(
    patch: Callable[..., object], gateway_context: GatewayContext, kit: Kit, upload: str
) -> None:
    headers = {**HEADERS, "Upload-Checksum": "sha256 " + "A" * 43 + "="}
    big = request(headers, body(bytes(gateway_context.limits.max_chunk_bytes + 1), more=False))
    with pytest.raises(Refusal, match="413"):
        asyncio.run(patch(upload, big))  # type: ignore[arg-type]  # a coroutine


def opening(gateway_context: GatewayContext, kit: Kit, with_checksum: bool) -> tuple[Request, str, bytes]:
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    headers = {
        **tus.creation_headers(len(sealed), record_id),
        **(tus.checksum_headers(sealed) if with_checksum else {"Content-Type": tus.OFFSET_CONTENT_TYPE}),
    }
    return request(headers, body(sealed[:1000]), body(sealed[1000:], more=False)), record_id, sealed


@pytest.mark.parametrize("with_checksum", [True, False])
def test_a_record_that_comes_with_the_question_has_its_receipt_in_the_answer(
    gateway_context: GatewayContext, kit: Kit, with_checksum: bool
) -> None:
    heard, woken = opening(gateway_context, kit, with_checksum), list[bool]()
    uploads = Uploads(gateway_context)
    routes = tus_router(gateway_context, uploads, lambda _request: kit.name, lambda: woken.append(True))
    answer = asyncio.run(endpoint(routes, "POST")(heard[0]))  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(heard[2])))
    assert answer.headers[tus.RECEIPT_HEADER] == uploads.receipt(kit.name, heard[1])
    assert "Upload-Expires" not in answer.headers
    assert woken == [True]


def test_bytes_that_were_harmed_on_their_way_open_nothing(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    headers = {**tus.creation_headers(len(sealed), record_id), **tus.checksum_headers(sealed)}
    uploads = Uploads(gateway_context)
    create = endpoint(tus_router(gateway_context, uploads, lambda _request: kit.name, lambda: None), "POST")
    with pytest.raises(Refusal, match="460"):
        asyncio.run(create(request(headers, body(bytes(3000), more=False))))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"upload\.none"):
        uploads.view(kit.name, record_id)
