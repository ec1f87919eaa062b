from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.topaz.packets import MODELS, PacketParser, PadNumbers, PenPacket, SevenBitParser, first_piece


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


def test_a_pad_tells_its_model_and_serial_number():
    parser = PacketParser()
    assert parser.numbers is None
    # model 43 in bits 2-7 of the upper fourteen, serial number 2 above fourteen bits of 0x1234
    upper, lower = 43 << 2 | 2, 0x1234
    told = bytes((0x80 | 2 << 2, upper & 0x7F, upper >> 7, lower & 0x7F, lower >> 7))
    assert parser.feed(told + packet(5, 6)) == [PenPacket(5, 6, True, True, 1.0)]
    assert parser.numbers == PadNumbers(43, 2 << 16 | 0x1234)


def seven(x: int, y: int, *, down: bool = True) -> bytes:
    return bytes((0x40 | 0x04 | down, x & 0x3F, x >> 6, y & 0x3F, y >> 6))


def test_seven_bits_a_byte_carry_twelve_in_two():
    parser = SevenBitParser()
    places = [(400, 350), (2400, 1250), (0xABC, 0x123)]
    assert parser.feed(b"".join(seven(*place) for place in places)) == [
        PenPacket(x, y, True, True, 1.0) for x, y in places
    ]
    assert parser.feed(seven(700, 800, down=False)) == [PenPacket(700, 800, True, False, 1.0)]
    assert parser.feed(b"\x01\x02" + seven(5, 6)[:3] + seven(7, 8)) == [PenPacket(7, 8, True, True, 1.0)]
    assert (parser.rejected, parser.is_foreign) == (1, False)


def test_as_published_no_place_of_the_surface_could_be_sent():
    """Why bit 6 marks the first byte: by the published mark a data byte has its upper three bits set to 011."""
    possible = {high << 6 | low for high in range(0x30, 0x40) for low in range(0x30, 0x40)}
    assert min(possible) == 0xC30 > 2400
    data = {byte for x in range(400, 2401) for byte in seven(x, 350)[1:3]}
    assert any(byte & 0x70 != 0x30 for byte in data)
    assert not any(byte & 0x40 for byte in data)


def stroke(make) -> bytes:
    return b"".join(make(500 + 9 * n, 400 + 5 * n) for n in range(60))


def test_what_is_in_another_format_is_foreign():
    for parser, fitting, other in (
        (PacketParser, stroke(packet), stroke(seven)),
        (SevenBitParser, stroke(seven), bytes(byte & 0x7F for byte in stroke(packet))),
        (PacketParser, stroke(packet), b"$GPGGA,052200.00,0744.1,S,11226.4,E,1,08*47\r\n" * 3),
    ):
        reads, refuses = parser(), parser()
        assert len(reads.feed(fitting[3:])) == 59
        assert not reads.is_foreign
        refuses.feed(other)
        assert refuses.is_foreign


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
    assert all(0 <= p.x <= 0xFFF and 0 <= p.y <= 0xFFF and 0 <= p.pressure <= 1 for p in expected)
    assert len(cut_up._packet) < 5
    assert cut_up.feed(b"\x00" * 4 + packet(3, 4))[-1] == PenPacket(3, 4, True, True, cut_up._pressure)


def test_only_the_pads_own_numbers_may_be_read_in_a_trace():
    numbers, pen = bytes((0x88, 0x14, 0x00, 0x01, 0x02)), bytes((0xC1, 0x01, 0x02, 0x03, 0x04))
    assert first_piece(numbers + pen) == (5, False)
    assert first_piece(pen + pen + numbers) == (10, True)
    assert first_piece(pen[2:]) == (3, True)
    assert first_piece(numbers[:4]) is None
    assert first_piece(numbers[:2] + pen) == (1, True), "torn numbers"
    assert first_piece(bytes((0x45, 0x01, 0x48, 0x03, 0x04))) == (5, True), "seven bits a byte"


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
def test_corners_are_the_surface(model):
    assert model.to_um(model.left, model.top) == (0, 0)
    assert model.to_um(model.right, model.bottom) == (model.width_um, model.height_um)
    assert model.to_um(0, 0) == (0, 0)
    assert model.to_um(4095, 4095) == (model.width_um, model.height_um)


def test_a_siglite_is_as_wide_as_its_range_says():
    assert MODELS["siglite-1x5"].width_um == (2650 - 500) * 25_400 // 410
    assert MODELS["clipgem"].dpi == 275
