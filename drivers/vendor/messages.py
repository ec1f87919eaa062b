"""What an adapter says, read with care: one JSON object a line, of bounded length, with values of the expected kind."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from drivers.transport import cancelled
from fieldkit.domain.errors import Recovery
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import EYES, FINGERS, Modality, Position
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    GreyImage,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)

VERSION = 1  # of the protocol
MAX_LINE_BYTES = 32 << 20  # four prints at 1,000 ppi, or a pair of irises, in base64
MAX_SIDE = 5_000  # pixels
MAX_FRAME_BYTES = 4 << 20
MAX_DEVICES = 16
MAX_PICTURES = 4  # of one position, of which the kit keeps the best
PPI = range(490, 1011)  # what a record for enrolment may have: 500 or 1,000, as scanners round it
NOTHING = {
    Modality.FINGER: "device.no_finger",
    Modality.IRIS: "device.no_eye",
    Modality.FACE: "device.no_face",
}
_TEXT_CHARS = 120
_OFFERED = {
    DeviceKind.FINGERPRINT: frozenset(FINGERS),
    DeviceKind.IRIS: frozenset(EYES),
    DeviceKind.CAMERA: frozenset({Position.PORTRAIT}),
}
KINDS = tuple(kind.value for kind in _OFFERED)


@dataclass(frozen=True, slots=True)
class Listed:
    """One device as its adapter describes it."""

    device_id: str
    kind: DeviceKind
    state: DeviceState
    identity: DeviceIdentity
    positions: frozenset[Position]
    takes_slaps: bool
    may_preview: bool
    ppi: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What was taken of one position: grey pixels or the bytes of a JPEG, and the vendor's score if it told one."""

    position: Position
    image: GreyImage | bytes
    score: QualityScore | None


