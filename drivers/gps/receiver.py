"""A satellite receiver behind gpsd or a serial port."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from urllib.parse import urlsplit

import serial

from drivers.gps.gpsd import WATCH, GpsdParser
from drivers.gps.nmea import NmeaParser
from drivers.serial_line import open_line
from drivers.transport import POLL_S, Deadline, cancelled, check
from fieldkit.ports.devices import Cancel, NotConnectedError, NothingPresentedError, TransportBrokenError
from fieldkit.ports.surroundings import Fix

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
