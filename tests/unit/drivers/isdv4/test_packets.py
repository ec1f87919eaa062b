from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.isdv4.packets import PacketParser, PenPacket, Ranges, first_piece

# As the tablet of a convertible laptop sends them: x 0x1234, y 0x0ABC, pressure 0x155, tip down.
PEN = bytes((0xA1, 0x1234 >> 9, 0x1234 >> 2 & 0x7F, 0x0ABC >> 9, 0x0ABC >> 2 & 0x7F, 0x55, 0x02, 0x10, 0x11))
# 24576 × 18432 steps, 255 levels, version 2.6
REPLY = bytes((0xC0, 0x30, 0x00, 0x24, 0x00, 0x7F, 0x01, 0x3C, 0x3C, 0x02, 0x06))
TOUCH = bytes((0x91, 0x01, 0x02, 0x03, 0x04))


def test_a_pen_packet():
    assert PacketParser().feed(PEN) == [PenPacket(0x1234, 0x0ABC, 0x155, True, True, False)]


@pytest.mark.parametrize(
    ("first", "near", "tip", "eraser"),
    [(0x80, False, False, False), (0xA0, True, False, False), (0xA5, True, True, True), (0xA3, True, True, False)],
)
def test_what_the_pen_does(first, near, tip, eraser):
    (pen,) = PacketParser().feed(bytes((first,)) + PEN[1:])
    assert isinstance(pen, PenPacket)
    assert (pen.is_near, pen.is_tip_down, pen.is_eraser) == (near, tip, eraser)


def test_the_lowest_bits_ride_in_one_byte():
    (pen,) = PacketParser().feed(bytes((0xA1, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0, 0)))
    assert (pen.x, pen.y, pen.pressure) == (0xFFFF, 0xFFFF, 0x3FF)


def test_the_reply_to_a_query():
    (ranges,) = PacketParser().feed(REPLY)
    assert ranges == Ranges(24_576, 18_432, 255, 0x106)
    assert (ranges.width_um, ranges.height_um) == (245_760, 184_320)  # a display of 12.1 inch
    assert ranges.is_sound
    assert not Ranges(0, 18_432, 255, 1).is_sound


def test_fingers_and_their_replies_are_passed_over():
    touch_reply = bytes((0xC1,)) + REPLY[1:]
    assert [type(p) for p in PacketParser().feed(TOUCH + PEN + touch_reply + TOUCH + PEN)] == [PenPacket, PenPacket]


def test_a_torn_packet_is_dropped_and_the_next_one_read():
    parser = PacketParser()
    assert parser.feed(PEN[:4] + PEN) == PacketParser().feed(PEN)
    assert parser.rejected == 1
    assert parser.feed(b"\x01\x02\x03" + REPLY) == PacketParser().feed(REPLY)


@pytest.mark.days
@settings(deadline=None, max_examples=tries(1000))
@given(st.binary(max_size=300), st.lists(st.integers(1, 20), max_size=30))
def test_any_bytes_in_any_cut(noise, cuts):
    whole, cut_up, found, at = PacketParser(), PacketParser(), [], 0
    expected = whole.feed(noise)
    for cut in cuts:
        found += cut_up.feed(noise[at : at + cut])
        at += cut
    assert found + cut_up.feed(noise[at:]) == expected
    for packet in expected:
        if isinstance(packet, PenPacket):
            assert 0 <= packet.x <= 0xFFFF
            assert 0 <= packet.y <= 0xFFFF
            assert 0 <= packet.pressure <= 0x3FF
    assert len(cut_up._packet) < 11
    assert cut_up.feed(PEN)[-1] == PacketParser().feed(PEN)[0]


def test_only_replies_may_be_read_in_a_trace():
    assert first_piece(REPLY + PEN) == (11, False)
    assert first_piece(PEN + PEN + REPLY) == (18, True)
    assert first_piece(PEN[3:]) == (6, True), "the rest of a packet is ink"
    assert first_piece(TOUCH) == (5, True)
    assert first_piece(REPLY[:10]) is None
    assert first_piece(REPLY[:4] + PEN + REPLY) == (1, True), "a torn reply"