def read_message(line: bytes, name: str) -> tuple[int, dict[str, Any]]:
    """Return the number of the request and the fields. Raise `ProtocolError` naming what came instead."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise wrong(name, shown(line)) from error
    if not isinstance(message, dict) or type(message.get("number")) is not int:
        raise wrong(name, shown(line))
    return message["number"], message


def check_greeting(message: dict[str, Any], name: str) -> None:
    """Raise `ProtocolError` for an adapter that speaks another version."""
    if message.get("protocol") != VERSION:
        raise wrong(name, f"protocol {message.get('protocol')!r:.20}")


def listed_of(message: dict[str, Any], name: str) -> tuple[Listed, ...]:
    """Return the devices of an answer to `list`. Raise `ProtocolError`."""
    entries = message.get("devices")
    if not isinstance(entries, list) or len(entries) > MAX_DEVICES:
        raise wrong(name, "devices")
    found = tuple(_listed(entry, name) for entry in entries)
    if len({one.device_id for one in found}) < len(found):
        raise wrong(name, "devices: id")
    return found


def frame_of(message: dict[str, Any], name: str) -> bytes | GreyImage | None:
    """Return the live frame of a message, a JPEG or grey pixels; None of another one. Raise `ProtocolError`."""
    if "frame" not in message:
        return None
    if isinstance(message["frame"], dict):
        return _grey(message["frame"], name)
    frame = _content(message, "frame", name)
    if len(frame) > MAX_FRAME_BYTES or not frame.startswith(b"\xff\xd8"):
        raise wrong(name, "frame")
    return frame


def pictures_of(message: dict[str, Any], wanted: Sequence[Position], name: str) -> dict[Position, list[Picture]]:
    """Return what was taken of each wanted position. Raise `ProtocolError`."""
    entries = message.get("images")
    if not isinstance(entries, list) or len(entries) > MAX_PICTURES * len(wanted):
        raise wrong(name, "images")
    taken: dict[Position, list[Picture]] = {}
    for entry in entries:
        picture = _picture(entry, name)
        if picture.position not in wanted:
            raise wrong(name, f"images: {picture.position} was not asked for")
        taken.setdefault(picture.position, []).append(picture)
    return taken


def raise_told(message: dict[str, Any], name: str, modality: Modality | None = None) -> None:
    """Raise the error that an answer tells, if it tells one."""
    if "error" in message:
        raise _error(str(message["error"]), _clean(message.get("reason", "")), name, modality)


def wrong(name: str, reason: str) -> ProtocolError:
    """Return the error of an adapter that does not keep to the protocol."""
    return ProtocolError("device.vendor.answer", name=name, reason=reason)


def shown(told: bytes) -> str:
    """Return the beginning of something unexpected, fit to be shown."""
    return _clean(told[: 2 * _TEXT_CHARS].decode("utf-8", "replace"))


def _listed(entry: object, name: str) -> Listed:
    if not isinstance(entry, dict):
        raise wrong(name, "devices")
    device_id, vendor, model, serial = (_text(entry, key, name) for key in ("id", "vendor", "model", "serial"))
    if entry.get("kind") not in KINDS:
        raise wrong(name, f"kind {entry.get('kind')!r:.40}")
    kind = DeviceKind(entry["kind"])
    ppi = _number(entry, "ppi", range(1, 2001), name) if kind is DeviceKind.FINGERPRINT else 0
    firmware = _clean(entry.get("firmware", ""))
    return Listed(
        device_id=device_id,
        kind=kind,
        state=_state(entry.get("state", "ready"), name),
        identity=DeviceIdentity(vendor, model, serial, firmware),
        positions=_positions(entry.get("positions"), kind, name),
        takes_slaps=kind is DeviceKind.FINGERPRINT and entry.get("slaps") is True,
        may_preview=entry.get("preview") is True,
        ppi=ppi,
    )


def _positions(told: object, kind: DeviceKind, name: str) -> frozenset[Position]:
    offered = _OFFERED[kind]
    if told is None:
        return offered
    if not isinstance(told, list) or not told or not {str(one) for one in told} <= {str(one) for one in offered}:
        raise wrong(name, "positions")
    return frozenset(Position(one) for one in told)


def _state(told: object, name: str) -> DeviceState:
    try:
        return DeviceState(str(told))
    except ValueError as error:
        raise wrong(name, f"state {told!r:.40}") from error


def _picture(entry: object, name: str) -> Picture:
    if not isinstance(entry, dict) or entry.get("position") not in tuple(Position):
        raise wrong(name, "images: position")
    position = Position(entry["position"])
    score = None
    if "score" in entry:
        value = _number(entry, "score", range(101), name)
        score = QualityScore(value, _text(entry, "algorithm", name), _clean(entry.get("version", "")))
    if position is Position.PORTRAIT or "jpeg" in entry:
        jpeg = _content(entry, "jpeg", name)
        if position in FINGERS or not jpeg.startswith(b"\xff\xd8"):
            raise wrong(name, "images: jpeg")
        return Picture(position, jpeg, score)
    image = _grey(entry, name)
    ppi = _number(entry, "ppi", PPI, name) if position in FINGERS else 0
    return Picture(position, replace(image, ppi=ppi), score)


def _grey(entry: dict[str, Any], name: str) -> GreyImage:
    width, height = (_number(entry, key, range(1, MAX_SIDE + 1), name) for key in ("width", "height"))
    pixels = _content(entry, "pixels", name)
    if len(pixels) != width * height:
        raise wrong(name, f"{len(pixels)} bytes for {width} x {height}")
    return GreyImage(width, height, pixels)


def _number(entry: dict[str, Any], key: str, allowed: range, name: str) -> int:
    value = entry.get(key)
    if type(value) is not int or value not in allowed:
        raise wrong(name, f"{key} {value!r:.40}")
    return value


def _text(entry: dict[str, Any], key: str, name: str) -> str:
    value = _clean(entry.get(key, ""))
    if not value:
        raise wrong(name, key)
    return value


def _clean(told: object) -> str:
    text = told if isinstance(told, str) else ""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_TEXT_CHARS]


def _content(entry: dict[str, Any], key: str, name: str) -> bytes:
    try:
        return base64.b64decode(entry[key], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise wrong(name, key) from error


def _error(kind: str, reason: str, name: str, modality: Modality | None) -> DeviceError:
    match kind:
        case "nothing" if modality is not None:
            return NothingPresentedError(NOTHING[modality])
        case "stopped":
            return cancelled()
        case "missing":
            return SdkMissingError("device.vendor.missing", name=name, reason=reason)
        case "busy":
            return DeviceBusyError("device.busy", address=name)
        case "absent":
            return NotConnectedError("device.not_connected", address=name)
        case "removed":
            return TransportBrokenError("device.transport_broken", address=name)
        case "permission":
            return PermissionDeniedError("device.vendor.permission", name=name, reason=reason)
        case _:
            return ProtocolError("device.vendor.failed", recovery=Recovery.RETRY, name=name, reason=reason or kind[:40])
