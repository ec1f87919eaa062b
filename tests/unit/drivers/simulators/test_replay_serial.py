from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from support.standstill import wait_until

from drivers.simulators.recorded import Findings
from drivers.simulators.replay import SerialReplay

Start = Callable[..., tuple[SerialReplay, serial.Serial, Findings]]
HIDDEN = {"bytes": 2, "hmac": "00"}


def said(act: str, data: Any = None) -> dict[str, Any]:
    return {"way": "serial", "line": "/dev/ttyS4", "act": act} | ({} if data is None else {"data": data})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    opened: list[Any] = []

    def begin(*events: dict[str, Any]) -> tuple[SerialReplay, serial.Serial, Findings]:
        findings = Findings()
        replay = SerialReplay("/dev/ttyS4", list(events), findings, tmp_path / "tty")
        opened.append(replay)
        return replay, serial.Serial(str(replay.path), timeout=120), findings

    yield begin
    for replay in opened:
        if replay.path.exists():
            replay.stop()


def test_each_answer_comes_to_its_question(start: Start) -> None:
    events = [said("opened"), said("out", "2a"), said("in", "0102"), said("in", "03"), said("out", "3031")]
    replay, line, findings = start(*events, said("in", "04"), said("closed"))
    with line:
        line.write(b"*")
        assert line.read(3) == b"\x01\x02\x03"
        line.write(b"0")
        line.write(b"1")
        assert line.read(1) == b"\x04"
    replay.stop()
    assert (findings.differences, findings.hidden) == ([], set())
    assert not replay.path.exists()


def test_who_only_listens_hears_it_again_after_emptying(start: Start) -> None:
    replay, line, findings = start(said("opened"), said("in", "0a"), said("emptied"), said("in", "0b0c"))
    with line:
        line.reset_input_buffer()
        while line.read(1) != b"\x0b":  # what came before it was perhaps thrown away, perhaps not
            pass
        assert line.read(1) == b"\x0c"
        line.reset_input_buffer()
        assert line.read(2) == b"\x0b\x0c"
    replay.stop()
    assert findings.differences == []


def test_a_signature_that_is_longer_than_the_line_holds(start: Start) -> None:
    ink = bytes(range(256)) * 64
    replay, line, findings = start(said("out", "31"), said("in", ink.hex()), said("out", "30"))
    with line:
        line.write(b"1")
        assert line.read(len(ink)) == ink
        line.write(b"0")
        wait_until(lambda: replay._script.turn is replay._script._turns[-1])
    replay.stop()
    assert findings.differences == []


def test_a_hidden_payload_is_noted_and_nothing_is_said_in_its_place(start: Start) -> None:
    events = [said("out", "31"), said("in", "0a"), said("in", HIDDEN), said("in", "0b"), said("out", HIDDEN)]
    replay, line, findings = start(*events, said("in", "0c"))
    with line:
        line.write(b"1")
        assert line.read(1) == b"\x0a"
        line.write(b"xy")  # hidden as well: any two bytes
        assert line.read(1) == b"\x0c"
    replay.stop()
    assert (findings.hidden, findings.differences) == ({"/dev/ttyS4"}, [])


def test_what_is_asked_otherwise_is_told(start: Start) -> None:
    replay, line, findings = start(said("out", "3131"), said("in", "0a"))
    with line:
        line.write(b"???")
        wait_until(lambda: findings.differences)
        line.write(b"1")
        wait_until(lambda: replay._heard == b"1")
    replay.stop()
    kinds = [each.split(":")[1].strip() for each in findings.differences]
    assert kinds == ["not recorded", "not recorded", "not asked"]
