from __future__ import annotations

import contextlib
import os
import threading
import tty

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.standstill import wait_until
from support.tries import tries
from support.waits import FactClock, never

from drivers.isdv4.driver import Isdv4Driver, Isdv4Tablet, PacketParser, PenPacket, Ranges, first_piece, is_tablet
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    TransportBrokenError,
)


def test_given_ports_are_listed_with_their_state(context_for, tmp_path):
    port = tmp_path / "ttyS4"
    port.touch()
    addresses = (str(port), str(tmp_path / "gone"))
    context = context_for(
        addresses={"isdv4": addresses}, only_given=frozenset({"isdv4"}), simulated=frozenset({str(port)})
    )
    driver = Isdv4Driver(context)
    there, gone = driver.scan()
    assert (there.state, there.is_simulated) == (DeviceState.READY, True)
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(there).identity == there.identity


def test_firmware_names_built_in_tablets():
    assert is_tablet("ACPI\\WACF004\\4&1A2B3C")
    assert is_tablet("WACf00e")
    assert not is_tablet("PNP0501")
    assert not is_tablet(None)


def test_searching_works_without_any(context_for):
    assert Isdv4Driver(context_for()).scan() == []


REPLY = bytes((0xC0, 0x30, 0x00, 0x24, 0x00, 0x7F, 0x01, 0x3C, 0x3C, 0x02, 0x06))  # 24576 × 18432, 255 levels


def pen(x: int, y: int, pressure: int = 255, *, first: int = 0xA1) -> bytes:
    low = (x & 3) << 5 | (y & 3) << 3 | pressure >> 7
    return bytes((first, x >> 9, x >> 2 & 0x7F, y >> 9, y >> 2 & 0x7F, pressure & 0x7F, low, 0, 0))


class Line:
    """The tablet's end of a pseudo-terminal; answers a query with `replies`, one each, and sends `ink` when started."""

    def __init__(self, *replies: bytes, ink: bytes = b"") -> None:
        self.master, self._slave = os.openpty()
        self._ends: tuple[int, ...] = (self.master, self._slave)
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.heard = b""
        self._replies, self._ink = list(replies), ink
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        os.set_blocking(self.master, False)
        while not self._is_over.wait(0.005):
            with contextlib.suppress(BlockingIOError):
                command = os.read(self.master, 1)
                self.heard += command
                if command == b"*" and self._replies:
                    os.write(self.master, self._replies.pop(0))
                if command == b"1":
                    os.write(self.master, self._ink)

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        ends, self._ends = self._ends, ()  # a number that was closed may be another file's by the second time
        for descriptor in ends:
            os.close(descriptor)


@pytest.fixture
def line_with():
    lines: list[Line] = []

    def build(*replies: bytes, ink: bytes = b"") -> Line:
        lines.append(Line(*replies, ink=ink))
        return lines[-1]

    yield build
    for line in lines:
        line.close()


def opened(line: Line, flag, clock: FactClock | None = None) -> Isdv4Tablet:
    tablet = Isdv4Tablet(line.port, clock or FactClock(never))
    tablet.open(flag())
    return tablet


def test_ink_of_the_tip_becomes_strokes_in_um(line_with, mailbox, flag):
    ink = pen(1000, 2000, 51) + pen(1004, 2001) + pen(1004, 2001, 0, first=0xA0) + pen(3000, 10)
    line = line_with(REPLY, ink=ink)
    tablet = opened(line, flag, FactClock(lambda: mailbox.points == 3))
    signature = tablet.sign(mailbox, flag(), idle_ms=150, timeout_ms=3000)
    first, second = signature.strokes
    assert [(p.x_um, p.y_um) for p in (*first, *second)] == [(10_000, 20_000), (10_040, 20_010), (30_000, 100)]
    assert [p.pressure for p in first] == [pytest.approx(0.2), 1.0]
    assert (signature.width_um, signature.height_um) == (245_760, 184_320)
    assert mailbox.signatures[-1] == signature
    wait_until(lambda: len(line.heard) == 4)
    assert line.heard == b"0*10"  # stop, query, start, stop
    tablet.close()


def test_the_other_end_of_the_pen_does_not_draw(line_with, mailbox, flag):
    line = line_with(REPLY, ink=pen(5, 5, first=0xA5) + pen(6, 6) + pen(7, 7, first=0x81))
    tablet = opened(line, flag, FactClock(lambda: mailbox.points == 1))
    assert [len(s) for s in tablet.sign(mailbox, flag(), 150, 2000).strokes] == [1]
    tablet.close()


def test_a_first_reply_that_is_lost_or_noise(line_with, flag):
    line = line_with(b"\x7f\xa1\x03", REPLY)
    tablet = opened(line, flag, FactClock(lambda: line.heard.count(b"*") == 1))  # till it asks again
    assert tablet.identity.firmware == str(0x106)
    tablet.close()


@pytest.mark.usefixtures("quick_polls")
def test_a_silent_port_is_no_tablet(line_with, flag):
    line = line_with()
    clock = FactClock()
    tablet = Isdv4Tablet(line.port, clock)
    with pytest.raises(NotConnectedError) as caught:
        tablet.open(flag())
    assert caught.value.code == "device.isdv4.silent"
    wait_until(lambda: line.heard.count(b"*") >= 4)
    assert line.heard.count(b"*") == 4  # twice at each speed
    with pytest.raises(NotConnectedError):
        tablet.sign(None, flag(), 1, 1)
    clock.runs, cancel = never, flag(after=100)
    with pytest.raises(DeviceError) as caught:
        tablet.open(cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


@pytest.mark.usefixtures("quick_polls")
def test_no_ink_and_giving_up(line_with, mailbox, flag):
    clock = FactClock(never)
    tablet, cancel = opened(line_with(REPLY), flag, clock), flag(after=100)
    with pytest.raises(DeviceError) as caught:
        tablet.sign(mailbox, cancel, 200, 90_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    clock.runs = lambda: True
    with pytest.raises(NothingPresentedError) as caught:
        tablet.sign(mailbox, flag(), 200, 150)
    assert caught.value.code == "device.no_ink"
    tablet.close()


def test_a_pulled_cable_breaks_the_transport(line_with, mailbox, flag):
    line, cancel = line_with(REPLY), flag()
    tablet = opened(line, flag)
    pull = threading.Thread(target=lambda: (wait_until(lambda: cancel.asked), line.close()))
    pull.start()
    with pytest.raises(TransportBrokenError):
        tablet.sign(mailbox, cancel, 200, 90_000)
    pull.join()
    assert tablet.health() is DeviceState.ABSENT


def test_open_close_open(line_with, flag):
    line = line_with(REPLY, REPLY)
    tablet = opened(line, flag)
    assert tablet.capabilities.kind is DeviceKind.SIGNATURE_PAD
    with pytest.raises(DeviceBusyError):
        Isdv4Tablet(line.port).open(flag())
    tablet.open(flag())
    tablet.close()
    tablet.close()
    tablet.open(flag())
    assert tablet.health() is DeviceState.READY
    tablet.close()


# As the tablet of a convertible laptop sends them: x 0x1234, y 0x0ABC, pressure 0x155, tip down.
PEN = bytes((0xA1, 0x1234 >> 9, 0x1234 >> 2 & 0x7F, 0x0ABC >> 9, 0x0ABC >> 2 & 0x7F, 0x55, 0x02, 0x10, 0x11))
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
