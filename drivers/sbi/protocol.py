"""Requests and replies of the interface, without any socket."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil

from fieldkit.domain.recording.capture import (
    EMPTY_HASH,
    REPEATED,
    DeviceEvidence,
    DeviceLink,
    QualityScore,
    Sample,
    SampleFormat,
    next_hash,
)
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    CaptureResult,
    DeviceBusyError,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    SampleFault,
    SampleVerifier,
    SpoofSuspectedError,
    TimedOutError,
)

# The dialects of the interface, one row each.


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version names its verbs and its device key."""

    name: str
    discovery_verb: str
    info_verb: str
    device_key: str  # key in JSON that names the device
    names_version: bool  # discovery, info and stream carry type and specVersion

    def matches(self, spec_version: str) -> bool:
        """Return whether a `specVersion` belongs to this dialect."""
        return spec_version.startswith(self.name.rsplit(".", 1)[0] + ".") or spec_version == self.name


V0_9_5 = Dialect("0.9.5", "MOSIPDISC", "MOSIPDINFO", "deviceId", names_version=False)
V1_0 = Dialect("1.0", "SBIDISC", "SBIINFO", "serialNo", names_version=True)
DIALECTS = (V0_9_5, V1_0)


def dialect_of(spec_versions: Sequence[str], answered: Dialect) -> Dialect:
    """Choose by the first version of the discovery reply; the dialect that answered stands in for an unknown one."""
    if not spec_versions:
        return answered
    return next((d for d in DIALECTS if d.matches(spec_versions[0])), answered)


# Error codes of the interface: which kind of error each is, and its key in the message catalogue.

# Codes 0–112 and 202 are published; 113–122, 500–507, 600s and 700s are what services in the field send besides.
_KINDS: dict[type[DeviceError], tuple[int, ...]] = {
    NotConnectedError: (100, 104, 106, 107, 108, 110, 202, 503, 605, 705),
    NothingPresentedError: (101, 102, 105, 608, 707, 708),
    SpoofSuspectedError: (103,),
    DeviceBusyError: (111, 607, 700, 702, 703),
    TimedOutError: (609, 701),
    ProtocolError: (
        *(109, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123),
        *(500, 501, 502, 504, 601, 604, 606, 610, 704, 706, 709, 710),
    ),
}
KINDS = {code: kind for kind, codes in _KINDS.items() for code in codes}

# A stream that the service has not yet noticed to be closed: these pass within a second.
PASSING = frozenset({111, 607, 700, 701, 702, 703})


def message_code(code: int) -> str:
    """Return the key in the message catalogue."""
    return f"device.sbi.{code}" if code in KINDS else "device.sbi.vendor"


def device_error(code: int, sentence: str = "") -> DeviceError:
    """Return the error of a reply that failed as a whole; `sentence` is the service's own and only for the log."""
    kind = KINDS.get(code, NotConnectedError)
    return kind(message_code(code), number=code, detail=_printable(sentence))


def _printable(sentence: str) -> str:
    return "".join(c for c in sentence[:160] if c.isprintable())


# Which sub-device captures what: our positions in the words of the interface.

TYPES = {Modality.FINGER: "Finger", Modality.IRIS: "Iris", Modality.FACE: "Face"}
SUB_TYPES: dict[Position, str] = {
    Position.RIGHT_THUMB: "Right Thumb",
    Position.RIGHT_INDEX: "Right IndexFinger",
    Position.RIGHT_MIDDLE: "Right MiddleFinger",
    Position.RIGHT_RING: "Right RingFinger",
    Position.RIGHT_LITTLE: "Right LittleFinger",
    Position.LEFT_THUMB: "Left Thumb",
    Position.LEFT_INDEX: "Left IndexFinger",
    Position.LEFT_MIDDLE: "Left MiddleFinger",
    Position.LEFT_RING: "Left RingFinger",
    Position.LEFT_LITTLE: "Left LittleFinger",
    Position.EYE_RIGHT: "Right",
    Position.EYE_LEFT: "Left",
}
_SLAPS = {1: LEFT_FOUR, 2: RIGHT_FOUR, 3: THUMBS}
_EYE_SUB_IDS = {Position.EYE_LEFT: 1, Position.EYE_RIGHT: 2}
BOTH_EYES = 3
UNNAMED = 0  # face, and devices that do not name their sub-devices


