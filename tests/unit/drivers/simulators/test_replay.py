from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drivers.sbi.transport import exchange, stream_frames
from drivers.simulators.recorded import Findings, Trace
from drivers.simulators.replay import HttpReplay, Replay
from drivers.simulators.vpcd import READER
from fieldkit.ports.devices import DeviceError, NotConnectedError, ProtocolError, TransportBrokenError


def scanned(number: int, address: str, serial: str = "") -> dict[str, Any]:
    named = {"driver": "any", "address": address, "serial": serial or address}
    return {"ms": 0, "way": "test", "line": address, "act": "scanned", "device": number, **named}


def on(way: str, line: str, act: str, **fields: Any) -> dict[str, Any]:
    return {"ms": 0, "way": way, "line": line, "act": act, **fields}


def test_each_line_has_a_place_of_its_own_and_names_follow(tmp_path: Path) -> None:
    events = [
        scanned(0, "/dev/ttyUSB0#siglite-1x5", "/dev/ttyUSB0"),
        scanned(1, "/dev/ttyUSB01"),
        scanned(2, "1-2"),
        scanned(3, "/dev/video0"),
        on("serial", "/dev/ttyUSB0", "opened"),
        on("serial", "/dev/ttyUSB01", "opened"),
        on("hid", "1-2", "opened"),
        on("http", "http://127.0.0.1:4598", "request", number=1, verb="DISC", path="/device", body=""),
    ]
    with Replay(Trace({}, events), tmp_path) as replay:
        first, second, pad = replay.tested()
        assert first.found["address"] == f"{tmp_path / 'tty0'}#siglite-1x5"
        assert first.found["serial"] == str(tmp_path / "tty0")
        assert second.found["address"] == str(tmp_path / "tty1")
        assert pad.found["address"] == "1-2"
        assert replay.placed("/dev/video0") == "/dev/video0"
        assert replay.recorded_at(first.found["address"]) == "/dev/ttyUSB0"
        assert replay.recorded_at("/dev/video0") == ""
        assert (tmp_path / "tty0").exists()
        assert replay.hid is not None
        assert replay.placed("http://127.0.0.1:4598").startswith("http://127.0.0.1:")
    assert not (tmp_path / "tty0").exists()
    assert any("not asked" in each for each in replay.findings.differences)


def test_a_card_lies_there_when_a_reader_takes_it(tmp_path: Path) -> None:
    events = [scanned(0, "ACS ACR122U"), on("pcsc", "Other", "opened")]
    events += [on("pcsc", "ACS ACR122U", "connected", atr="3b00")]
    with closing(socket.create_server(("127.0.0.1", 0))) as service:
        port = service.getsockname()[1]
        with Replay(Trace({}, events), tmp_path, vpcd_port=port) as replay:
            assert replay.tested() == []
            assert replay.insert_card()
            (device,) = replay.tested()
            assert (device.found["address"], device.found["serial"]) == (READER, READER)
    with Replay(Trace({}, events), tmp_path, vpcd_port=port) as replay:
        assert not replay.insert_card()


def test_without_a_card_there_is_nothing_to_lay(tmp_path: Path) -> None:
    with Replay(Trace({}, [on("pcsc", "Other", "opened")]), tmp_path) as replay:
        assert (replay.card, replay.hid) == (None, None)
        with pytest.raises(AssertionError):
            replay.insert_card()


LINE = "http://127.0.0.1:4599"
JSON, MULTIPART = "application/json", "multipart/x-mixed-replace; boundary=--Bound"
FRAME = b"\xff\xd8 a frame"
Start = Callable[..., tuple[HttpReplay, Findings]]


def said(number: int, act: str, **fields: Any) -> dict[str, Any]:
    return {"way": "http", "line": LINE, "act": act, "number": number, **fields}


def asked(number: int, verb: str = "DISC", body: Any = "{}") -> dict[str, Any]:
    return said(number, "request", verb=verb, path="/device" if verb != "STREAM" else "/stream", body=body)


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[HttpReplay] = []

    def begin(*events: dict[str, Any], line: str = LINE) -> tuple[HttpReplay, Findings]:
        findings = Findings()
        running.append(HttpReplay(line, list(events), findings))
        return running[-1], findings

    yield begin
    for replay in running:
        replay.stop()


def ask(replay: HttpReplay, verb: str = "DISC", body: bytes = b"{}", timeout_s: float = 120) -> bytes:
    return asyncio.run(exchange(replay.url, verb, "/device", body, timeout_s=timeout_s, limit=1_000_000))


class Frames:
    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def offer(self, jpeg: bytes) -> None:
        self.seen.append(jpeg)


