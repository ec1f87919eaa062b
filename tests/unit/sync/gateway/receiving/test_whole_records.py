from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send
from support.gateway import Kit
from support.tus_headers import checked

from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.blobs import Blobs, Prepared
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.operations.rates import Rates
from sync.gateway.receiving.receipts import Expected, Standing, standing
from sync.gateway.receiving.whole_records import WholeRecords
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.messages import Announcement

PASSED_ON = 299  # what the application behind it answers


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    code: str
    woken: int
    read: int  # messages of the body


def ask(
    context: GatewayContext,
    headers: Sequence[tuple[str, str]],
    *pieces: bytes,
    path: str = "/tus",
    leaves: bool = False,
    rates: Rates | None = None,
) -> Answer:
    answer, messages = Answer(0, {}, "", 0, 0), list(pieces)

    async def routes(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=PASSED_ON)(scope, receive, send)

    def woken() -> None:
        answer.woken += 1

    def refuse(refusal: Refusal) -> Response:
        return JSONResponse({"code": refusal.code}, refusal.status)

    async def receive() -> Message:
        answer.read += 1
        if not messages and leaves:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": messages.pop(0), "more_body": bool(messages) or leaves}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif message["body"]:
            answer.code = json.loads(message["body"])["code"]

    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    scope: Scope = {"type": "http", "method": "POST", "path": path, "headers": raw}
    front = WholeRecords(routes, context, Uploads(context), rates or Rates(context), refuse, woken)
    try:
        asyncio.run(front(scope, receive, send))
    finally:
        front._expected.close()
    return answer


@dataclass
class Record:
    record_id: str
    sealed: bytes
    headers: dict[str, str]

    def said(self, **others: str | None) -> list[tuple[str, str]]:
        changed = self.headers | {name.replace("_", "-"): value for name, value in others.items()}
        return [(name, value) for name, value in changed.items() if value is not None]


@pytest.fixture
def record(gateway_context: GatewayContext, kit: Kit) -> Record:
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    said = {
        **tus.creation_headers(len(sealed), record_id),
        **checked(sealed),
        "Content-Length": str(len(sealed)),
        "Authorization": f"Bearer {kit.token(gateway_context)}",
    }
    return Record(record_id, sealed, {name.lower(): value for name, value in said.items()})


def test_it_is_stored_and_acknowledged(folder: Path, gateway_context: GatewayContext, kit: Kit, record: Record) -> None:
    answer = ask(gateway_context, record.said(), record.sealed[:1000], record.sealed[1000:])
    assert (answer.status, answer.woken) == (201, 1)
    assert answer.headers["location"] == f"/tus/{record.record_id}"
    assert answer.headers["upload-offset"] == str(len(record.sealed))
    assert answer.headers["fieldkit-receipt"] == Uploads(gateway_context).receipt(kit.name, record.record_id)
    digest = hashlib.sha256(record.sealed).hexdigest()
    assert provision.sealed_path(folder, digest).read_bytes() == record.sealed


def test_harmed_bytes_leave_nothing(gateway_context: GatewayContext, kit: Kit, record: Record) -> None:
    answer = ask(gateway_context, record.said(), bytes(len(record.sealed)))
    assert (answer.status, answer.code, answer.woken) == (460, "tus.checksum", 0)
    assert list(gateway_context.blobs.keys("sealed")) == []
    with pytest.raises(Refusal, match=r"upload\.none"):
        Uploads(gateway_context).view(kit.name, record.record_id)


@pytest.mark.parametrize("came", [0, 1000])
def test_what_came_before_a_break_is_kept(gateway_context: GatewayContext, kit: Kit, record: Record, came: int) -> None:
    uploads = Uploads(gateway_context)
    answer = ask(gateway_context, record.said(), record.sealed[:came], leaves=True)
    assert (answer.status, answer.woken) == (400, 0)
    assert uploads.view(kit.name, record.record_id).offset == came
    assert uploads.append(kit.name, record.record_id, came, record.sealed[came:]).receipt


