"""Cuts a stream of bytes into lines, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

MAX_LINE_BYTES = 16_384  # gpsd's answers to WATCH are the longest; a sentence of NMEA 0183 has 82


class Lines:
    """Gives whole lines; one that does not end is dropped up to its end."""

    def __init__(self) -> None:
        self._begun = b""
        self._is_too_long = False

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Yield the lines that are whole by now, without their ends."""
        *whole, rest = (self._begun + received).split(b"\n")
        for line in whole:
            if not self._is_too_long and len(line) <= MAX_LINE_BYTES:
                yield line.rstrip(b"\r")
            self._is_too_long = False
        if len(rest) > MAX_LINE_BYTES:
            self._is_too_long, rest = True, b""
        self._begun = rest