@dataclass(frozen=True, slots=True)
class Ask:
    """One RCAPTURE: a sub-device, the positions wanted of it and those the subject cannot give there."""

    modality: Modality
    sub_id: int
    positions: tuple[Position, ...]
    exceptions: tuple[Position, ...] = ()

    @property
    def whole(self) -> Ask:
        """The same sub-device asked for all it captures: slap scanners may take nothing less."""
        covered = _without(_covered(self.modality, self.sub_id), self.exceptions) or self.positions
        return Ask(self.modality, self.sub_id, covered, self.exceptions)


def plan(
    modality: Modality,
    positions: Sequence[Position],
    exceptions: Sequence[Position] = (),
    *,
    sub_ids: Sequence[int] = (),
    single: bool = False,
) -> tuple[Ask, ...]:
    """Split what is wanted into captures, in the order of `positions`.

    `sub_ids` are those the device offers (empty: unknown); `single` devices take one finger or eye at a time.
    """
    wanted = _without(positions, exceptions)
    if not wanted or any(p.modality is not modality for p in wanted):
        raise ProtocolError("device.sbi.position", position=", ".join(positions))
    if modality is Modality.FACE:
        return (Ask(modality, UNNAMED, wanted, tuple(exceptions)),)
    if modality is Modality.IRIS:
        return _plan_eyes(wanted, exceptions, sub_ids, single)
    if single:
        return tuple(Ask(modality, _offered(_slap_of(p), sub_ids), (p,)) for p in wanted)
    slaps = dict.fromkeys(_slap_of(p) for p in wanted)
    return tuple(
        Ask(modality, s, tuple(p for p in wanted if p in _SLAPS[s]), tuple(p for p in exceptions if p in _SLAPS[s]))
        for s in slaps
    )


def captured_by(modality: Modality, sub_ids: Sequence[int]) -> frozenset[Position]:
    """Return the positions that a device with these sub-devices captures."""
    if modality is Modality.FACE:
        return frozenset({Position.PORTRAIT})
    known = [i for i in sub_ids if i in (1, 2, 3)] or [1, 2, 3]
    return frozenset(p for i in known for p in _covered(modality, i))


def _plan_eyes(
    wanted: tuple[Position, ...], exceptions: Sequence[Position], sub_ids: Sequence[int], single: bool
) -> tuple[Ask, ...]:
    missing = tuple(p for p in exceptions if p in EYES)
    may_take_both = not single and (not sub_ids or BOTH_EYES in sub_ids)
    if may_take_both and len(wanted) + len(missing) == len(EYES):
        return (Ask(Modality.IRIS, BOTH_EYES, wanted, missing),)
    return tuple(Ask(Modality.IRIS, _offered(_EYE_SUB_IDS[p], sub_ids), (p,)) for p in wanted)


def _covered(modality: Modality, sub_id: int) -> tuple[Position, ...]:
    if modality is Modality.FACE:
        return (Position.PORTRAIT,)
    if modality is Modality.FINGER:
        return _SLAPS.get(sub_id, ())
    return EYES if sub_id == BOTH_EYES else tuple(p for p, i in _EYE_SUB_IDS.items() if i == sub_id)


def _slap_of(position: Position) -> int:
    return next(i for i, fingers in _SLAPS.items() if position in fingers)


def _offered(sub_id: int, sub_ids: Sequence[int]) -> int:
    """Fall back to what the device has: a single sensor is 0 or its only number; of several, 3 takes either eye."""
    if not sub_ids or sub_id in sub_ids:
        return sub_id
    return BOTH_EYES if BOTH_EYES in sub_ids else sub_ids[0]


def _without(positions: Sequence[Position], exceptions: Sequence[Position]) -> tuple[Position, ...]:
    return tuple(p for p in positions if p not in exceptions)


# Reading what a service sends: JSON of unknown origin into values, or a `ProtocolError`.


def broken(reason: str) -> ProtocolError:
    """Return the error of an answer that is not what the interface says."""
    return ProtocolError("device.sbi.reply", reason=reason)