@pytest.mark.parametrize(
    "changed",
    [
        {"authorization": None},
        {"authorization": "Bearer of-nobody"},
        {"tus_resumable": "0.9"},
        {"content_type": "text/plain"},
        {"content_length": "1000"},
        {"upload_length": "2999", "content_length": "2999"},
        {"upload_length": "x", "content_length": "x"},
        {"upload_length": "9999999", "content_length": "9999999"},
        {"upload_checksum": None},
        {"upload_checksum": "sha1 " + "A" * 27 + "="},
        {"upload_checksum": "sha256 " + "A" * 43 + "="},
        {"upload_metadata": None},
        {"upload_metadata": "record_id bm90LWFuLWlk"},
        {"fieldkit_owner": "kit-02"},
        {"transfer_encoding": "chunked"},
    ],
)
@pytest.mark.parametrize("is_drawn", [False, True])
def test_all_else_is_left_to_the_routes_before_a_byte_is_read(
    gateway_context: GatewayContext, kit: Kit, record: Record, changed: dict[str, str | None], is_drawn: bool
) -> None:
    rates = Rates(gateway_context)
    if is_drawn:  # then it is looked up at once, else on a thread
        rates.of_kit(kit.name, 1)
    answer = ask(gateway_context, record.said(**changed), record.sealed, rates=rates)
    assert (answer.status, answer.read) == (PASSED_ON, 0)


def test_so_are_other_places_and_a_header_that_comes_twice(gateway_context: GatewayContext, record: Record) -> None:
    twice = [*record.said(), ("upload-length", str(len(record.sealed)))]
    assert ask(gateway_context, twice, record.sealed).status == PASSED_ON
    assert ask(gateway_context, record.said(), record.sealed, path="/tus/x").status == PASSED_ON


def test_a_kit_that_was_shut_out_brings_nothing(gateway_context: GatewayContext, kit: Kit, record: Record) -> None:
    Admission(gateway_context).revoke_kit(kit.name)
    assert ask(gateway_context, record.said(), record.sealed).read == 0


def test_what_is_here_or_was_begun_is_left_to_the_routes(
    gateway_context: GatewayContext, kit: Kit, record: Record
) -> None:
    rates = Rates(gateway_context)
    rates.of_kit(kit.name, 1)
    Uploads(gateway_context).create(kit.name, record.record_id, len(record.sealed))
    assert ask(gateway_context, record.said(), record.sealed).status == PASSED_ON
    assert ask(gateway_context, record.said(), record.sealed, rates=rates).status == PASSED_ON
    Uploads(gateway_context).append(kit.name, record.record_id, 0, record.sealed)
    assert ask(gateway_context, record.said(), record.sealed).status == PASSED_ON
    assert ask(gateway_context, record.said(), record.sealed, rates=rates).status == PASSED_ON


def test_limits_hold_here_too(gateway_context: GatewayContext, record: Record) -> None:
    limits = gateway_context.limits
    full = replace(gateway_context, limits=replace(limits, reserve_bytes=2**60))
    answer = ask(full, record.said(), record.sealed)
    assert (answer.status, answer.code) == (507, "server.full")
    often = replace(gateway_context, limits=replace(limits, kit_bytes_a_day=len(record.sealed) - 1))
    answer = ask(often, record.said(), record.sealed)
    assert (answer.status, answer.code, answer.read) == (429, "rate.bytes", 0)


@pytest.mark.parametrize(("most", "status"), [(3000, 201), (2999, PASSED_ON)])
def test_the_largest_chunk_may_come_whole(
    gateway_context: GatewayContext, record: Record, most: int, status: int
) -> None:
    limits = replace(gateway_context.limits, max_chunk_bytes=most)
    assert ask(replace(gateway_context, limits=limits), record.said(), record.sealed).status == status


