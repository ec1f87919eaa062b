from __future__ import annotations

import contextlib
import os
import threading
import tty

import pytest
from support.standstill import wait_until
from support.waits import FactClock, never

from drivers.isdv4.device import Isdv4Tablet
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    TransportBrokenError,
)

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
