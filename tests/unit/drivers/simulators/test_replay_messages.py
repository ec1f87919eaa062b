from __future__ import annotations

from typing import Any

import pytest

from drivers.simulators.recorded import Findings
from drivers.simulators.replay import CardReplay, PadReplay

HIDDEN = {"bytes": 6, "hmac": "00"}


def said(act: str, **fields: Any) -> dict[str, Any]:
    return {"way": "any", "line": "1-2", "act": act, **fields}


def pad(*events: dict[str, Any]) -> tuple[PadReplay, Any, Findings]:
    findings = Findings()
    listed = said("listed", model="STU-430", serial="S1")
    replay = PadReplay({"1-2": [listed, said("opened"), *events]}, findings)
    device = replay.module.device()
    device.open_path(b"1-2")
    return replay, device, findings


def test_a_pad_is_listed_told_set_and_signs() -> None:
    replay, device, findings = pad(
        said("told", kind="09", data="0901"),
        said("set", data="9300", taken=False),
        said("set", data="2101", taken=True),
        said("report", kind="01", data="aabb"),
        said("report", kind="34", data="cc"),
        said("set", data="2100", taken=True),
        said("closed"),
    )
    (entry,) = replay.module.enumerate(0x056A, 0)
    assert (entry["path"], entry["product_id"], entry["serial_number"]) == (b"1-2", 0xA4, "S1")
    assert device.get_feature_report(9, 64) == [9, 1]
    assert device.read(64, 0) == [], "it says nothing before its screen takes ink"
    assert device.send_feature_report(b"\x93\x00") == -1
    assert device.send_feature_report(b"\x21\x01") == 2
    assert [device.read(64, 0) for _ in range(3)] == [[1, 0xAA, 0xBB], [0x34, 0xCC], []]
    assert device.send_feature_report(b"\x21\x00") == 2
    device.close()
    replay.stop()
    assert (findings.differences, findings.hidden) == ([], set())


def test_a_pen_that_is_hidden_is_noted_and_draws_nothing() -> None:
    _, device, findings = pad(said("set", data="2101", taken=True), said("report", kind="01", data=HIDDEN))
    device.send_feature_report(b"\x21\x01")
    assert device.read(64, 0) == []
    assert findings.hidden == {"1-2"}


def test_what_a_pad_was_never_asked_breaks_off() -> None:
    replay, device, findings = pad(said("told", kind="09", data="0901"))
    with pytest.raises(OSError, match="not recorded"):
        device.get_feature_report(8, 64)
    with pytest.raises(OSError, match="open failed"):
        device.open_path(b"9-9")
    replay.stop()
    assert [each.split(":")[1].strip() for each in findings.differences] == ["not recorded", "not asked"]


def test_a_pad_that_was_never_listed_is_not() -> None:
    replay = PadReplay({"1-2": [said("opened")]}, Findings())
    assert replay.module.enumerate(0, 0) == []


def test_a_card_answers_as_recorded() -> None:
    findings = Findings()
    events = [said("connected", atr="3b00"), said("command", apdu="00a40000027f0a")]
    events += [said("answer", data="6f", status="9000"), said("command", apdu="00820000", data=HIDDEN, awaited=8)]
    events += [said("answer", data="", status="9000"), said("command", apdu="00820000", data="aabb", awaited=None)]
    events += [said("answer", data="", status="6982"), said("command", apdu="00b0000006")]
    events += [said("answer", data=HIDDEN, status="9000"), said("command", apdu="00b0000006"), said("failed", code="x")]
    card = CardReplay("1-2", events, findings)
    assert card.atr == b"\x3b\x00"
    card.reset()
    assert card.answer(bytes.fromhex("00a40000027f0a")) == b"\x6f\x90\x00"
    assert card.answer(bytes.fromhex("0082000006") + b"secret" + b"\x08") == b"\x90\x00"
    assert card.answer(bytes.fromhex("0082000002aabb")) == b"\x69\x82"
    assert findings.hidden == set()
    assert card.answer(bytes.fromhex("00b0000006")) == b"\x6f\x00"
    assert (findings.hidden, findings.differences) == ({"1-2"}, [])
    assert card.answer(bytes.fromhex("00b0000006")) == b"\x6f\x00"
    card.stop()
    assert findings.differences == []
    assert card.answer(b"\x00\xee\x00\x00") == b"\x6f\x00"
    assert findings.differences == ["1-2: not recorded: b'\\x00\\xee\\x00\\x00'"]


def test_a_long_hidden_command_is_known_by_its_length() -> None:
    events = [said("connected", atr="3b00"), said("command", apdu="00d60000", data={"bytes": 300}, awaited=None)]
    card = CardReplay("1-2", [*events, said("answer", data="", status="9000")], Findings())
    assert card.answer(bytes.fromhex("00d60000" + "00012c") + bytes(300)) == b"\x90\x00"