def parse_json(body: bytes) -> object:
    """Decode a JSON body. Raise `ProtocolError`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise broken("json") from error


def as_object(value: object, name: str) -> dict[str, object]:
    """Return a JSON object. Raise `ProtocolError` naming the field."""
    if not isinstance(value, dict):
        raise broken(name)
    return value


def as_list(value: object, name: str) -> list[object]:
    """Return a JSON array. Raise `ProtocolError` naming the field."""
    if not isinstance(value, list):
        raise broken(name)
    return value


def text(item: dict[str, object], name: str) -> str:
    """Return a text field, "" when absent or null; numbers are taken as text. Raise `ProtocolError`."""
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise broken(name)


def texts(item: dict[str, object], name: str) -> tuple[str, ...]:
    """Return an array of texts; a lone text counts as an array of one."""
    value = item.get(name)
    if value is None:
        return ()
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(str(v) for v in as_list(value, name) if isinstance(v, str | int))


def score(item: dict[str, object], name: str) -> int:
    """Return a score 0–100; services send it as text, whole number or fraction. Raise `ProtocolError`."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise broken(name)
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise broken(name) from error
    if not 0 <= number <= 100:  # also refuses NaN
        raise broken(name)
    return round(number)


def moment(item: dict[str, object], name: str) -> datetime:
    """Return an ISO 8601 time; one without zone is UTC, as the interface says. Raise `ProtocolError`."""
    try:
        at = datetime.fromisoformat(text(item, name))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise broken(name) from error


def base64url(encoded: str, name: str) -> bytes:
    """Decode base64url with or without padding. Raise `ProtocolError`."""
    plain = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise broken(name) from error


def error_of(item: dict[str, object]) -> tuple[int, str]:
    """Return code and sentence of an item's `error`; (0, "") when there is none. Raise `ProtocolError`."""
    error = item.get("error")
    if error is None:
        return 0, ""
    found = as_object(error, "error")
    code = text(found, "errorCode") or "0"
    if not (code.isascii() and code.isdigit() and len(code) <= 5):
        raise broken("errorCode")
    return int(code), text(found, "errorInfo")


ANY_DEVICE = "Biometric Device"
CLOCK_TOLERANCE = timedelta(minutes=5)
MISSING = "device.sbi.missing"

_FORMATS = {
    Modality.FINGER: (SampleFormat.ISO_19794_4, b"FIR\0"),
    Modality.IRIS: (SampleFormat.ISO_19794_6, b"IIR\0"),
    Modality.FACE: (SampleFormat.ISO_19794_5, b"FAC\0"),
}
_STATES = {
    "ready": DeviceState.READY,
    "busy": DeviceState.BUSY,
    "not ready": DeviceState.NOT_READY,
    "not registered": DeviceState.NOT_REGISTERED,
}
_ENVIRONMENTS = ("Staging", "Developer", "Pre-Production", "Production")
_TRANSACTION = re.compile(r"[A-Za-z0-9-]{4,50}")


