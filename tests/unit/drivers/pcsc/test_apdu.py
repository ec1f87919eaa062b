from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tapes import taping
from support.tries import tries

from drivers.pcsc.reader import Command, decode, traced_answer, traced_command
from drivers.trace import note
from fieldkit.ports.devices import ProtocolError

HEAD = b"\x00\xb0\x00\x08"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("00B00008", Command(HEAD)),
        ("00B0000810", Command(HEAD, b"", 16)),
        ("00B0000800", Command(HEAD, b"", 256)),
        ("00B0000802AABB", Command(HEAD, b"\xaa\xbb")),
        ("00B0000802AABB00", Command(HEAD, b"\xaa\xbb", 256)),
        ("00B00008000101", Command(HEAD, b"", 257)),
        ("00B00008000000", Command(HEAD, b"", 65_536)),
        ("00B00008000100" + "55" * 256, Command(HEAD, b"\x55" * 256)),
        ("00B00008000002AABB0101", Command(HEAD, b"\xaa\xbb", 257)),
    ],
)
def test_the_seven_cases(text, command):
    assert decode(bytes.fromhex(text)) == command
    assert command.encode() == bytes.fromhex(text)


@pytest.mark.parametrize(
    "text",
    ["", "00B000", "00B0000803AABB", "00B0000802AABB0000", "00B000080001", "00B00008000000AA", "00B00008000003AABB"],
)
def test_lengths_that_do_not_fit(text):
    with pytest.raises(ProtocolError):
        decode(bytes.fromhex(text))


def test_what_no_card_can_be_asked():
    for command in (Command(b"\0"), Command(HEAD, bytes(65_536)), Command(HEAD, b"", 0), Command(HEAD, b"", 65_537)):
        with pytest.raises(ProtocolError):
            command.encode()


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_whole_or_refused(apdu):
    try:
        command = decode(apdu)
    except ProtocolError:
        return
    assert decode(command.encode()) == command


@pytest.mark.days
@settings(max_examples=tries(300), deadline=None)
@given(st.binary(min_size=4, max_size=4), st.binary(max_size=400), st.none() | st.integers(1, 65_536))
def test_what_is_written_is_read_back(head, data, awaited):
    command = Command(head, data, awaited)
    assert decode(command.encode()) == command


@pytest.mark.parametrize(
    ("apdu", "answer", "shown"),
    [
        ("00A40000027F0A", "9000", ({"apdu": "00a40000027f0a"}, {"data": "", "status": "9000"})),
        ("00A40000027F0A00", "6F019000", ({"apdu": "00a40000027f0a00"}, {"data": "6f01", "status": "9000"})),
        ("00B0000002", "AABB9000", ({"apdu": "00b0000002"}, {"data": 2, "status": "9000"})),
        ("FFCA000000", "04A19000", ({"apdu": "ffca000000"}, {"data": 2, "status": "9000"})),
        ("008200000811223344", "6982", ({"apdu": "00820000", "data": 5}, {"data": "", "status": "6982"})),
        (
            "0082000002112208",
            "6982",
            ({"apdu": "00820000", "data": 2, "awaited": 8}, {"data": "", "status": "6982"}),
        ),
        ("0CA4000002AABB", "AA9000", ({"apdu": "0ca40000", "data": 2, "awaited": None}, {"data": 1, "status": "9000"})),
    ],
)
def test_a_trace_shows_what_is_selected_and_of_the_rest_how_much(apdu, answer, shown):
    with taping() as tape:
        note("pcsc", "reader", "command", **traced_command(bytes.fromhex(apdu)))
        note("pcsc", "reader", "answer", **traced_answer(bytes.fromhex(apdu), bytes.fromhex(answer)))
    told = [{name: event[name] for name in event if name not in ("way", "line", "act")} for event in tape.events]
    for event in told:
        if isinstance(event.get("data"), dict):
            event["data"] = event["data"]["bytes"]
    assert tuple(told) == shown
