"""What tests/integration/sync/test_tus_server.py does not reach through a socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, Response
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message
from support.gateway import Kit
from support.tus_headers import checked

from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.receiving.receipts import UploadView
from sync.gateway.routes import tus_router
from sync.gateway.tables import parts, records
from sync.gateway.tables import uploads as uploads_table
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.messages import Announcement


def uncounted(_kit: str, _bytes: int) -> None: ...


@pytest.fixture
def patch(gateway_context: GatewayContext, kit: Kit) -> Callable[..., object]:
    routes = tus_router(gateway_context, Uploads(gateway_context), lambda _request: kit.name, lambda: None, uncounted)
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
        **(checked(sealed) if with_checksum else {"Content-Type": tus.OFFSET_CONTENT_TYPE}),
    }
    return request(headers, body(sealed[:1000]), body(sealed[1000:], more=False)), record_id, sealed


@pytest.mark.parametrize("with_checksum", [True, False])
def test_a_record_that_comes_with_the_question_has_its_receipt_in_the_answer(
    gateway_context: GatewayContext, kit: Kit, with_checksum: bool
) -> None:
    heard, woken = opening(gateway_context, kit, with_checksum), list[bool]()
    uploads = Uploads(gateway_context)
    routes = tus_router(gateway_context, uploads, lambda _request: kit.name, lambda: woken.append(True), uncounted)
    answer = asyncio.run(endpoint(routes, "POST")(heard[0]))  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(heard[2])))
    assert answer.headers[tus.RECEIPT_HEADER] == uploads.receipt(kit.name, heard[1])
    assert "Upload-Expires" not in answer.headers
    assert woken == [True]


def test_bytes_that_were_harmed_on_their_way_open_nothing(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    headers = {**tus.creation_headers(len(sealed), record_id), **checked(sealed)}
    uploads = Uploads(gateway_context)
    create = endpoint(tus_router(gateway_context, uploads, lambda _request: kit.name, lambda: None, uncounted), "POST")
    with pytest.raises(Refusal, match="460"):
        asyncio.run(create(request(headers, body(bytes(3000), more=False))))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"upload\.none"):
        uploads.view(kit.name, record_id)


class Client:
    """Sends to the routes of a gateway without a socket, as kit-01."""

    def __init__(self, context: GatewayContext, kit: Kit) -> None:
        self.uploads, self.woken = Uploads(context), list[bool]()
        self._routes = tus_router(context, self.uploads, lambda _: kit.name, lambda: self.woken.append(True), uncounted)

    def ask(self, method: str, record_id: str = "", content: bytes = b"", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items() if value}
        about = request({"Tus-Resumable": tus.VERSION, **named}, body(content, more=False))
        return asyncio.run(endpoint(self._routes, method)(*([record_id] if method != "POST" else []), about))  # type: ignore[arg-type]


BYTES = "application/offset+octet-stream"


@pytest.fixture
def client(gateway_context: GatewayContext, kit: Kit) -> Client:
    return Client(gateway_context, kit)


@pytest.fixture
def announced(gateway_context: GatewayContext, kit: Kit) -> tuple[str, bytes, dict[str, str]]:
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    said = tus.creation_headers(3000, record_id)
    return record_id, sealed, {name: said[name] for name in ("Upload-Length", "Upload-Metadata")}


def test_an_upload_is_opened_asked_for_continued_and_ended(
    client: Client, announced: tuple[str, bytes, dict[str, str]]
) -> None:
    record_id, sealed, said = announced
    opened = client.ask("POST", **said)
    assert (opened.status_code, opened.headers["Upload-Offset"]) == (201, "0")
    assert opened.headers["Location"] == f"/tus/{record_id}"
    part = client.ask("PATCH", record_id, sealed[:1000], Content_Type=BYTES, Upload_Offset="0")
    assert (part.status_code, part.headers["Upload-Offset"]) == (204, "1000")
    again = client.ask("POST", content=sealed, Content_Type=BYTES, **said)  # it was begun: nothing is taken
    assert (again.headers["Upload-Offset"], client.woken) == ("1000", [])
    head = client.ask("HEAD", record_id.upper())
    assert (head.headers["Upload-Length"], head.headers["Upload-Offset"]) == ("3000", "1000")
    for each in (opened, part, again, head):
        assert "Upload-Expires" in each.headers
        assert tus.RECEIPT_HEADER not in each.headers
    checksum = checked(sealed[1000:])["Upload-Checksum"]
    named = {"Content_Type": BYTES, "Upload_Offset": "1000", "Upload_Checksum": checksum}
    last = client.ask("PATCH", record_id, sealed[1000:], **named)
    assert last.headers[tus.RECEIPT_HEADER] == client.uploads.receipt("kit-01", record_id)
    assert ("Upload-Expires" in last.headers, client.woken) == (False, [True])
    with pytest.raises(Refusal, match=r"409 record\.received"):
        client.ask("DELETE", record_id)


def test_an_upload_is_given_up(client: Client, announced: tuple[str, bytes, dict[str, str]]) -> None:
    client.ask("POST", **announced[2])
    assert client.ask("DELETE", announced[0]).status_code == 204
    with pytest.raises(Refusal, match=r"404 upload\.none"):
        client.ask("HEAD", announced[0])


@pytest.mark.parametrize(
    ("method", "changed", "refusal"),
    [
        *((method, {"Tus_Resumable": "0.2"}, "412 tus.version") for method in ("POST", "HEAD", "PATCH", "DELETE")),
        ("POST", {"Upload_Length": "x"}, "400 tus.header"),
        ("POST", {"Upload_Length": str(64 * 1024 * 1024)}, "422 record.length_differs"),
        ("POST", {"Upload_Length": str(64 * 1024 * 1024 + 1)}, "413 record.too_large"),
        ("POST", {"Upload_Metadata": "record_id bm90LWFuLWlk"}, "404 upload.none"),
        ("POST", {"Upload_Checksum": "md4 AAAA"}, "400 tus.header"),
        ("PATCH", {"Content_Type": "text/plain"}, "415 tus.content_type"),
        ("PATCH", {"Upload_Offset": "x"}, "400 tus.header"),
        ("PATCH", {"Upload_Checksum": "sha256 " + "A" * 43 + "="}, "460 tus.checksum"),
        ("PATCH", {"record_id": "x"}, "404 upload.none"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    client: Client, announced: tuple[str, bytes, dict[str, str]], method: str, changed: dict[str, str], refusal: str
) -> None:
    record_id, sealed, said = announced
    client.uploads.create("kit-01", record_id, 3000)
    headers = {name.replace("-", "_"): value for name, value in said.items()}
    headers |= {"Content_Type": BYTES, "Upload_Offset": "0", **changed}
    record_id = headers.pop("record_id", record_id)
    if "Upload_Length" in changed:
        del headers["Content_Type"]
    named = {"Tus-Resumable": headers.pop("Tus_Resumable", tus.VERSION)}
    with pytest.raises(Refusal, match=f"^{refusal}"):
        client.ask(method, record_id, sealed[:100], **named, **headers)
    assert client.uploads.view("kit-01", announced[0]).offset == 0


def test_an_algorithm_that_tells_no_digest_of_ours_is_checked_too(
    client: Client, announced: tuple[str, bytes, dict[str, str]]
) -> None:
    record_id, sealed, said = announced
    for content, is_right in ((sealed, True), (bytes(3000), False)):
        checksum = f"sha1 {base64.b64encode(hashlib.sha1(sealed).digest()).decode()}"
        with nullcontext() if is_right else pytest.raises(Refusal, match=r"460 tus\.checksum"):
            answer = client.ask("POST", content=content, Content_Type=BYTES, Upload_Checksum=checksum, **said)
            assert answer.headers[tus.RECEIPT_HEADER]
            return
    assert record_id


def test_a_last_byte_that_nobody_could_receive_is_received_with_the_next_question(
    client: Client, gateway_context: GatewayContext, announced: tuple[str, bytes, dict[str, str]]
) -> None:
    record_id, sealed, _ = announced
    client.uploads.create("kit-01", record_id, 3000, first=sealed[:1000])
    gateway_context.blobs.put("parts/last", sealed[1000:])
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(uploads_table).values(offset=3000))
        values = {"kit": "kit-01", "record_id": record_id, "carrier": "kit-01", "start": 1000, "key": "parts/last"}
        connection.execute(sa.insert(parts).values(**values))
    answer = client.ask("PATCH", record_id, Content_Type=BYTES, Upload_Offset="3000")
    assert answer.headers[tus.RECEIPT_HEADER] == client.uploads.receipt("kit-01", record_id)
    assert client.woken == [True]


def test_bytes_without_a_checksum_are_kept_piece_by_piece(
    client: Client, announced: tuple[str, bytes, dict[str, str]], monkeypatch: pytest.MonkeyPatch,
    gateway_context: GatewayContext, kit: Kit,
) -> None:  # fmt: skip
    record_id, sealed, _ = announced
    monkeypatch.setattr("sync.gateway.routes._PIECE_BYTES", 1000)
    sizes, own = list[int](), Uploads.append

    def noting(self: Uploads, owner: str, record: str, at: int, piece: bytes, *more: str) -> UploadView:
        sizes.append(len(piece))
        return own(self, owner, record, at, piece, *more)

    monkeypatch.setattr(Uploads, "append", noting)
    client.uploads.create("kit-01", record_id, 3000)
    cut = (sealed[:999], sealed[999:1000], sealed[1000:2500], sealed[2500:2600])
    messages = [body(piece, more=piece is not cut[-1]) for piece in cut]
    routes = tus_router(gateway_context, client.uploads, lambda _: kit.name, lambda: None, uncounted)
    asyncio.run(endpoint(routes, "PATCH")(record_id, request(HEADERS, *messages)))  # type: ignore[arg-type]
    assert sizes == [0, 1000, 1500, 100]
    assert client.uploads.view("kit-01", record_id).offset == 2600


@pytest.mark.parametrize(("most", "is_taken"), [(3000, True), (2999, False)])
def test_the_largest_chunk_with_a_checksum_is_taken(
    gateway_context: GatewayContext, kit: Kit, announced: tuple[str, bytes, dict[str, str]], most: int, is_taken: bool
) -> None:
    limits = replace(gateway_context.limits, max_chunk_bytes=most)
    _, sealed, said = announced
    checksum = checked(sealed)["Upload-Checksum"]
    with nullcontext() if is_taken else pytest.raises(Refusal, match=r"413 tus\.chunk_too_large"):
        client = Client(replace(gateway_context, limits=limits), kit)
        answer = client.ask("POST", content=sealed, Content_Type=BYTES, Upload_Checksum=checksum, **said)
        assert answer.status_code == 201


@pytest.mark.parametrize("with_checksum", [False, True])
@pytest.mark.parametrize("parts", [0, 1, 2])
def test_a_kit_that_is_shut_out_while_its_bytes_come_gets_no_receipt(
    gateway_context: GatewayContext,
    kit: Kit,
    announced: tuple[str, bytes, dict[str, str]],
    with_checksum: bool,
    parts: int,
) -> None:
    record_id, sealed, said = announced
    token, begun, app = kit.token(gateway_context), parts * 500, build_app(gateway_context, None)
    for at in range(0, begun, 500):
        Uploads(gateway_context).create(kit.name, record_id, 3000)
        Uploads(gateway_context).append(kit.name, record_id, at, sealed[at : at + 500])
    rest, answers = sealed[begun:], list[Message]()
    headers = {
        "Authorization": f"Bearer {token}",
        "Tus-Resumable": tus.VERSION,
        "Content-Type": BYTES,
        "Content-Length": str(len(rest)),
        **(checked(rest) if with_checksum else {}),
        **({"Upload-Offset": str(begun)} if begun else said),
    }
    messages = [body(rest[:100]), body(rest[100:], more=False)]

    async def receive() -> Message:
        if len(messages) == 1:
            Admission(gateway_context).revoke_kit(kit.name)
        return messages.pop(0)

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "method": "PATCH" if begun else "POST",
        "path": f"/tus/{record_id}" if begun else "/tus",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
        "client": ("192.0.2.1", 1),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    assert answers[0]["status"] == 401
    with gateway_context.reading() as connection:
        assert connection.execute(sa.select(records)).all() == []