def test_answers_come_in_their_order_and_the_last_one_again(start: Start) -> None:
    events = [asked(1), asked(2, "INFO"), said(1, "answer", status=200, type=JSON, body="one")]
    events += [said(2, "answer", status=200, type=JSON, body={"hex": "ff00"}), asked(3)]
    replay, findings = start(*events, said(3, "answer", status=200, type=JSON, body="two"))
    assert [ask(replay) for _ in range(3)] == [b"one", b"two", b"two"]
    assert ask(replay, "INFO") == b"\xff\x00"
    assert findings.differences == []


def test_what_is_not_recorded_is_refused_and_told(start: Start) -> None:
    replay, findings = start(asked(1), said(1, "answer", status=200, type=JSON, body="one"))
    for verb, body in (("INFO", b"{}"), ("DISC", b"[]")):
        with pytest.raises(ProtocolError):
            ask(replay, verb, body)
    replay.stop()
    assert len([each for each in findings.differences if "not recorded" in each]) == 2
    assert len([each for each in findings.differences if "not asked" in each]) == 1


def test_it_listens_where_it_was_recorded_and_says_so_elsewhere(start: Start) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    line, body = f"http://127.0.0.1:{port}", json.dumps([{"callbackId": f"http://127.0.0.1:{port}"}])
    events = [asked(1), said(1, "answer", status=200, type=JSON, body=body)]
    first, _ = start(*events, line=line)
    assert first.url == line
    second, _ = start(*events, line=line)
    assert second.url != line
    assert ask(first).decode() == body
    assert json.loads(ask(second)) == [{"callbackId": second.url}]


def test_a_stream_with_a_hidden_frame(start: Start) -> None:
    events = [asked(1, "STREAM"), said(1, "answer", status=200, type=MULTIPART)]
    hidden = {"bytes": 5000, "sha256": "00"}
    events += [said(1, "frame", data=FRAME.hex()), said(1, "frame", data=hidden), said(1, "ended")]
    replay, findings = start(*events)
    frames = Frames()
    assert asyncio.run(stream_frames(replay.url, b"{}", frames, asyncio.Event())) == 2
    assert frames.seen[0] == FRAME
    assert (len(frames.seen[1]), findings.hidden) == (5000, {LINE})


def test_a_stream_that_somebody_left_goes_on_until_somebody_leaves(start: Start) -> None:
    events = [asked(1, "STREAM"), said(1, "answer", status=200, type=MULTIPART), said(1, "frame", data=FRAME.hex())]
    replay, findings = start(*events, said(1, "left"))

    async def look() -> None:
        started = asyncio.Event()
        showing = asyncio.create_task(stream_frames(replay.url, b"{}", Frames(), started))
        await started.wait()
        assert not showing.done()
        showing.cancel()
        await asyncio.wait({showing})

    asyncio.run(look())
    replay.stop()
    assert findings.differences == []


def test_a_program_of_somebody_else_is_not_asked_again(start: Start) -> None:
    """A search asks whoever listens at a port of the range; a replay asks the devices only."""
    replay, findings = start(asked(1), said(1, "answer", status=404, type="text/html", body="shop"))
    replay.stop()
    assert findings.differences == []


def test_a_preview_that_came_too_late_is_no_difference(start: Start) -> None:
    events = [asked(1, "STREAM"), said(1, "left"), asked(2), said(2, "answer", status=200, type=JSON, body="one")]
    replay, findings = start(*events)
    assert ask(replay) == b"one"
    replay.stop()
    assert findings.differences == []


def test_a_hidden_capture_has_its_shape_and_nothing_in_it(start: Start) -> None:
    payload = {"bioSubType": "Left Thumb", "bioValue": {"bytes": 9000, "sha256": "00"}}
    item = {"data": {"header": {"alg": "RS256"}, "payload": payload}, "hash": "AB"}
    events = [asked(1), said(1, "answer", status=200, type=JSON, body={"json": {"biometrics": [item]}})]
    events += [asked(2, body="[]"), said(2, "answer", status=200, type=JSON, body={"bytes": 3, "hmac": "00"})]
    replay, findings = start(*events)
    (found,) = json.loads(ask(replay))["biometrics"]
    header, content, _ = found["data"].split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, content)]
    assert decoded == [{"alg": "RS256"}, {"bioSubType": "Left Thumb", "bioValue": ""}]
    assert findings.hidden == {LINE}
    findings.hidden.clear()
    assert ask(replay, body=b"[]") == b""
    assert findings.hidden == {LINE}


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("device.transport_broken", (TransportBrokenError,)),
        ("device.not_connected", (TransportBrokenError, NotConnectedError)),
        ("device.timed_out", (DeviceError,)),
    ],
)
def test_what_failed_fails_again(start: Start, code: str, kinds: tuple[type[DeviceError], ...]) -> None:
    replay, _ = start(asked(1), said(1, "failed", code=code))
    with pytest.raises(kinds) as caught:
        ask(replay, timeout_s=0.3)
    assert (caught.value.code == "device.timed_out") is (code == "device.timed_out")
