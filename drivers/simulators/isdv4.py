"""A pen display that speaks ISDv4: behind a pty in a folder, or (on Windows too) the same bytes on a loopback port."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from drivers.simulators.serial_end import port_of, serial_end
from drivers.simulators.stage import Fault, Speed, Stage
from fieldkit.ports.devices import Signature

X_MAX, Y_MAX, PRESSURE_MAX = 13_320, 8_674, 255  # steps of 10 µm: as large as the paper on which people sign here
VERSION = 0x0206
_POLL_S = 0.02
_HESITATE_S = {Speed.INSTANT: 0.05, Speed.REALISTIC: 0.8}  # a person looks at the display first
_NOISE = b"\x7f\x11\xa1\x02\x03\xff\xff"


def packet(first: int, x: int, y: int, pressure: int, rest: bytes = b"\x00\x00") -> bytes:
    """Return the bytes of a pen packet or reply: 16-bit places and 10-bit pressure spread over seven bits a byte."""
    low = (x & 3) << 5 | (y & 3) << 3 | pressure >> 7 & 7
    return bytes((first, x >> 9 & 0x7F, x >> 2 & 0x7F, y >> 9 & 0x7F, y >> 2 & 0x7F, pressure & 0x7F, low)) + rest


REPLY = packet(0xC0, X_MAX, Y_MAX, PRESSURE_MAX, bytes((0x3C, 0x3C, VERSION >> 7, VERSION & 0x7F)))
# A touch screen of the oldest kind lies above the pen; nobody touches it.
_LOW = (X_MAX & 3) << 5 | (Y_MAX & 3) << 3
TOUCH_REPLY = bytes((0xC1, 10, _LOW, X_MAX >> 9, X_MAX >> 2 & 0x7F, Y_MAX >> 9, Y_MAX >> 2 & 0x7F, 0, 0, 0, 1))


def packets(signature: Signature) -> Iterator[tuple[int, bytes]]:
    """Yield time in ms and packet for each point; the pen hovers a moment after each stroke."""
    for stroke in signature.strokes:
        at_ms = x = y = 0
        for point in stroke:
            at_ms, x, y = point.t_ms, point.x_um // 10, point.y_um // 10
            yield at_ms, packet(0xA1, x, y, round(point.pressure * PRESSURE_MAX))
        yield at_ms + 10, packet(0xA0, x, y, 0)


class Isdv4Tablet:
    """Signs when a program starts it, and when told. `address` is what a program opens."""

    def __init__(self, stage: Stage, folder: Path | None = None, *, speed: Speed = Speed.INSTANT) -> None:
        self._stage = stage
        self._speed = speed
        self._folder = folder
        self._hand, self._unsent = _Hand(()), b""
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._port = 0
        self.plug()

    @property
    def address(self) -> str:
        """Return the path of the pty, which keeps its name when plugged in again, or the URL of the port."""
        return self._end.address

    @property
    def is_at_rest(self) -> bool:
        """Return whether all that was asked for, and all that the pen drew, is on the line."""
        return not self._wanted.is_set() and self._hand.is_at_rest and not self._unsent

    def sign_now(self) -> None:
        """Let the person sign."""
        self._wanted.set()

    def plug(self) -> None:
        """Make the port appear."""
        if self._thread is not None:
            return
        self._end = serial_end(self._folder, "ttyISDV4", self._port)
        self._port = port_of(self._end)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="isdv4")
        self._thread.start()

    def unplug(self) -> None:
        """Make the port vanish."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None
            self._end.close()

    def stop(self) -> None:
        """Take the tablet away for good."""
        self.unplug()

    def _run(self) -> None:
        is_started, self._hand, self._unsent = False, _Hand(()), b""
        while not self._stopping.is_set():
            commands = self._end.read(_POLL_S)
            if self._end.is_begun():  # another program, or none any more
                is_started, self._hand, self._unsent = False, _Hand(()), b""
            for command in commands:
                match bytes((command,)):
                    case b"*":
                        self._unsent = self._noisy(REPLY)
                    case b"%":
                        self._unsent = self._noisy(TOUCH_REPLY)
                    case b"0":
                        is_started, self._hand, self._unsent = False, _Hand(()), b""
                    case b"1":
                        is_started = True
                        self._wanted.set()
            if is_started and self._wanted.is_set():
                self._wanted.clear()
                ink = self._stage.signature()
                self._hand = _Hand(packets(ink) if ink else (), self._speed)
            while not self._stopping.is_set():
                self._unsent = self._unsent or self._noisy(self._hand.next())
                if not self._unsent:
                    break
                self._unsent = self._end.write(self._unsent)
                if self._unsent:  # the line is full
                    break

    def _noisy(self, sound: bytes) -> bytes:
        return _NOISE + sound if sound and self._stage.take(Fault.GARBAGE) else sound


class _Hand:
    """Gives packets when their time has come."""

    def __init__(
        self,
        course: Iterable[tuple[int, bytes]],
        speed: Speed = Speed.INSTANT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._course = deque(course)
        self._speed = speed
        self._monotonic = monotonic
        self._begins_at = monotonic() + _HESITATE_S[speed]

    @property
    def is_at_rest(self) -> bool:
        return not self._course

    def next(self) -> bytes:
        if not self._course or self._monotonic() < self._begins_at + self._delay_s(self._course[0][0]):
            return b""
        return self._course.popleft()[1]

    def _delay_s(self, at_ms: int) -> float:
        return at_ms / 1000 if self._speed is Speed.REALISTIC else 0.0