def test_it_is_looked_up_where_it_came_in_and_on_a_thread_where_that_would_wait(
    gateway_context: GatewayContext, kit: Kit, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, of = list[str](), Expected.of

    def told(expected: Expected, token_hash: str, record_id: str) -> Standing | None:
        asked.append(threading.current_thread().name)
        return of(expected, token_hash, record_id)

    monkeypatch.setattr(Expected, "of", told)
    rates = Rates(gateway_context)
    assert ask(gateway_context, record.said(), b"damaged" + record.sealed[7:], rates=rates).status == 460
    assert len(asked) == 1  # nothing was drawn for the kit yet
    assert asked[0].startswith("whole records")
    assert ask(gateway_context, record.said(), record.sealed, rates=rates).status == 201
    assert len(asked) == 1


def test_another_protocol_and_the_life_of_the_application_are_passed_on(
    gateway_context: GatewayContext, record: Record
) -> None:
    passed: list[str] = []

    async def routes(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope["type"] + scope.get("method", ""))

    async def nothing(*_: object) -> Message:
        return {}

    raw = [(name.encode(), value.encode()) for name, value in record.said()]
    front = WholeRecords(
        routes,
        gateway_context,
        uploads := Uploads(gateway_context),
        Rates(gateway_context),
        lambda _: Response(),
        lambda: None,
    )
    assert front._expected.at_once("of nobody", record.record_id) is None
    kept = front._expected._at_once
    assert kept is not None
    assert kept._connection is not None
    whole = {"path": "/tus", "method": "POST", "headers": raw}
    for scope in ({**whole, "type": "websocket"}, {**whole, "type": "http", "method": "PATCH"}, {"type": "lifespan"}):
        asyncio.run(front(scope, nothing, nothing))  # type: ignore[arg-type]
    assert passed == ["websocketPOST", "httpPATCH", "lifespan"]
    assert kept._connection is None
    with pytest.raises(RuntimeError, match="after shutdown"):  # nobody is written any more behind its end
        asyncio.run(front({**whole, "type": "http"}, nothing, nothing))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="after shutdown"):
        uploads._receipts._crew.submit(print)


def test_of_two_that_send_it_at_once_both_get_the_first_receipt(
    gateway_context: GatewayContext, kit: Kit, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, prepare = list[str](), Blobs.prepare

    def slowly(blobs: Blobs, key: str, *pieces: bytes) -> Sequence[Prepared]:
        if not first:
            first.append("")
            size = len(record.sealed)
            first[0] = Uploads(gateway_context).create(kit.name, record.record_id, size, first=record.sealed).receipt
        return prepare(blobs, key, *pieces)

    monkeypatch.setattr(Blobs, "prepare", slowly)
    answer = ask(gateway_context, record.said(), record.sealed)
    assert (answer.status, answer.headers["fieldkit-receipt"]) == (201, first[0])


def test_what_another_laptop_brought_of_it_is_forgotten(
    gateway_context: GatewayContext, kit: Kit, record: Record
) -> None:
    Uploads(gateway_context).create(kit.name, record.record_id, len(record.sealed), "kit-02", record.sealed[:1000])
    assert len(list(gateway_context.blobs.keys("parts"))) == 1
    assert ask(gateway_context, record.said(), record.sealed).status == 201
    assert list(gateway_context.blobs.keys("parts")) == []


@pytest.mark.parametrize(
    ("error", "status"), [(FileNotFoundError(), 404), (OSError(errno.ENOSPC, "full"), 507), (OSError(), None)]
)
def test_without_its_name_a_record_has_no_receipt(
    gateway_context: GatewayContext,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    status: int | None,
) -> None:
    monkeypatch.setattr(Blobs, "name", lambda _self, *prepared: dict.fromkeys(prepared, error))
    if status is None:
        with pytest.raises(OSError):  # noqa: PT011 - as it came
            ask(gateway_context, record.said(), record.sealed)
    else:
        assert ask(gateway_context, record.said(), record.sealed).status == status
    with pytest.raises(Refusal):
        Uploads(gateway_context).receipt("kit-01", record.record_id)


def test_who_is_cut_off_while_it_is_written_finds_it_received(
    gateway_context: GatewayContext, kit: Kit, record: Record
) -> None:
    front = WholeRecords(
        lambda *_: asyncio.sleep(0),  # type: ignore[arg-type,return-value]
        gateway_context,
        uploads := Uploads(gateway_context),
        Rates(gateway_context),
        lambda _: Response(),
        lambda: None,
    )
    with gateway_context.reading() as connection:
        now = standing(connection, kit.name, record.record_id, kit.name)
    troubles = list[dict[str, Any]]()

    async def cut_off() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, trouble: troubles.append(trouble))
        front._kept(now, [record.sealed]).cancel()
        front._threads.shutdown()
        await asyncio.sleep(0)

    asyncio.run(cut_off())
    assert uploads.receipt(kit.name, record.record_id)
    assert troubles == []
