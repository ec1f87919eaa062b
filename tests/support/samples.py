"""Samples as devices give them: small, but real records that every reader accepts."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

import numpy as np

from drivers.sbi.protocol import SUB_TYPES
from drivers.simulators.sbi.service import DeviceKey, Provider, base64url
from fieldkit.domain.recording.capture import (
    EMPTY_HASH,
    DeviceEvidence,
    DeviceLink,
    QualityScore,
    Sample,
    SampleFormat,
    next_hash,
)
from fieldkit.domain.recording.positions import EYES, Modality, Position
from fieldkit.formats.face import FaceRecord, encode_face_record
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iris import IrisRecord, encode_iris_record
from fieldkit.formats.signature import encode_signature
from fieldkit.ports.devices import CaptureResult, PenPoint, SampleFault, Signature

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
INK = Signature(((PenPoint(10_000, 20_000, 0.5, 0), PenPoint(60_000, 25_000, 0.5, 400)),), 90_000, 40_000)


@dataclass(frozen=True)
class Signed:
    """When and in which recording a device signs, and the chain hash after it."""

    chain_hash: str
    at: datetime = AT
    session_id: str = ""


def sample(position: Position, score: int = 80, turn: int = 1, signed: Signed | None = None) -> Sample:
    """Return a sample; another `turn` gives other bytes. Signature pads sign nothing."""
    layout, content = _record(position, turn)
    is_signed = signed is not None and position is not Position.SIGNATURE
    evidence = device_evidence(position, content, signed) if signed and is_signed else None
    return Sample(position, layout, content, QualityScore(score, "test", "1"), evidence)


def device_evidence(
    position: Position, content: bytes, signed: Signed, by: Provider | None = None, **other: object
) -> DeviceEvidence:
    """Let a simulated device sign a sample; `other` replaces what it would say."""
    key = _device(by or provider())
    payload = {
        "digitalId": key.sign({"serialNo": "1", "make": "Uji", "model": "Device"}),
        "deviceCode": "dev-1",
        "bioType": {Modality.FINGER: "Finger", Modality.IRIS: "Iris", Modality.FACE: "Face"}[position.modality],
        "bioSubType": SUB_TYPES.get(position, ""),
        "purpose": "Registration",
        "bioValue": base64url(content),
        "transactionId": f"{signed.session_id}-0a1b2c3d4e5f" if signed.session_id else "t-1",
        "timestamp": signed.at.isoformat(),
    }
    jws = key.sign({**payload, **other})
    leaf = json.loads(base64.urlsafe_b64decode(jws.split(".")[0] + "==="))["x5c"][0]
    return DeviceEvidence(jws, signed.chain_hash, "dev-1", signed.at, base64.b64decode(leaf))


@cache
def provider() -> Provider:
    return Provider.create("Penyedia Uji", datetime(2020, 1, 1, tzinfo=UTC))


@cache
def _device(by: Provider) -> DeviceKey:
    return by.certify("Device 1", datetime(2026, 6, 1, tzinfo=UTC))


def chained(result: CaptureResult, signed: Signed) -> CaptureResult:
    """Let the device sign each sample of a result anew, each after the one before; `signed` has the hash before."""
    last, samples, links = signed.chain_hash, list[Sample](), list[DeviceLink]()
    for one in result.samples:
        evidence = None
        if one.position is not Position.SIGNATURE:
            digest = sha256(one.data).hexdigest()
            links.append(DeviceLink(one.position, digest, last or EMPTY_HASH, next_hash(last, digest), signed.at))
            last = links[-1].chain_hash
            evidence = device_evidence(one.position, one.data, Signed(last, signed.at, signed.session_id))
        samples.append(replace(one, evidence=evidence))
    return CaptureResult(tuple(samples), result.faults, last, tuple(links))


def captured(
    scores: dict[Position, int | None],
    turn: int = 1,
    last_hash: str = "",
    faults: Sequence[SampleFault] = (),
    signed: Signed | None = None,
) -> CaptureResult:
    """Return what a device delivered; a score of None is a position that did not come."""
    by = signed or (Signed(last_hash) if last_hash else None)
    samples = tuple(sample(p, score, turn, by) for p, score in scores.items() if score is not None)
    return CaptureResult(samples, tuple(faults), last_hash)


@cache
def _record(position: Position, turn: int) -> tuple[SampleFormat, bytes]:
    noise = np.random.default_rng([list(Position).index(position), turn])
    if position is Position.SIGNATURE:
        return SampleFormat.SIGNATURE_STROKES, encode_signature(INK)
    if position is Position.PORTRAIT:
        face = encode_jp2_lossless(noise.integers(0, 256, (40, 30, 3), dtype=np.uint8))
        return SampleFormat.ISO_19794_5, encode_face_record(FaceRecord(30, 40, face, captured_at=AT))
    grey = encode_jp2_lossless(noise.integers(0, 256, (48, 64), dtype=np.uint8))
    if position in EYES:
        return SampleFormat.ISO_19794_6, encode_iris_record(IrisRecord(position, 64, 48, grey, captured_at=AT))
    return SampleFormat.ISO_19794_4, encode_finger_record(FingerRecord(position, 64, 48, grey, captured_at=AT))
