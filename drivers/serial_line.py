"""Serial ports (`/dev/ttyUSB0`, `COM3`, `socket://host:port`): opened, or refused for a reason that can be said."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import serial
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.trace import FirstPiece, Payload, Pieces, all_readable, current, note
from drivers.transport import POLL_S
from fieldkit.ports.devices import DeviceBusyError, DeviceError, NotConnectedError, PermissionDeniedError

# One named thread per device: its calls block, and never two at once.

T = TypeVar("T")


class SerialExecutor:
    """Runs calls one after the other on a thread called `device:<serial>`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Queue a call. Raise `RuntimeError` when the executor is closed."""
        return self._executor.submit(call)

    def close(self) -> None:
        """Drop what waits and return when the running call is over; cancel that one first."""
        self._executor.shutdown(wait=True, cancel_futures=True)


GROUP = "dialout"  # who may use serial ports on Debian


def _errors() -> tuple[type[Exception], ...]:
    if os.name == "posix":
        import termios

        return OSError, termios.error  # flushing a line that is gone raises the latter
    return (OSError,)


LINE_ERRORS = _errors()  # what a broken line may raise; pyserial's own errors are `OSError`
SETTING_ERRORS: tuple[type[Exception], ...] = ValueError, *LINE_ERRORS  # … and one that cannot be set as asked


@dataclass(frozen=True, slots=True)
class Traced:
    """How a trace cuts what comes in and what goes out into readable pieces and payloads."""

    received: FirstPiece
    sent: FirstPiece = all_readable


def listed_ports() -> Sequence[ListPortInfo]:
    """Return the serial ports of this laptop. Raise `DeviceError` when the system does not list them."""
    try:
        return tuple(list_ports.comports())
    except (OSError, AttributeError, TypeError) as error:  # a part of Windows that is missing or answers unlike itself
        raise DeviceError("device.ports_unlisted", reason=type(error).__name__) from error


def is_port_there(port: str) -> bool:
    """Return whether a port exists; of one across a socket only opening tells."""
    if "://" in port:
        return True
    if port.startswith("/"):
        return Path(port).exists()
    return port in {found.device for found in listed_ports()}


def open_line(
    port: str,
    baud: int,
    parity: str = serial.PARITY_NONE,
    bits: int = serial.EIGHTBITS,
    traced: Traced | None = None,
) -> serial.Serial:
    """Hold a port alone, with 1 stop bit. Raise a `DeviceError` that says why it is refused.

    A line that says how it is traced stands in the trace of whoever records now.
    """
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
        refusal = _refusal(port, error)
        if traced is not None:
            note("serial", port, "refused", code=refusal.code)
        raise refusal from error
    if traced is None or current() is None:
        return line
    note("serial", port, "opened", baud=baud, parity=line.parity, bits=line.bytesize)
    return cast("serial.Serial", _TracedLine(line, port, traced))


def close_line(line: serial.Serial) -> None:
    """Let go of a port, also of one that broke."""
    across = getattr(line, "_socket", None)
    line.close()
    if across is not None:
        across.close()  # pyserial leaves it open when the other side went first


class _TracedLine:
    """An open port that notes what passes, and when the program throws away what it has not read."""

    def __init__(self, line: serial.Serial, port: str, traced: Traced) -> None:
        def tell(act: str, piece: bytes | Payload) -> None:
            note("serial", port, act, data=piece)

        received, sent = (
            Pieces(first, partial(tell, act)) for act, first in (("in", traced.received), ("out", traced.sent))
        )
        vars(self).update(_line=line, _port=port, _received=received, _sent=sent)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._line, name, value)
        if name == "baudrate":
            note("serial", self._port, "baud", baud=value)

    def read(self, size: int = 1) -> bytes:
        received = bytes(self._line.read(size))
        self._received.feed(received)
        return received

    def write(self, content: bytes) -> int | None:
        self._received.end()
        self._sent.feed(content)  # before it goes out: a line that breaks then was told this last
        self._sent.end()
        written: int | None = self._line.write(content)
        return written

    def reset_input_buffer(self) -> None:
        self._received.end()
        self._line.reset_input_buffer()
        note("serial", self._port, "emptied")

    def close(self) -> None:
        self._received.end()
        self._line.close()
        note("serial", self._port, "closed")


def _refusal(port: str, error: BaseException) -> DeviceError:
    code = getattr(error, "errno", None)
    if code in (errno.EACCES, errno.EPERM):
        return PermissionDeniedError("device.permission_denied", address=port, group=GROUP)
    if code in (errno.EBUSY, errno.EWOULDBLOCK):
        return DeviceBusyError("device.busy", address=port)
    return NotConnectedError("device.not_connected", address=port)
