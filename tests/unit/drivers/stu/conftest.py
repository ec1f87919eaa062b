"""The pad's end of USB: real reports over a link of our own, for hidapi has no virtual device."""

from __future__ import annotations

import struct
from collections import deque

import pytest

from drivers.stu.transport import FoundPad

CAPABILITY = bytes.fromhex("09 25 80 17 70 03 FF 01 40 00 C8 C8 09 EC 01 00 00")


def pen(x: int, y: int, pressure: int = 1023, *, down: bool = True) -> bytes:
    return struct.pack(">BHHH", 0x01, 0x8000 | (0x1000 if down else 0) | pressure, x, y)


def timed(x: int, y: int, sequence: int) -> bytes:
    return struct.pack(">BHHHHH", 0x34, 0x9000 | 1023, x, y, 5 * sequence, sequence)


class Pad:
    """A STU-430 as hidapi shows it; `says` is what its pen does once the screen takes ink.

    Nothing lasts here: who waits for a pen that rests is told so at once, and `waits` keeps for how long it wanted to.
    """

    def __init__(self) -> None:
        self.is_plugged = True
        self.may_open = True
        self.knows_modes = True
        self.capability = CAPABILITY
        self.says: list[bytes] = []
        self.set: list[bytes] = []
        self._queue: deque[bytes] = deque()
        self.waits: list[int] = []
        self.open_links = 0

    @property
    def is_read(self) -> bool:
        """Whether all that the pen did is known."""
        return not self._queue

    def play(self, *reports: bytes) -> None:
        """Move the pen before anybody asked."""
        self._queue.extend(reports)

    def unplug(self) -> None:
        self.is_plugged = False

    # --- as a bus

    def pads(self) -> list[FoundPad]:
        return [FoundPad("/dev/hidraw3", "STU-430", "5JZQS00032")] if self.is_plugged else []

    def open(self, path: str) -> Pad:
        if not (self.is_plugged and self.may_open):
            raise OSError("open failed")
        self.open_links += 1
        return self

    # --- as a link

    def read(self, timeout_ms: int) -> bytes:
        self._expect()
        if not self._queue:
            self.waits.append(timeout_ms)
            return b""
        return self._queue.popleft()

    def get_feature(self, kind: int, size: int) -> bytes:
        self._expect()
        return self.capability if kind == 0x09 else b""

    def set_feature(self, report: bytes) -> None:
        self._expect()
        if report[0] in (0x32, 0x93) and not self.knows_modes:
            raise OSError(f"report {report[0]:02X} refused")
        self.set.append(report)
        if report == b"\x21\x01":
            self._queue.extend(self.says)

    def close(self) -> None:
        self.open_links -= 1

    def _expect(self) -> None:
        if not self.is_plugged:
            raise OSError("read error")


@pytest.fixture
def usb() -> Pad:
    return Pad()


@pytest.fixture
def reports():
    return pen, timed
