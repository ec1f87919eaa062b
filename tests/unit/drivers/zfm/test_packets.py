from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.trace import Payload, Pieces
from drivers.zfm.dialogue import EVERYBODY, Packet, PacketKind, PacketParser, first_piece

ACK = Packet(PacketKind.ACK, b"\x00")
payloads = st.binary(max_size=256)
packets = st.builds(Packet, st.sampled_from(PacketKind), payloads, st.integers(0, EVERYBODY))
# Noise that looks like the protocol finds more than noise that does not.
pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\xef", b"\xef\x01", b"\xef\x01" + b"\xff" * 4, b"\xef\x01\xff\xff\xff\xff\x02\x01\x02"]),
    packets.map(Packet.encode),
    st.tuples(packets.map(Packet.encode), st.integers(0, 300)).map(lambda t: t[0][: t[1]]),
)


def test_the_bytes_of_the_manual():
    assert Packet(PacketKind.COMMAND, b"\x13" + bytes(4)).encode().hex() == "ef01ffffffff010007130000000000" + "1b"
    assert Packet(PacketKind.COMMAND, b"\x01").encode().hex() == "ef01ffffffff010003010005"
    assert ACK.encode().hex() == "ef01ffffffff07000300000a"


@pytest.mark.parametrize("packet", [ACK, Packet(PacketKind.DATA, bytes(256), 7), Packet(PacketKind.LAST_DATA, b"")])
def test_byte_by_byte(packet):
    parser = PacketParser()
    *early, last = [parser.feed(bytes((byte,))) for byte in packet.encode()]
    assert not any(early)
    assert last == [packet]
    assert (parser.waiting_bytes, parser.rejected) == (0, 0)


@pytest.mark.parametrize("at", range(6, 12))
def test_a_damaged_byte_is_noticed_and_the_next_packet_read(at):
    damaged = bytearray(ACK.encode())
    damaged[at] ^= 0x40
    parser = PacketParser()
    found = parser.feed(bytes(damaged)) + parser.feed(ACK.encode() * 30)
    assert found
    assert set(found) == {ACK}
    assert parser.rejected


@pytest.mark.days
@settings(deadline=None, max_examples=tries(1000))
@given(st.lists(pieces, max_size=12).map(b"".join), st.lists(st.integers(1, 60), max_size=40))
def test_any_bytes_in_any_cut(noise, cuts):
    whole, cut_up, found, at = PacketParser(), PacketParser(), [], 0
    expected = whole.feed(noise)
    for cut in cuts:
        found += cut_up.feed(noise[at : at + cut])
        at += cut
        assert cut_up.waiting_bytes < 9 + 258
    assert found + cut_up.feed(noise[at:]) == expected
    assert cut_up.waiting_bytes == whole.waiting_bytes < 9 + 258
    # However it ended, enough sound packets bring it back.
    assert cut_up.feed(ACK.encode() * 30)[-1] == ACK
    assert cut_up.waiting_bytes == 0


@settings(deadline=None)
@given(st.lists(packets, max_size=6))
def test_sound_packets_come_out_as_they_went_in(sent):
    parser = PacketParser()
    assert parser.feed(b"".join(p.encode() for p in sent)) == sent
    assert parser.rejected == 0


def test_only_whole_commands_and_acknowledgements_may_be_read_in_a_trace():
    command, data = Packet(PacketKind.COMMAND, b"\x01").encode(), Packet(PacketKind.DATA, bytes(128)).encode()
    ack = ACK.encode()
    assert first_piece(command + data) == (len(command), False)
    assert first_piece(ack) == (len(ack), False)
    assert first_piece(data + ack) == (len(data), True)
    assert first_piece(Packet(PacketKind.LAST_DATA, b"\x01").encode()) == (12, True)
    assert first_piece(b"\x00\x01" + ack) == (2, True), "noise"
    assert first_piece(b"\x00\xef") == (1, True)
    for few in (b"\xef", ack[:8], ack[:-1]):
        assert first_piece(few) is None
    damaged = ack[:-1] + b"\x0b"
    unknown, endless = ack[:6] + b"\x05" + ack[7:], ack[:7] + b"\xff\xff" + ack[9:]
    assert [first_piece(each) for each in (damaged, unknown, endless)] == [(2, True)] * 3


@settings(max_examples=tries(300))
@given(st.binary(min_size=1, max_size=200), payloads)
def test_no_byte_of_a_finger_can_be_read_in_a_trace(before, payload):
    told = []
    cut = Pieces(first_piece, told.append)
    cut.feed(before.replace(b"\xef", b"") + Packet(PacketKind.LAST_DATA, payload).encode())
    cut.end()
    assert all(isinstance(piece, Payload) for piece in told)
