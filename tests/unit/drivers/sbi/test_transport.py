from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from drivers.readiness import writable
from drivers.sbi import transport
from drivers.sbi.transport import exchange, open_ports, run, stream_frames
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)
from ui.presenters.cancel import CancelFlag


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
