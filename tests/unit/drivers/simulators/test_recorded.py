from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivers.simulators.recorded import Findings, Script, TraceError, Turn, asked_in, content_of, read_trace

HEADER = {"format": "fieldkit-trace", "version": 1}
END = {"ms": 9, "way": "test", "line": "", "act": "end"}


def written(folder: Path, *values: object) -> Path:
    path = folder / "trace.jsonl"
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    return path


def test_devices_and_lines_are_read(tmp_path: Path) -> None:
    found = {"driver": "isdv4", "address": "/dev/ttyS4", "serial": "/dev/ttyS4"}
    test = {"ms": 1, "way": "test", "line": "/dev/ttyS4", "device": 0}
    opened = {"ms": 2, "way": "serial", "line": "/dev/ttyS4", "act": "opened"}
    events = [
        {**test, "act": "scanned", **found},
        {**test, "act": "test", "at": "2026-11-25T10:00:00+00:00"},
        opened,
        {**test, "act": "id", "id": "one"},
        {**test, "act": "id", "id": "two"},
        {**test, "act": "verdict", "ok": True, "code": "device.test.nobody", "took_ms": 3},
        END,
    ]
    trace = read_trace(written(tmp_path, HEADER, *events))
    (device,) = trace.tested()
    assert device.found == found
    assert device.asked == ("2026-11-25T10:00:00+00:00", ["one", "two"], True, "device.test.nobody")
    assert trace.lines("serial") == {"/dev/ttyS4": [opened]}
    assert trace.lines("hid") == {}


def test_what_a_search_did_on_a_line_is_not_part_of_the_test_of_its_device(tmp_path: Path) -> None:
    def opened(line: str, ms: int) -> dict[str, object]:
        return {"ms": ms, "way": "serial", "line": line, "act": "opened"}

    scanned = {"way": "test", "line": "/dev/ttyUSB0#x", "act": "scanned", "device": 0, "address": "/dev/ttyUSB0#x"}
    events = [opened("/dev/ttyUSB0", 1), opened("/dev/ttyUSB1", 2), scanned, opened("/dev/ttyUSB0", 3)]
    trace = read_trace(written(tmp_path, HEADER, *events, END))
    assert trace.tested_lines("serial") == {"/dev/ttyUSB0": [opened("/dev/ttyUSB0", 3)]}
    assert set(trace.lines("serial")) == {"/dev/ttyUSB0", "/dev/ttyUSB1"}


@pytest.mark.parametrize("cut", [1, 2, 30])
def test_a_trace_that_is_cut_anywhere_says_where(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, HEADER, {"way": "hid", "line": "1", "act": "opened"}, END)
    content = path.read_bytes()
    path.write_bytes(content[:-1] if cut == 1 else content[:-cut])
    if cut == 1:
        assert read_trace(path).events[-1] == END, "all is there but the end of its last line"
    else:
        with pytest.raises(TraceError, match="cut off after line 2"):
            read_trace(path)


def test_what_is_hidden_is_known_by_its_length() -> None:
    hidden = {"bytes": 3, "hmac": "00"}
    assert content_of("0aff") == b"\x0a\xff"
    assert content_of(hidden) is None
    assert asked_in("0aff", hidden) == (b"\x0a\xff", 3)
    turn = Turn(asked_in("0aff", hidden, "01"))
    assert turn.size == 6
    assert turn.is_begun_by(b"\x0a\xffabc\x01more")
    assert not turn.is_begun_by(b"\x0a\xffabc\x02")
    assert not Turn(asked_in("0aff", hidden)).is_begun_by(b"\x0a\xffab")
    assert not Turn(None).is_begun_by(b"")


def script(*asked: bytes | None) -> tuple[Script, Findings]:
    findings = Findings()
    return Script("line", [Turn(None if each is None else (each,)) for each in asked], findings), findings


def test_requests_are_answered_in_their_order() -> None:
    turns, findings = script(b"a", b"b", b"a")
    took = [turns.ask(request) for request in (b"a", b"b", b"a")]
    assert len({id(turn) for turn in took}) == 3
    turns.end()
    assert findings.differences == []
    assert turns.longest == 1


def test_what_waits_for_a_person_may_be_asked_more_often_or_less() -> None:
    turns, findings = script(b"poll", b"poll", b"poll", b"take")
    for request in (b"poll", b"take", b"take", b"take"):
        assert turns.ask(request) is not None
    turns.end()
    assert findings.differences == []


def test_what_is_left_out_is_told() -> None:
    turns, findings = script(b"a", b"b", b"c", b"d")
    assert turns.ask(b"a") is not None
    assert turns.ask(b"c") is not None
    turns.end()
    assert [each.split(":")[1].strip() for each in findings.differences] == ["not asked", "not asked"]
    assert ("b'b'" in findings.differences[0], "b'd'" in findings.differences[1]) == (True, True)


def test_what_is_not_recorded_is_told_and_moves_nothing() -> None:
    turns, findings = script(b"a", b"b")
    assert turns.turn is None
    assert turns.ask(b"x") is None
    turns.differ(b"x")
    assert findings.differences == ["line: not recorded: b'x'"]
    assert turns.ask(b"a") is turns.turn is not None


def test_a_turn_in_which_nothing_was_asked_is_listened_to_or_passed_over() -> None:
    turns, findings = script(None, b"a", None, b"b")
    assert turns.listen() is not None
    assert turns.listen() is None
    assert turns.ask(b"a") is not None
    assert turns.ask(b"b") is not None
    turns.end()
    assert findings.differences == []
