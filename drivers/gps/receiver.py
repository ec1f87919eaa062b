"""A satellite receiver behind gpsd or a serial port."""

from __future__ import annotations

import contextlib
import json
import math
import socket
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from functools import reduce
from typing import Any
from urllib.parse import urlsplit

import serial

from drivers.serial_line import open_line
from drivers.transport import POLL_S, Deadline, cancelled, check
from fieldkit.ports.devices import Cancel, NotConnectedError, NothingPresentedError, TransportBrokenError
from fieldkit.ports.laptop import Fix

# Cuts a stream of bytes into lines, in bounded memory.

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


# The JSON protocol of gpsd: after WATCH it reports each position as an object of class TPV.

WATCH = b'?WATCH={"enable":true,"json":true};\n'
_MODE_2D = 2


class GpsdParser:
    """Takes bytes as they come; what is damaged or of another class is passed over."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, received: bytes) -> Iterator[Fix]:
        """Yield the positions that are whole by now."""
        for line in self._lines.feed(received):
            with contextlib.suppress(ValueError, TypeError, KeyError, OverflowError, RecursionError):
                report = json.loads(line)
                if isinstance(report, dict) and report.get("class") == "TPV" and report["mode"] >= _MODE_2D:
                    yield _fix(report)


def _fix(report: dict[str, Any]) -> Fix:
    latitude, longitude = _within(report["lat"], 90), _within(report["lon"], 180)
    at = datetime.fromisoformat(report["time"])
    if at.tzinfo is None:
        raise ValueError(report["time"])
    accuracy = report.get("eph")
    return Fix(latitude, longitude, at.astimezone(UTC), None if accuracy is None else _within(accuracy, math.inf))


def _within(number: object, most: float) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise TypeError(number)
    if abs(number) > most:
        raise ValueError(number)
    return float(number)


# Sentences of NMEA 0183 to positions: RMC gives place, day and time, GGA before it the precision.

RANGE_ERROR_M = 5.0  # of one satellite; times HDOP it is the usual estimate for receivers that send no GST
_UNREAL = frozenset("NEMS")  # modes: no fix, dead reckoning, typed in, simulator


class NmeaParser:
    """Takes bytes as they come; what is damaged is passed over."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._precision: float | None = None

    def feed(self, received: bytes) -> Iterator[Fix]:
        """Yield the positions that are whole by now."""
        for line in self._lines.feed(received):
            fields = _fields(line)
            with contextlib.suppress(ValueError, IndexError, OverflowError):
                if fields[0].endswith("GGA"):
                    self._precision = _positive(fields[8])
                elif fields[0].endswith("RMC") and fields[2] == "A" and not _UNREAL.intersection(fields[12:13]):
                    yield self._fix(fields)

    def _fix(self, fields: list[str]) -> Fix:
        at = datetime.strptime(fields[9] + fields[1][:6], "%d%m%y%H%M%S").replace(tzinfo=UTC)
        accuracy = None if self._precision is None else self._precision * RANGE_ERROR_M
        return Fix(_degrees(fields[3], fields[4], "NS", 90), _degrees(fields[5], fields[6], "EW", 180), at, accuracy)


def checksum(body: bytes) -> int:
    """Return the XOR of the bytes between `$` and `*`."""
    return reduce(lambda a, b: a ^ b, body, 0)


def _fields(line: bytes) -> list[str]:
    """Return the fields of a sentence whose checksum holds, else one empty field."""
    body, star, given = line[line.rfind(b"$") + 1 :].partition(b"*")
    try:
        if b"$" in line and star and int(given[:2], 16) == checksum(body):
            return body.decode("ascii").split(",")
    except ValueError:
        pass
    return [""]


def _degrees(text: str, side: str, sides: str, most: int) -> float:
    """Read `dddmm.mmmm`. Raise `ValueError`."""
    point = text.index(".")
    degrees, minutes = int(text[: point - 2]), _positive(text[point - 2 :])
    found = degrees + minutes / 60
    if minutes >= 60 or not 0 <= found <= most:
        raise ValueError(text)
    return -found if sides.index(side) else found


def _positive(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError(text)
    return number


GPSD, GPSD_PORT = "gpsd", 2947
BAUD = 9600  # NMEA 0183 says 4800; the USB receivers of today use this or do not care
_CONNECT_S = 1.0


class Receiver:
    """Opened for each question and closed again, so that it needs no executor of its own."""

    def __init__(self, address: str) -> None:
        self._address = address

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        """Return the first position that comes."""
        check(cancel)
        deadline = Deadline(timeout_ms / 1000)
        is_gpsd = urlsplit(self._address).scheme == GPSD
        parser = GpsdParser() if is_gpsd else NmeaParser()
        received = self._from_gpsd() if is_gpsd else self._from_port()
        with contextlib.closing(received):
            for part in received:
                for fix in parser.feed(part):
                    return fix
                if cancel.is_cancelled():
                    raise cancelled()
                if deadline.is_over:
                    break
        raise NothingPresentedError("device.gps.no_fix", address=self._address)

    def _from_gpsd(self) -> Generator[bytes, None, None]:
        place = urlsplit(self._address)
        try:
            line = socket.create_connection((place.hostname or "", place.port or GPSD_PORT), _CONNECT_S)
        except OSError as error:
            raise NotConnectedError("device.gps.none", address=self._address) from error
        with line:
            line.settimeout(POLL_S)
            try:
                line.sendall(WATCH)
                while (part := _received(line)) != b"":
                    yield part or b""
            except OSError as error:
                raise TransportBrokenError("device.transport_broken", address=self._address) from error
        raise TransportBrokenError("device.transport_broken", address=self._address)

    def _from_port(self) -> Generator[bytes, None, None]:
        port, _, baud = self._address.partition("#")
        line = open_line(port, int(baud) if baud.isdecimal() else BAUD)
        with contextlib.closing(line):
            try:
                while True:
                    yield line.read(line.in_waiting or 1)
            except (serial.SerialException, OSError) as error:
                raise TransportBrokenError("device.transport_broken", address=self._address) from error


def _received(line: socket.socket) -> bytes | None:
    """Return what came, b"" at the end, None when nothing comes for a moment."""
    try:
        return line.recv(4096)
    except TimeoutError:
        return None
