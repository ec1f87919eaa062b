"""What the outside process says, read with care: lines of bounded length, values of the expected kind."""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.context import readable
from drivers.libfprint.outside import PACKAGES
from drivers.transport import POLL_S, Deadline, NeverCancelled, cancelled
from fieldkit.domain.errors import Recovery
from fieldkit.ports.devices import (
    Cancel,
    DeviceBusyError,
    DeviceError,
    GreyImage,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TimedOutError,
    TransportBrokenError,
)

MAX_LINE_BYTES = 4 << 20
MAX_SIDE = 2_000  # pixels, and pixels per inch


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader as libfprint names it."""

    driver: str
    device_id: str
    name: str
    may_capture: bool


class LineBuffer:
    """Cuts bytes into lines. Raise `ProtocolError` for a line without end."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, received: bytes) -> list[bytes]:
        """Return the lines that became complete."""
        *lines, rest = (bytes(self._waiting) + received).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise ProtocolError("device.libfprint.answer")
        self._waiting = bytearray(rest)
        return lines


def read_answer(line: bytes) -> tuple[int, dict[str, Any]]:
    """Return the number of the request and the answer's fields. Raise `ProtocolError` when it is none."""
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("device.libfprint.answer") from error
    if not isinstance(answer, dict) or type(answer.get("number")) is not int:
        raise ProtocolError("device.libfprint.answer")
    return answer["number"], answer


def tell(answer: dict[str, Any], address: str) -> dict[str, Any]:
    """Return an answer that tells no error, raise the `DeviceError` of another."""
    if "error" in answer:
        raise _error(str(answer["error"]), str(answer.get("reason", "")), address)
    return answer


def readers_of(answer: dict[str, Any]) -> list[Reader]:
    """Return the listed readers."""
    devices = answer.get("devices")
    if not isinstance(devices, list):
        raise ProtocolError("device.libfprint.answer")
    return [_reader(device) for device in devices]


def image_of(answer: dict[str, Any]) -> GreyImage:
    """Return the image of a capture."""
    width, height, ppi = (_size(answer.get(name)) for name in ("width", "height", "ppi"))
    pixels = content_of(answer, "pixels")
    if width * height != len(pixels):
        raise ProtocolError("device.libfprint.answer")
    return GreyImage(width, height, pixels, ppi)


def content_of(answer: dict[str, Any], name: str) -> bytes:
    """Return a field of bytes."""
    try:
        return base64.b64decode(answer[name], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ProtocolError("device.libfprint.answer") from error


def _reader(device: object) -> Reader:
    if not isinstance(device, dict):
        raise ProtocolError("device.libfprint.answer")
    driver, device_id, name = (device.get(key) for key in ("driver", "id", "name"))
    if not (isinstance(driver, str) and isinstance(device_id, str) and isinstance(name, str)):
        raise ProtocolError("device.libfprint.answer")
    return Reader(driver, device_id, name, device.get("may_capture") is True)


def _size(value: object) -> int:
    if type(value) is not int or not 0 < value <= MAX_SIDE:
        raise ProtocolError("device.libfprint.answer")
    return value


def _error(kind: str, reason: str, address: str) -> DeviceError:
    match kind:
        case "missing":
            return SdkMissingError("device.libfprint.missing", package=reason)
        case "cancelled":
            return cancelled()
        case "busy":
            return DeviceBusyError("device.busy", address=address)
        case "absent":
            return NotConnectedError("device.not_connected", address=address)
        case "removed":
            return TransportBrokenError("device.transport_broken", address=address)
        case "permission":
            return PermissionDeniedError("device.libfprint.permission", address=address)
        case "template":
            return ProtocolError("device.other_template", kind=address)
        case _:
            return ProtocolError("device.libfprint.failed", recovery=Recovery.RETRY, reason=reason)


# The outside process: started, asked, stopped. Unix only, as libfprint is.

PYTHON = Path("/usr/bin/python3")  # PyGObject is a Debian package of this one, not of our environment
START_S = 10.0
STOP_S = 2.0
VIRTUAL_SOCKET = "FP_VIRTUAL_IMAGE"


class OutsideProcess:
    """One process; not for two threads. `virtual_socket` makes the library's virtual reader appear."""

    def __init__(self, address: str = "", virtual_socket: str = "", python: Path = PYTHON) -> None:
        """Start it and wait until it is ready. Raise `SdkMissingError`."""
        if not python.exists():
            raise SdkMissingError("device.libfprint.missing", package=PACKAGES)
        self._address = address
        self._lines = LineBuffer()
        self._number = 0
        environment = {name: value for name, value in os.environ.items() if name != VIRTUAL_SOCKET}
        if virtual_socket:
            environment[VIRTUAL_SOCKET] = virtual_socket
        self._process = subprocess.Popen(
            [python, "-I", Path(__file__).with_name("outside.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            bufsize=0,
        )
        try:
            self._read(Deadline(START_S), NeverCancelled())
        except DeviceError:
            self.close()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, do: str, cancel: Cancel, timeout_ms: int, **fields: str) -> dict[str, Any]:
        """Ask and return the answer.

        Raise what the answer tells; `NothingPresentedError` when the time is over or the person gave up.
        """
        self._number += 1
        self._write({"do": do, **fields})
        try:
            return self._read(Deadline(timeout_ms / 1000), cancel)
        except (TimedOutError, NothingPresentedError) as over:
            self._stop()
            if isinstance(over, TimedOutError):
                raise NothingPresentedError("device.no_finger") from over
            raise

    def close(self) -> None:
        """End the process; idempotent."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _stop(self) -> None:
        """End what runs, and take its last answer off the line."""
        self._write({"do": "stop"})
        try:
            self._read(Deadline(STOP_S), NeverCancelled())
        except TimedOutError:
            self._process.kill()  # a library that does not let go
        except DeviceError:
            return

    def _write(self, request: dict[str, str]) -> None:
        assert self._process.stdin is not None
        line = json.dumps({"number": self._number, **request}).encode() + b"\n"
        try:
            self._process.stdin.write(line)
        except (OSError, ValueError) as error:
            raise TransportBrokenError("device.transport_broken", address=self._address) from error

    def _read(self, deadline: Deadline, cancel: Cancel) -> dict[str, Any]:
        assert self._process.stdout is not None
        while True:
            if cancel.is_cancelled():
                raise cancelled()
            if deadline.is_over:
                raise TimedOutError("device.timed_out", address=self._address)
            if not readable([self._process.stdout], POLL_S):
                continue
            received = os.read(self._process.stdout.fileno(), 1 << 16)
            if not received:
                raise TransportBrokenError("device.transport_broken", address=self._address)
            for line in self._lines.feed(received):
                number, answer = read_answer(line)
                if number == self._number:  # else of a request that was given up
                    return tell(answer, self._address)


def list_readers(virtual_socket: str = "", python: Path = PYTHON) -> list[Reader]:
    """Return what libfprint sees now; takes about a quarter of a second. Raise `SdkMissingError`."""
    process = OutsideProcess(virtual_socket=virtual_socket, python=python)
    try:
        return readers_of(process.ask("list", NeverCancelled(), round(START_S * 1000)))
    finally:
        process.close()