@dataclass(frozen=True, slots=True)
class Found:
    """One device of a discovery reply; nothing here is signed yet."""

    modality: Modality
    identity: DeviceIdentity
    state: DeviceState
    dialect: Dialect
    spec_version: str
    device_id: str
    sub_type: str  # Slap, Single, Touchless, Double, Full face
    sub_ids: tuple[int, ...]
    callback: str

    @property
    def is_single(self) -> bool:
        """Whether it takes one finger or eye at a time."""
        return self.sub_type.lower() == "single"

    @property
    def key(self) -> str:
        """What names the device in requests."""
        return self.device_id if self.dialect.device_key == "deviceId" else self.identity.serial


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a service says it has, and what is wrong with the entries that nobody can read."""

    devices: tuple[Found, ...]
    mistakes: tuple[ProtocolError, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """What the device signed about itself."""

    firmware: str
    environment: str
    device_code: str


def discovery_request(dialect: Dialect, kind: str = ANY_DEVICE) -> bytes:
    """Build the body of discovery and info."""
    body = {"type": kind}
    if dialect.names_version:
        body["specVersion"] = dialect.name
    return _json(body)


def parse_discovery(body: bytes, answered: Dialect) -> Discovered:
    """Read a discovery reply; entries for other purposes, unknown kinds or without identity are left out.

    An entry that cannot be read is one mistake and hides no other. Raise `ProtocolError` when there is no list.
    """
    devices, mistakes = [], []
    for entry in as_list(parse_json(body), "devices"):
        try:
            found = _found(entry, answered) if isinstance(entry, dict) else None
        except ProtocolError as error:
            mistakes.append(error)
            continue
        if found is not None:
            devices.append(found)
    return Discovered(tuple(devices), tuple(mistakes))


def _found(entry: dict[str, object], answered: Dialect) -> Found | None:
    code, _ = error_of(entry)
    if text(entry, "purpose").lower() == "auth" or not text(entry, "digitalId"):
        return None
    digital_id = as_object(parse_json(base64url(_payload_part(text(entry, "digitalId")), "digitalId")), "digitalId")
    modality = next((m for m, name in TYPES.items() if name.lower() == text(digital_id, "type").lower()), None)
    if modality is None:
        return None
    versions = texts(entry, "specVersion")
    dialect = dialect_of(versions, answered)
    state = _STATES.get(text(entry, "deviceStatus").lower(), DeviceState.NOT_READY)
    return Found(
        modality=modality,
        identity=_identity(digital_id),
        state=DeviceState.NOT_REGISTERED if code == 100 else state,
        dialect=dialect,
        spec_version=versions[0] if versions else dialect.name,
        device_id=text(entry, "deviceId"),
        sub_type=text(digital_id, "deviceSubType"),
        sub_ids=tuple(int(i) for i in texts(entry, "deviceSubId") if i.isascii() and i.isdigit() and len(i) < 3),
        callback=text(entry, "callbackId"),
    )


def parse_info(body: bytes, found: Found, verifier: SampleVerifier) -> Signed:
    """Read an info reply and verify what the device signed. Raise a `DeviceError`."""
    last_error = (106, "")
    for entry in as_list(parse_json(body), "info"):
        item = as_object(entry, "info")
        code, sentence = error_of(item)
        if not text(item, "deviceInfo"):
            last_error = (code or 106, sentence)
            continue
        if text(item, "deviceInfo").count(".") != 2:
            raise NotConnectedError("device.sbi.100", number=100)  # only an unregistered device sends it unsigned
        payload, _ = verifier.verify_jws(text(item, "deviceInfo"))
        digital_id, _ = verifier.verify_jws(text(payload, "digitalId"))
        is_same = _identity(digital_id).serial == found.identity.serial
        if is_same and text(payload, "deviceId") in ("", found.device_id):
            environment = text(payload, "env")
            return Signed(
                firmware=text(payload, "firmware"),
                environment=environment if environment in _ENVIRONMENTS else "Developer",
                device_code=text(payload, "deviceCode"),
            )
    raise device_error(*last_error)


def stream_request(found: Found, sub_id: int, timeout_ms: int) -> bytes:
    """Build the body of STREAM; numbers travel as text."""
    body = {found.dialect.device_key: found.key, "deviceSubId": str(sub_id), "timeout": str(timeout_ms)}
    if found.dialect.names_version:
        body |= {"type": TYPES[found.modality], "specVersion": found.spec_version}
    return _json(body)


def capture_request(request: CaptureRequest, ask: Ask, found: Found, environment: str, previous_hash: str) -> bytes:
    """Build the body of RCAPTURE; `timeout`, `count`, `requestedScore` and `deviceSubId` travel as text."""
    if not _TRANSACTION.fullmatch(request.transaction_id):
        raise ProtocolError("device.sbi.112", number=112)
    bio = {
        "type": TYPES[ask.modality],
        "count": str(len(ask.positions)),
        "bioSubType": [SUB_TYPES[p] for p in ask.positions if p in SUB_TYPES],
        "exception": [SUB_TYPES[p] for p in ask.exceptions if p in SUB_TYPES],
        "requestedScore": str(request.threshold),
        found.dialect.device_key: found.key,
        "deviceSubId": str(ask.sub_id),
        "previousHash": previous_hash or EMPTY_HASH,
    }
    return _json(
        {
            "env": environment,
            "purpose": "Registration",
            "specVersion": found.spec_version,
            "timeout": str(request.timeout_ms),
            "captureTime": request.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "transactionId": request.transaction_id,
            "bio": [bio],
            "customOpts": None,
        }
    )


def parse_capture(
    body: bytes, request: CaptureRequest, ask: Ask, found: Found, previous_hash: str, verifier: SampleVerifier
) -> CaptureResult:
    """Read an RCAPTURE reply.

    An item with its own error becomes a `SampleFault`, so does a position that is not in the reply. A wrong signature,
    chain, transaction, version, time or score refuses the whole reply: a service that forged one item is not believed.
    """
    reply = as_object(parse_json(body), "reply")
    items = [as_object(i, "biometrics") for i in as_list(reply.get("biometrics", []), "biometrics")]
    if not items:
        code, sentence = error_of(reply)
        raise device_error(code, sentence) if code else broken("biometrics")
    samples: dict[Position, Sample] = {}
    failed: list[tuple[int, str]] = []
    links: list[DeviceLink] = []
    last_hash = previous_hash or EMPTY_HASH
    for item in items:
        code, sentence = error_of(item)
        if not text(item, "data"):
            failed.append((code or 101, sentence))
            continue
        sample, link = _sample(item, request, ask, found, last_hash, verifier)
        last_hash = link.chain_hash
        reason = message_code(code) if code else ""
        if code:
            failed.append((code, sentence))
        elif samples.setdefault(sample.position, sample) is not sample:
            reason = REPEATED
        links.append(replace(link, discarded=reason))
    if not samples and len({code for code, _ in failed}) == 1:
        raise device_error(*failed[0])
    return CaptureResult(tuple(samples.values()), _faults(ask, samples, failed), last_hash, tuple(links))


def _faults(ask: Ask, samples: dict[Position, Sample], failed: list[tuple[int, str]]) -> tuple[SampleFault, ...]:
    """Give each missing position a reason; failed items do not name theirs, they stand in the order of the request."""
    missing = [p for p in ask.positions if p not in samples]
    codes = [message_code(code) for code, _ in failed][: len(missing)]
    codes += [MISSING] * (len(missing) - len(codes))
    return tuple(SampleFault(p, code) for p, code in zip(missing, codes, strict=True))


def _sample(
    item: dict[str, object], request: CaptureRequest, ask: Ask, found: Found, previous: str, verifier: SampleVerifier
) -> tuple[Sample, DeviceLink]:
    jws = text(item, "data")
    payload, certificate = verifier.verify_jws(jws)
    _expect(text(item, "specVersion") == found.spec_version, "specVersion")
    _expect(text(payload, "transactionId") == request.transaction_id, "transactionId")
    _expect(text(payload, "bioType").lower() == TYPES[ask.modality].lower(), "bioType")
    _expect(text(payload, "purpose").lower() == "registration", "purpose")
    signed_at = moment(payload, "timestamp")
    if (apart := abs(signed_at - request.at)) > CLOCK_TOLERANCE:
        raise ProtocolError("device.sbi.clock", minutes=ceil(apart / timedelta(minutes=1)))
    digital_id, _ = verifier.verify_jws(text(payload, "digitalId"))
    _expect(_identity(digital_id).serial == found.identity.serial, "digitalId")
    record = base64url(text(payload, "bioValue"), "bioValue")
    sample_format, magic = _FORMATS[ask.modality]
    _expect(record.startswith(magic), "bioValue")
    digest = hashlib.sha256(record).hexdigest()
    chain_hash = next_hash(previous, digest)
    if text(item, "hash").upper() != chain_hash:
        raise ProtocolError("device.sbi.chain")
    position = _position(text(payload, "bioSubType"), ask)
    sample = Sample(
        position=position,
        format=sample_format,
        data=record,
        quality=_quality(payload, found.identity),
        evidence=DeviceEvidence(jws, chain_hash, text(payload, "deviceCode"), signed_at, certificate),
    )
    return sample, DeviceLink(position, digest, previous, chain_hash, signed_at)


def _quality(payload: dict[str, object], identity: DeviceIdentity) -> QualityScore:
    algorithm = f"SBI:{identity.vendor} {identity.model}"
    return QualityScore(score(payload, "qualityScore"), algorithm, text(payload, "deviceServiceVersion"))


def _position(sub_type: str, ask: Ask) -> Position:
    if ask.modality is Modality.FACE:
        return Position.PORTRAIT
    if sub_type.upper() == "UNKNOWN" and len(ask.positions) == 1:
        return ask.positions[0]
    # A slap gives the neighbours of a finger too; a finger from elsewhere is the wrong hand on the glass.
    position = next((p for p in ask.whole.positions if SUB_TYPES[p] == sub_type), None)
    if position is None:
        raise ProtocolError("device.sbi.wrong_position", position=sub_type[:40])
    return position


def _identity(digital_id: dict[str, object]) -> DeviceIdentity:
    serial = text(digital_id, "serialNo")
    _expect(bool(serial), "serialNo")
    return DeviceIdentity(_shown(text(digital_id, "make")), _shown(text(digital_id, "model")), serial[:120])


def _shown(name: str) -> str:
    """Return a name as it may stand in a list: without what would turn or break the line, and not long."""
    return "".join(letter for letter in name if letter.isprintable())[:80]


def _payload_part(token: str) -> str:
    """Discovery sends plain base64url; some services send their signed JWS there as well."""
    return token.split(".")[1] if token.count(".") == 2 else token


def _expect(holds: bool, name: str) -> None:
    if not holds:
        raise broken(name)


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
