"""Serial ports (`/dev/ttyUSB0`, `COM3`, `socket://host:port`): opened, or refused for a reason that can be said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import serial
from serial.tools import list_ports

from drivers.transport import POLL_S
from fieldkit.ports.devices import DeviceBusyError, DeviceError, NotConnectedError, PermissionDeniedError

GROUP = "dialout"  # who may use serial ports on Debian


def _errors() -> tuple[type[Exception], ...]:
    if os.name == "posix":
        import termios

        return OSError, termios.error  # flushing a line that is gone raises the latter
    return (OSError,)


LINE_ERRORS = _errors()  # what a broken line may raise; pyserial's own errors are `OSError`
SETTING_ERRORS: tuple[type[Exception], ...] = ValueError, *LINE_ERRORS  # … and one that cannot be set as asked


def is_port_there(port: str) -> bool:
    """Return whether a port exists; of one across a socket only opening tells."""
    if "://" in port:
        return True
    if port.startswith("/"):
        return Path(port).exists()
    return port in {found.device for found in list_ports.comports()}


def open_line(port: str, baud: int, parity: str = serial.PARITY_NONE, bits: int = serial.EIGHTBITS) -> serial.Serial:
    """Hold a port alone, with 1 stop bit. Raise a `DeviceError` that says why it is refused."""
    try:
        line: serial.Serial = serial.serial_for_url(port, baud, timeout=POLL_S, write_timeout=1, do_not_open=True)
        line.parity, line.bytesize, line.exclusive = parity, bits, os.name == "posix" or None
        try:
            line.open()
        except LINE_ERRORS as error:
            if isinstance(error, serial.SerialException) or error.args[:1] != (errno.EINVAL,):
                raise
            # A pseudo-terminal carries eight bits and no parity, and the C library says so.
            line.parity, line.bytesize = serial.PARITY_NONE, serial.EIGHTBITS
            line.open()
    except SETTING_ERRORS as error:  # ValueError: a URL of no kind that pyserial knows
        raise _refusal(port, error) from error
    return line


def close_line(line: serial.Serial) -> None:
    """Let go of a port, also of one that broke."""
    across = getattr(line, "_socket", None)
    line.close()
    if across is not None:
        across.close()  # pyserial leaves it open when the other side went first


def _refusal(port: str, error: BaseException) -> DeviceError:
    code = getattr(error, "errno", None)
    if code in (errno.EACCES, errno.EPERM):
        return PermissionDeniedError("device.permission_denied", address=port, group=GROUP)
    if code in (errno.EBUSY, errno.EWOULDBLOCK):
        return DeviceBusyError("device.busy", address=port)
    return NotConnectedError("device.not_connected", address=port)
