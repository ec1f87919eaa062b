"""Requests of the interface, checked as strictly as a certified device does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Position

# What differs between the versions of the interface.


class Act(Enum):
    """What a request asks for."""

    DISCOVER = auto()
    DESCRIBE = auto()
    STREAM = auto()
    CAPTURE = auto()


@dataclass(frozen=True, slots=True)
class Dialect:
    """Verbs and paths of one version, and the JSON key that names a device."""

    version: str
    routes: dict[tuple[str, str], Act]
    device_key: str
    names_version: bool = False  # discovery, info and stream must name type and version


V0_9_5 = Dialect(
    "0.9.5",
    {
        ("MOSIPDISC", "/device"): Act.DISCOVER,
        ("MOSIPDINFO", "/info"): Act.DESCRIBE,
        ("STREAM", "/stream"): Act.STREAM,
        ("RCAPTURE", "/capture"): Act.CAPTURE,
    },
    "deviceId",
)

V1_0 = Dialect(
    "1.0.0",
    {
        ("SBIDISC", "/device"): Act.DISCOVER,
        ("SBIINFO", "/info"): Act.DESCRIBE,
        ("STREAM", "/stream"): Act.STREAM,
        ("RCAPTURE", "/capture"): Act.CAPTURE,
    },
    "serialNo",
    names_version=True,
)


# The registration devices that are simulated.

_FINGER_WORDS = ("Thumb", "IndexFinger", "MiddleFinger", "RingFinger", "LittleFinger")
WORDS: dict[Position, str] = {
    **{finger: f"Right {word}" for finger, word in zip(FINGERS[:5], _FINGER_WORDS, strict=True)},
    **{finger: f"Left {word}" for finger, word in zip(FINGERS[5:], _FINGER_WORDS, strict=True)},
    Position.EYE_RIGHT: "Right",
    Position.EYE_LEFT: "Left",
}


@dataclass(frozen=True, slots=True)
class Model:
    """What a device says about itself; `subs` are its sub-devices and the positions each can take."""

    kind: str
    sub_type: str
    make: str
    model: str
    serial: str
    subs: dict[int, tuple[Position, ...]]

    @property
    def device_id(self) -> str:
        """Return the id that discovery gives."""
        return f"{self.make}-{self.model}-{self.serial}".replace(" ", "-")

    @property
    def offered_subs(self) -> tuple[int, ...]:
        """Return the sub-devices to name in discovery; 0 stands for an unknown one unless it is the only one."""
        return tuple(sub_id for sub_id in self.subs if sub_id) or (0,)

    @property
    def code(self) -> str:
        """Return the device code."""
        return f"{self.kind.upper()}-{self.serial}"


SLAP_SCANNER = Model(
    "Finger", "Slap", "Simulasi", "TenPrint S4", "SIM-FP-0001", {1: LEFT_FOUR, 2: RIGHT_FOUR, 3: THUMBS, 0: FINGERS}
)
FACE_CAMERA = Model("Face", "Full face", "Simulasi", "Portrait F1", "SIM-FC-0001", {0: (Position.PORTRAIT,)})
IRIS_CAMERA = Model(
    "Iris", "Double", "Simulasi", "DuoIris V2", "SIM-IR-0001", {1: EYES[1:], 2: EYES[:1], 3: EYES, 0: EYES}
)


NOT_REGISTERED, NO_OBJECT, NOT_FOUND = 100, 101, 106
BAD_COUNT = 109
NOT_READY, BUSY = 110, 111
BAD_TRANSACTION = 112
MALFORMED, BAD_ENV, BAD_PURPOSE, BAD_VERSION, BAD_TIMEOUT, BAD_TIME, NO_BIO, BAD_SUB_TYPE = range(113, 121)
BAD_EXCEPTION, BAD_SCORE, BAD_HASH = range(121, 124)
BAD_TYPE = 502
OTHER_SUB_DEVICE, BAD_SUB_ID, IN_PROGRESS, NO_DEVICE_ID, WRONG_DEVICE_ID = range(701, 706)

SENTENCES = {
    NOT_REGISTERED: "Device not registered",
    NOT_FOUND: "Device not found",
    NOT_READY: "Device is not ready",
    NO_OBJECT: "No biometric object found",
    BAD_COUNT: "Count of biometrics is not supported",
    BUSY: "Device is busy",
    BAD_TRANSACTION: "Transaction id is invalid",
    BAD_TYPE: "Biometric type is not served here",
    OTHER_SUB_DEVICE: "Another sub-device is streaming",
    BAD_SUB_ID: "Sub-device id is invalid",
    IN_PROGRESS: "A capture is in progress",
    NO_DEVICE_ID: "Device id is missing",
    WRONG_DEVICE_ID: "Device id is not of this device",
}
KINDS = ("Biometric Device", "Finger", "Face", "Iris")
_ENVIRONMENTS = ("Staging", "Developer", "Pre-Production", "Production", "None")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_TRANSACTION = re.compile(r"[A-Za-z0-9-]{4,50}")
_HASH = re.compile(r"([0-9A-Fa-f]{64})?")
_POSITIONS = {word: position for position, word in WORDS.items()}


class RefusedError(Exception):
    """A request that the device answers with an error code."""

    def __init__(self, code: int, sentence: str = "") -> None:
        self.code = code
        super().__init__(sentence or SENTENCES.get(code, "Request is malformed"))

    @property
    def reply(self) -> dict[str, str]:
        """Return the error object of an answer."""
        return {"errorCode": str(self.code), "errorInfo": str(self)}


@dataclass(frozen=True, slots=True)
class StreamCall:
    """A checked STREAM request."""

    sub_id: int
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class CaptureCall:
    """A checked RCAPTURE request; `positions` are expected in this order, exceptions already left out."""

    env: str
    transaction_id: str
    timeout_ms: int
    sub_id: int
    positions: tuple[Position, ...]
    requested_score: int
    previous_hash: bytes  # empty at the first capture of a subject


def parse(body: bytes) -> Mapping[str, object]:
    """Return the JSON object of a request. Raise `RefusedError`."""
    try:
        parsed = json.loads(body)
    except ValueError as wrong:
        raise RefusedError(MALFORMED, "Body is not JSON") from wrong
    if not isinstance(parsed, dict):
        raise RefusedError(MALFORMED, "Body is not a JSON object")
    return parsed


def read_kind(body: bytes, model: Model, dialect: Dialect) -> None:
    """Check a discovery or info request. Raise `RefusedError`, also for a kind of device that is not served here."""
    fields = parse(body)
    kind = fields.get("type")
    if kind not in KINDS:
        raise RefusedError(BAD_TYPE)
    if dialect.names_version:
        _expect(_is_version(fields.get("specVersion"), dialect), BAD_VERSION)
    _expect(kind in (KINDS[0], model.kind), NOT_FOUND)


def read_stream(body: bytes, model: Model, dialect: Dialect) -> StreamCall:
    """Check a STREAM request. Raise `RefusedError`."""
    fields = parse(body)
    if dialect.names_version:
        _expect(fields.get("type") == model.kind, BAD_TYPE)
        _expect(fields.get("specVersion") == dialect.version, BAD_VERSION)
    _check_device(fields, model, dialect)
    return StreamCall(_sub_id(fields, model), _number(fields, "timeout", BAD_TIMEOUT, 600_000))


def read_capture(body: bytes, model: Model, dialect: Dialect) -> CaptureCall:
    """Check an RCAPTURE request. Raise `RefusedError`."""
    fields = parse(body)
    transaction_id = fields.get("transactionId")
    if not isinstance(transaction_id, str) or not _TRANSACTION.fullmatch(transaction_id):
        raise RefusedError(BAD_TRANSACTION)
    _expect(fields.get("env") in _ENVIRONMENTS, BAD_ENV)
    _expect(fields.get("purpose") == "Registration", BAD_PURPOSE)
    _expect(fields.get("specVersion") == dialect.version, BAD_VERSION)
    _expect(_TIME.fullmatch(str(fields.get("captureTime"))) is not None, BAD_TIME)
    timeout_ms = _number(fields, "timeout", BAD_TIMEOUT, 600_000)
    entries = fields.get("bio")
    bio = entries[0] if isinstance(entries, list) and len(entries) == 1 else None
    if not isinstance(bio, dict):
        raise RefusedError(NO_BIO)
    _expect(bio.get("type") == model.kind, BAD_TYPE)
    _check_device(bio, model, dialect)
    sub_id = _sub_id(bio, model)
    positions = _expected(bio, model.subs[sub_id])
    _expect(_number(bio, "count", BAD_COUNT, 10) == len(positions) > 0, BAD_COUNT)
    previous = bio.get("previousHash")
    if not isinstance(previous, str) or not _HASH.fullmatch(previous):
        raise RefusedError(BAD_HASH)
    return CaptureCall(
        env=str(fields["env"]),
        transaction_id=transaction_id,
        timeout_ms=timeout_ms,
        sub_id=sub_id,
        positions=positions,
        requested_score=_number(bio, "requestedScore", BAD_SCORE, 100),
        previous_hash=bytes.fromhex(previous),
    )


def _expected(bio: Mapping[str, object], offered: tuple[Position, ...]) -> tuple[Position, ...]:
    """Return the positions that are asked for (all of the sub-device when none is named) less the exceptions."""
    if offered == (Position.PORTRAIT,):
        _positions(
            bio.get("exception"), BAD_EXCEPTION
        )  # a portrait that shows the exceptions: the face is there all the same
        return offered
    asked = _positions(bio.get("bioSubType"), BAD_SUB_TYPE) or offered
    _expect(all(position in offered for position in asked), BAD_SUB_ID)
    exceptions = _positions(bio.get("exception"), BAD_EXCEPTION)
    return tuple(position for position in asked if position not in exceptions)


def _positions(words: object, code: int) -> tuple[Position, ...]:
    if words is None:
        return ()
    if not isinstance(words, list) or any(word not in _POSITIONS and word != "UNKNOWN" for word in words):
        raise RefusedError(code)
    found = tuple(_POSITIONS[word] for word in words if word in _POSITIONS)
    _expect(len(set(found)) == len(found), code)
    return found


def _check_device(fields: Mapping[str, object], model: Model, dialect: Dialect) -> None:
    named = fields.get(dialect.device_key)
    _expect(bool(named), NO_DEVICE_ID)
    _expect(named == (model.device_id if dialect.device_key == "deviceId" else model.serial), WRONG_DEVICE_ID)


def _sub_id(fields: Mapping[str, object], model: Model) -> int:
    sub_id = _number(fields, "deviceSubId", BAD_SUB_ID, 9)
    _expect(sub_id in model.subs, BAD_SUB_ID)
    return sub_id


def _is_version(told: object, dialect: Dialect) -> bool:
    """Return whether a request names this version: 1.0 is also 1.0.0."""
    return isinstance(told, str) and told.count(".") > 0 and f"{dialect.version}.".startswith(f"{told}.")


def _number(fields: Mapping[str, object], key: str, code: int, highest: int) -> int:
    """Read a number that travels as text; a bare number is accepted too."""
    value = fields.get(key)
    written = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not (written.isascii() and written.isdigit() and len(written) < 10 and int(written) <= highest):
        raise RefusedError(code)
    return int(written)


def _expect(holds: bool, code: int) -> None:
    if not holds:
        raise RefusedError(code)
