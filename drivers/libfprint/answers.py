"""What the outside process says, read with care: lines of bounded length, values of the expected kind."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from drivers.transport import cancelled
from fieldkit.domain.errors import Recovery
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    GreyImage,
    NotConnectedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
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
