"""A receipt printer on the network, on a serial port or behind a device file."""

from __future__ import annotations

import contextlib
import errno
import socket
import textwrap
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import segno
import serial

from drivers.serial_line import open_line
from fieldkit.ports.delivery import Receipt, ReceiptLine
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    PermissionDeniedError,
    TimedOutError,
    TransportBrokenError,
)

# A receipt as ESC/POS: the few commands that every printer of this kind knows, clones included.

COLUMNS = 32  # of paper 58 mm wide; 80 mm has 48
DOTS = 384  # across, on paper 58 mm wide
QUIET = 4  # modules around a QR code (ISO/IEC 18004, 5.3.8)
_INITIALISE, _CODE_PAGE_437 = b"\x1b@", b"\x1bt\x00"
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_PLAIN, _STRONG = b"\x1bE\x00", b"\x1bE\x01"
_CUT = b"\x1bd\x06\x1dV\x00"  # six lines further first: the knife stands above the head
_SPELLED = str.maketrans({"•": "*", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "…": "..."})


def slip(receipt: Receipt, columns: int = COLUMNS) -> bytes:
    """Return the bytes that print a receipt and cut it off."""
    text = b"".join(_line(line, columns) for line in receipt.lines)
    code = _CENTRE + _raster(receipt.qr) if receipt.qr else b""
    return _INITIALISE + _CODE_PAGE_437 + text + code + _CUT


def _line(line: ReceiptLine, columns: int) -> bytes:
    head = (_CENTRE if line.is_centred else _LEFT) + (_STRONG if line.is_strong else _PLAIN)
    rows = textwrap.wrap(line.text.translate(_SPELLED), columns) or [""]
    return head + b"".join(_encoded(row) + b"\n" for row in rows)


def _encoded(text: str) -> bytes:
    """Return code page 437; letters it lacks lose their accents. A control character would be a command."""
    plain = "".join(c for c in text if c.isprintable())
    try:
        return plain.encode("cp437")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore")


def _raster(content: str) -> bytes:
    """Return a QR code as a picture (GS v 0): cheap printers have no QR command of their own."""
    whole = content.encode("utf-8", "replace").decode()  # half a character pair is none
    modules = segno.make(whole, error="m", micro=False).matrix
    scale = max(1, min(6, DOTS // (len(modules) + 2 * QUIET)))
    blank = [0] * (len(modules) + 2 * QUIET)
    framed = [blank] * QUIET + [[0] * QUIET + list(row) + [0] * QUIET for row in modules] + [blank] * QUIET
    rows = [_packed([dot for dot in row for _ in range(scale)]) for row in framed for _ in range(scale)]
    size = len(rows[0]).to_bytes(2, "little") + len(rows).to_bytes(2, "little")
    return b"\x1dv0\x00" + size + b"".join(rows)


def _packed(dots: list[int]) -> bytes:
    """Return dots, black is 1, as bytes with the leftmost dot in the highest bit."""
    padded = dots + [0] * (-len(dots) % 8)
    return bytes(
        sum(bool(dot) << (7 - place) for place, dot in enumerate(padded[at : at + 8]))
        for at in range(0, len(padded), 8)
    )


PORT, BAUD = 9100, 9600
GROUP = "lp"  # who may write to /dev/usb/lp* on Debian
_CONNECT_S, _WRITE_S = 2.0, 10.0


class EscPosPrinter:
    """`tcp://host[:9100]`, `/dev/ttyUSB0#19200`, `/dev/rfcomm0` or `COM5` for serial lines, else a path to write to.

    A line that is only written to would turn each line feed into two bytes, and break the QR code.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def name(self) -> str:
        """Return the address: these printers do not tell their name."""
        return self._address

    def print_receipt(self, receipt: Receipt) -> None:
        """Send the slip."""
        printed, port = slip(receipt), self._address.partition("#")[0]
        if self._address.startswith("tcp://"):
            self._to_network(printed)
        elif _is_line(port):
            self._to_line(printed)
        else:
            self._to_file(printed)

    def _to_network(self, printed: bytes) -> None:
        try:
            place = urlsplit(self._address)
            host, port = place.hostname, place.port or PORT
            if not host:
                raise NotConnectedError("device.not_connected", address=self._address)
            line = socket.create_connection((host, port), _CONNECT_S)
        except ValueError as error:  # a port of no number, half an IPv6 address, a name that cannot be one
            raise NotConnectedError("device.not_connected", address=self._address) from error
        except OSError as error:
            raise self._refusal(error) from error
        with line:
            line.settimeout(_WRITE_S)
            try:
                line.sendall(printed)
                line.shutdown(socket.SHUT_WR)
            except OSError as error:
                raise self._broken(error) from error

    def _to_line(self, printed: bytes) -> None:
        port, _, baud = self._address.partition("#")
        with contextlib.closing(open_line(port, int(baud) if baud.isdecimal() else BAUD)) as line:
            line.write_timeout = _WRITE_S
            try:
                line.write(printed)
                line.flush()
            except (serial.SerialException, OSError) as error:
                raise self._broken(error) from error

    def _to_file(self, printed: bytes) -> None:
        if not Path(self._address).exists():  # never make a file where a printer should be
            raise NotConnectedError("device.not_connected", address=self._address)
        try:
            with Path(self._address).open("wb", buffering=0) as out:
                rest = memoryview(printed)
                while rest:
                    rest = rest[out.write(rest) or 0 :]
        except OSError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: OSError) -> DeviceError:
        if error.errno in (errno.EACCES, errno.EPERM):
            return PermissionDeniedError("device.permission_denied", address=self._address, group=GROUP)
        if error.errno == errno.EBUSY:
            return DeviceBusyError("device.busy", address=self._address)
        return NotConnectedError("device.not_connected", address=self._address)

    def _broken(self, error: OSError) -> DeviceError:
        if isinstance(error, TimeoutError | serial.SerialTimeoutException):
            return TimedOutError("device.timed_out", address=self._address)
        return TransportBrokenError("device.transport_broken", address=self._address)


def _is_line(port: str) -> bool:
    """Return whether a port is a serial line, also under another name: `/dev/serial/by-id/…`, a link of udev's."""
    if "://" in port or port.upper().startswith("COM"):
        return True
    with contextlib.suppress(OSError, ValueError):
        port = f"{port} {Path(port).resolve()}"
    return any(kind in port for kind in ("tty", "rfcomm", "/dev/pts/"))
