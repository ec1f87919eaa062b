"""A receipt printer on the network, on a serial port or behind a device file."""

from __future__ import annotations

import contextlib
import errno
import socket
from pathlib import Path
from urllib.parse import urlsplit

import serial

from drivers.escpos.slip import slip
from drivers.serial_line import open_line
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    PermissionDeniedError,
    TimedOutError,
    TransportBrokenError,
)
from fieldkit.ports.receipts import Receipt

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
