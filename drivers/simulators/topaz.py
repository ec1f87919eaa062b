"""A Topaz SigLite 1x5, or a SignatureGem LCD 1x5, on a serial line: 5-byte packets while the pen is near."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from drivers.simulators.serial_end import port_of, serial_end
from drivers.simulators.stage import Speed, Stage
from fieldkit.ports.devices import Signature

LEFT, TOP = 500, 700  # the surface in the pad's coordinates
LCD_LEFT, LCD_TOP = 400, 350
DPI = 410
_UM_PER_INCH = 25_400
_NEAR, _DOWN, _SYNC, _INFO = 0x40, 0x01, 0x80, 0x08
MODEL_NUMBER, SERIAL_NUMBER = 5, 70_001  # what it tells of itself
_POLL_S = 0.05
# From the program's flush to the first ink: a person looks at the pad first.
_AGAIN_S = 4.0  # longer than a program waits for the pen to rest
_HESITATE_S = {Speed.INSTANT: 0.05, Speed.REALISTIC: 0.8}


class MakePacket(Protocol):
    """Makes a pen packet of a place in the coordinates of a SigLite 1x5."""

    def __call__(self, x: int, y: int, *, is_down: bool) -> bytes: ...  # noqa: D102


def packet(x: int, y: int, *, is_down: bool) -> bytes:
    """Return one pen packet of 12-bit coordinates."""
    return bytes((_SYNC | _NEAR | (_DOWN if is_down else 0), x & 0x7F, x >> 7 & 0x1F, y & 0x7F, y >> 7 & 0x1F))


def seven_bit_packet(x: int, y: int, *, is_down: bool) -> bytes:
    """Return the packet of a SignatureGem LCD 1x5, whose surface begins elsewhere: no byte has its highest bit set."""
    x, y = x - LEFT + LCD_LEFT, min(y - TOP + LCD_TOP, 0xFFF)
    return bytes((0x44 | (_DOWN if is_down else 0), x & 0x3F, x >> 6 & 0x3F, y & 0x3F, y >> 6 & 0x3F))


def numbers_packet() -> bytes:
    """Return the packet with which it tells its numbers."""
    above = MODEL_NUMBER << 2 | SERIAL_NUMBER >> 16
    return bytes((_SYNC | _INFO, above & 0x7F, above >> 7 & 0x7F, SERIAL_NUMBER & 0x7F, SERIAL_NUMBER >> 7 & 0x7F))


def packets(signature: Signature, make: MakePacket = packet) -> Iterator[tuple[int, bytes]]:
    """Yield time in ms and packet for each point; the pen hovers a moment after each stroke."""
    for stroke in signature.strokes:
        at_ms = 0
        x = y = 0
        for point in stroke:
            x, y, at_ms = LEFT + point.x_um * DPI // _UM_PER_INCH, TOP + point.y_um * DPI // _UM_PER_INCH, point.t_ms
            yield at_ms, make(x, y, is_down=True)
        yield at_ms + 10, make(x, y, is_down=False)


class TopazPad:
    """Signs whenever a program opens the port or empties its input, and when told.

    `address` keeps its name when the pad is plugged in again: a link in `folder`, without one a port of the loopback,
    where nobody sees that the input was emptied: there the person signs again and again while a program has it open.
    """

    def __init__(
        self, stage: Stage, folder: Path | None = None, *, speed: Speed = Speed.INSTANT, make: MakePacket = packet
    ) -> None:
        self._stage = stage
        self._speed = speed
        self._make = make
        self._preface = numbers_packet() if make is packet else b""  # how the other format tells them is not known
        self._wanted = threading.Event()
        self._folder, self._port = folder, 0
        self._again_at = 0.0
        self._thread: threading.Thread | None = None
        self.plug()

    @property
    def address(self) -> str:
        """Return what a program opens."""
        return self._end.address

    def sign_now(self) -> None:
        """Let the person sign."""
        self._wanted.set()

    def plug(self) -> None:
        """Make the port appear."""
        if self._thread is not None:
            return
        self._stopping = threading.Event()
        # Who throws away what came waits for a pen.
        self._end = serial_end(self._folder, "ttyTOPAZ", self._port, hears_flush=True)
        self._port = port_of(self._end)
        self._thread = threading.Thread(target=self._run, name="topaz")
        self._thread.start()

    def unplug(self) -> None:
        """Make the port vanish."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        self._thread = None
        self._end.close()

    def stop(self) -> None:
        """Take the pad away for good."""
        self.unplug()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._is_flushed(_POLL_S) or (self._end.is_held() and time.monotonic() >= self._again_at):
                self._wanted.set()
            # A flush while writing means that the program begins anew, and so does the person.
            while self._wanted.is_set() and not self._stopping.is_set():
                self._wanted.clear()
                self._write_signature()
                self._again_at = time.monotonic() + _AGAIN_S

    def _write_signature(self) -> None:
        if self._wait(_HESITATE_S[self._speed]) or (ink := self._stage.signature()) is None:
            return
        at_ms = 0
        self._send(self._preface)
        for t_ms, one in packets(ink, self._make):
            if self._speed is Speed.REALISTIC and t_ms > at_ms and self._wait((t_ms - at_ms) / 1000):
                return
            at_ms = t_ms
            while not self._send(one):
                if self._wait(_POLL_S):
                    return

    def _send(self, one: bytes) -> bool:
        """Write a packet whole; False when the line's buffer is full."""
        unsent = self._end.write(one)
        if unsent == one and one:
            return False
        while unsent and not self._stopping.is_set():
            unsent = self._end.write(unsent)
        return True

    def _wait(self, seconds: float) -> bool:
        """Wait; return whether the person shall begin anew or the pad goes away."""
        if self._is_flushed(seconds):
            self._wanted.set()
        return self._wanted.is_set() or self._stopping.is_set()

    def _is_flushed(self, seconds: float) -> bool:
        self._end.read(seconds)
        return self._end.is_begun()
