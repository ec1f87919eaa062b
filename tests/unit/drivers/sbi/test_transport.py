from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import threading

import pytest
from support.tapes import taping

from drivers.context import writable
from drivers.sbi import transport
from drivers.sbi.transport import TracedRequest, exchange, open_ports, run, stream_frames
from drivers.trace import GUESSABLE_BYTES
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)
from ui.presenters.tasks import CancelFlag


@pytest.fixture
def wire():
    """A socket that answers each request with given bytes, or keeps silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []
    answers: list[bytes | None] = []
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            asked = connection.recv(65536)
            if asked.endswith(b"\r\n\r\n"):  # the head came alone; the body follows in one piece
                asked += connection.recv(65536)
            received.append(asked)
            answer = answers.pop(0)
            if answer is None:
                held.append(connection)
                continue
            connection.sendall(answer)
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", received, answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    for connection in held:
        connection.close()


def ask(url: str, *, timeout_s: float = 120.0, limit: int = 1000, cancel=None) -> bytes:
    work = exchange(url, "RCAPTURE", "/capture", b'{"a":1}', timeout_s=timeout_s, limit=limit)
    return run(work, cancel or NeverCancelled())


def reply(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: Closed\r\n\r\n"
    return head.encode() + body


def test_the_request_is_one_piece_with_its_own_verb(wire):
    url, received, answers = wire
    answers.append(reply(b"{}"))
    assert ask(url) == b"{}"
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"RCAPTURE /capture HTTP/1.1\r\n")
    assert b"content-length: 7" in head.lower()
    assert b"chunked" not in head.lower()
    assert body == b'{"a":1}'


def test_errors_with_any_status_are_read(wire):
    url, _, answers = wire
    bodies = [
        b'{"error": {"errorCode": "111", "errorInfo": "busy"}}',
        b'{"errorCode": "111", "errorInfo": "busy"}',
        b'{"biometrics": [{"error": {"errorCode": "111"}}]}',
    ]
    for body in bodies:
        answers.append(reply(body, "500 Internal Server Error"))
        with pytest.raises(DeviceBusyError):
            ask(url)
    answers.append(reply(b"<html>", "404 Not Found"))
    with pytest.raises(ProtocolError):
        ask(url)


def test_replies_are_bounded_and_not_followed(wire):
    url, _, answers = wire
    answers.append(reply(b"x" * 1001))
    with pytest.raises(ProtocolError) as caught:
        ask(url)
    assert caught.value.code == "device.sbi.too_big"
    answers.append(b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ProtocolError):
        ask(url)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"\x00nonsense\r\n\r\n"])
def test_a_broken_answer_is_a_broken_transport(wire, answer):
    url, _, answers = wire
    answers.append(answer)
    with pytest.raises(TransportBrokenError):
        ask(url)


@pytest.mark.usefixtures("quick_polls")
def test_whoever_gives_up_is_noticed_before_the_next_look(wire, monkeypatch):
    url, received, answers = wire
    answers.append(None)
    monkeypatch.setattr(transport, "POLL_S", 3600.0)
    cancel, caught = CancelFlag(), []

    def wait() -> None:
        with pytest.raises(DeviceError) as error:
            ask(url, timeout_s=7200, cancel=cancel)
        caught.append(error.value.code)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    while not received:
        waiting.join(0.01)
    cancel.cancel()
    waiting.join(60)
    assert caught == ["device.cancelled"]


def test_silence_times_out_and_can_be_cancelled(wire, flag):
    url, _, answers = wire
    answers += [None, None]
    with pytest.raises(TimedOutError):
        ask(url, timeout_s=0.2)
    cancel = flag(after=100)
    with pytest.raises(DeviceError) as caught:
        ask(url, timeout_s=600, cancel=cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


def test_nobody_there_is_not_connected():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotConnectedError):
        ask(f"http://127.0.0.1:{port}")


def test_frames_of_a_stream(wire, mailbox, picture):
    url, _, answers = wire
    frame = picture(9)
    part = b"--BoundaryString\r\nContent-Length: %d\r\n\r\n" % len(frame) + frame + b"\r\n"
    answers.append(reply(part * 3, kind="multipart/x-mixed-replace; boundary=--BoundaryString"))

    async def watch() -> int:
        return await stream_frames(url, b"{}", mailbox, asyncio.Event())

    assert run(watch(), NeverCancelled()) == 3
    assert mailbox.frames == [frame] * 3
    answers.append(reply(b'{"errorCode": "607", "errorInfo": "busy"}'))
    with pytest.raises(DeviceBusyError):
        run(watch(), NeverCancelled())


def test_open_ports_are_found_at_once(monkeypatch):
    waits = []
    monkeypatch.setattr(transport, "writable", lambda ends, seconds: waits.append(seconds) or writable(ends, seconds))
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = sorted(s.getsockname()[1] for s in (one, two))
        assert open_ports([*range(4501, 4601), *ports])[-2:] == ports
    assert waits == [0.25], "once for all"
    assert open_ports([]) == []


URL = "http://127.0.0.1:4501/sub"
RECORD = b"FIR\0" + bytes(range(256)) * 8


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def jws(payload: dict) -> str:
    header = {"alg": "RS256", "x5c": ["M" * 3000]}
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, payload)) + ".c2lnbmF0dXJl"


def answered(reply: object, verb: str = "RCAPTURE", **options) -> tuple[object, str]:
    """Return what a trace shows of the body of an answer, and its text."""
    with taping(**options) as tape, TracedRequest(URL, verb, "/capture", b"{}") as traced:
        traced.answer(200, "application/json", reply if isinstance(reply, bytes) else json.dumps(reply).encode())
    request, answer = tape.events
    assert (request["line"], request["path"], request["body"]) == ("http://127.0.0.1:4501", "/sub/capture", "{}")
    assert answer["number"] == request["number"]
    return answer["body"], tape.text


def test_what_was_captured_is_hidden_and_the_structure_stays():
    payload = {"bioValue": encoded(RECORD), "bioSubType": "Left Thumb", "digitalId": "D" * 3000, "qualityScore": "80"}
    error = {"errorCode": "0", "errorInfo": "ok"}
    reply = {"biometrics": [{"specVersion": "0.9.5", "data": jws(payload), "hash": "AB12", "error": error}]}
    body, text = answered(reply)
    (item,) = body["json"]["biometrics"]
    digest = hashlib.sha256(RECORD).hexdigest()
    assert item["data"]["payload"] == {**payload, "bioValue": {"bytes": len(RECORD), "sha256": digest}}
    assert item["data"]["header"] == {"alg": "RS256", "x5c": ["M" * 3000]}
    assert (item["specVersion"], item["hash"], item["error"]) == ("0.9.5", "AB12", error)
    assert encoded(RECORD)[100:150] not in text
    assert "c2lnbmF0dXJl" not in text, "a signature tells of what was signed"


def test_a_short_record_cannot_be_guessed_by_its_place_in_the_chain_either():
    body, text = answered({"biometrics": [{"data": jws({"bioValue": encoded(b"FIR\0")}), "hash": "AB12"}]})
    (item,) = body["json"]["biometrics"]
    assert set(item["data"]["payload"]["bioValue"]) == {"bytes", "hmac"}
    assert set(item["hash"]) == {"bytes", "hmac"}
    assert "AB12" not in text


@pytest.mark.parametrize("token", ["no token", "a.b", encoded(b"{") + ".e30.", "e30." + encoded(b"[1]") + ".", "é.é.é"])
def test_what_is_no_token_is_all_payload(token):
    body, _ = answered({"biometrics": [{"data": token, "hash": "AB12"}]})
    (item,) = body["json"]["biometrics"]
    assert item == {"data": {"bytes": len(token.encode()), "hmac": item["data"]["hmac"]}, "hash": "AB12"}


def test_long_texts_in_places_of_their_own_are_payloads_too():
    long = "x" * GUESSABLE_BYTES
    body, _ = answered({"biometrics": [{"data": jws({"image": long, "n": 7}), "thumbnail": [long[:-1], long]}]})
    (item,) = body["json"]["biometrics"]
    assert set(item["data"]["payload"]["image"]) == {"bytes", "hmac"}
    assert item["data"]["payload"]["n"] == 7
    assert item["thumbnail"][0] == long[:-1]
    assert "bytes" in item["thumbnail"][1]
    body, _ = answered({"biometrics": [{"data": jws({"bioValue": "no base64!"})}]})
    assert "bytes" in body["json"]["biometrics"][0]["data"]["payload"]["bioValue"]


@pytest.mark.parametrize("body", [b"\xff\xd8 a picture", b"[1, 2]", b'"text"'])
def test_an_answer_that_cannot_be_read_is_all_payload(body):
    shown, _ = answered(body)
    assert set(shown) == {"bytes", "hmac"}


def test_an_error_is_shown_and_so_is_everything_that_captures_nothing():
    error = {"error": {"errorCode": "110", "errorInfo": "not ready"}}
    assert answered(error)[0] == {"json": error}
    assert answered({"biometrics": [{"data": "", "error": {"errorCode": "703"}}]})[0] == {
        "json": {"biometrics": [{"data": "", "error": {"errorCode": "703"}}]}
    }
    assert answered([{"digitalId": "x" * 3000}], "MOSIPDISC")[0] == json.dumps([{"digitalId": "x" * 3000}])
    assert answered(b"\xff", "MOSIPDISC")[0] == {"hex": "ff"}


def test_with_payloads_an_answer_is_what_was_sent():
    reply = {"biometrics": [{"data": jws({"bioValue": encoded(RECORD)})}]}
    assert answered(reply, with_payloads=True)[0] == json.dumps(reply)


def test_a_stream_is_told_frame_by_frame():
    with taping() as tape, TracedRequest(URL, "STREAM", "/stream", b"{}") as traced:
        traced.answer(200, "multipart/x-mixed-replace; boundary=b")
        traced.frame(b"\xff\xd8" + bytes(2000))
        traced.ended()
    _, answer, frame, ended = tape.events
    assert "body" not in answer
    assert (frame["act"], set(frame["data"]), ended["act"]) == ("frame", {"bytes", "sha256"}, "ended")


def test_how_a_request_ends_is_told():
    with taping() as tape:
        for error in (TimedOutError("device.timed_out", address=URL), asyncio.CancelledError()):
            with pytest.raises(type(error)), TracedRequest(URL, "MOSIPDISC", "/device", b"{}"):
                raise error
    acts = [(event["act"], event.get("code")) for event in tape.events if event["act"] != "request"]
    assert acts == [("failed", "device.timed_out"), ("left", None)]
    assert len({event["number"] for event in tape.events}) == 2


def test_a_request_that_began_before_is_not_in_the_trace():
    with TracedRequest(URL, "MOSIPDISC", "/device", b"{}") as traced, taping() as tape:
        traced.answer(200, "text/plain", b"")
        traced.frame(b"")
    assert tape.events == []
