"""Requests and replies of the interface, without any socket."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from math import ceil

from drivers.sbi.dialect import Dialect, dialect_of
from drivers.sbi.faults import device_error, message_code
from drivers.sbi.plan import SUB_TYPES, TYPES, Ask
from drivers.sbi.wire import as_list, as_object, base64url, broken, error_of, moment, parse_json, score, text, texts
from fieldkit.domain.recording.device_chain import EMPTY_HASH, REPEATED, DeviceLink, next_hash
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.samples import DeviceEvidence, QualityScore, Sample, SampleFormat
from fieldkit.ports.devices import (
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceState,
    NotConnectedError,
    ProtocolError,
    SampleFault,
    SampleVerifier,
)

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
