from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drivers.simulators.recorded import Trace
from drivers.simulators.replay import Replay
from drivers.simulators.vpcd import READER


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
