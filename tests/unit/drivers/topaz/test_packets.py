from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.topaz.packets import PacketParser, PenPacket


def packet(x: int, y: int, *, down: bool = True, near: bool = True, kind: int = 0) -> bytes:
    return bytes((0x80 | near << 6 | kind << 2 | down, x & 0x7F, x >> 7, y & 0x7F, y >> 7))


@pytest.mark.parametrize("kind", [0, 1, 4])
def test_a_pen_packet(kind):
    assert PacketParser().feed(packet(2650, 701, kind=kind)) == [PenPacket(2650, 701, True, True, 1.0)]
    assert PacketParser().feed(packet(1, 2, down=False)) == [PenPacket(1, 2, True, False, 1.0)]


def test_pressure_is_told_apart_from_places():
    parser = PacketParser()
    pressure = bytes((0x80 | 7 << 2, 0, 0, 0x7F, 0x03))  # 0x1FF of 0x3FF
    (pen,) = parser.feed(pressure + packet(5, 6))
    assert pen.pressure == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("kind", [2, 3, 5, 6])
def test_other_packets_are_passed_over(kind):
    assert PacketParser().feed(packet(5, 6, kind=kind)) == []


def test_a_torn_packet_is_dropped_and_the_next_one_read():
    parser = PacketParser()
    assert parser.feed(packet(5, 6)[:3] + packet(7, 8)) == [PenPacket(7, 8, True, True, 1.0)]
    assert parser.feed(b"\x01\x02\x03" + packet(9, 9)) == [PenPacket(9, 9, True, True, 1.0)]
    assert parser.rejected == 1


def test_nowhere_is_rejected():
    parser = PacketParser()
    assert parser.feed(packet(0xFFF, 0xFFF)) == []
    assert parser.rejected == 1


@settings(deadline=None, max_examples=tries(1000))
@given(st.binary(max_size=300), st.lists(st.integers(1, 20), max_size=30))
def test_any_bytes_in_any_cut(noise, cuts):
    whole, cut_up, found, at = PacketParser(), PacketParser(), [], 0
    expected = whole.feed(noise)
    for cut in cuts:
        found += cut_up.feed(noise[at : at + cut])
        at += cut
    assert found + cut_up.feed(noise[at:]) == expected
    assert all(0 <= p.x <= 0xFFF and 0 <= p.y <= 0xFFF and 0 <= p.pressure <= 1 for p in expected)
    assert len(cut_up._packet) < 5
    assert cut_up.feed(b"\x00" * 4 + packet(3, 4))[-1] == PenPacket(3, 4, True, True, cut_up._pressure)
