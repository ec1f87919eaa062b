"""Samples as devices give them: small, but real records that every reader accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import numpy as np

from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.domain.recording.samples import DeviceEvidence, QualityScore, Sample, SampleFormat
from fieldkit.formats.face import FaceRecord, encode_face_record
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iris import IrisRecord, encode_iris_record
from fieldkit.formats.signature import encode_signature
from fieldkit.ports.devices import CaptureResult, PenPoint, SampleFault, Signature

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
INK = Signature(((PenPoint(10_000, 20_000, 0.5, 0), PenPoint(60_000, 25_000, 0.5, 400)),), 90_000, 40_000)


def sample(position: Position, score: int = 80, turn: int = 1, chain_hash: str = "") -> Sample:
    """Return a sample; another `turn` gives other bytes."""
    layout, content = _record(position, turn)
    evidence = DeviceEvidence("aGVhZA.Ym9keQ.c2ln", chain_hash, "dev-1", AT, b"\x30\x03\x02\x01\x05")
    return Sample(position, layout, content, QualityScore(score, "test", "1"), evidence if chain_hash else None)


def captured(
    scores: dict[Position, int | None], turn: int = 1, last_hash: str = "", faults: Sequence[SampleFault] = ()
) -> CaptureResult:
    """Return what a device delivered; a score of None is a position that did not come."""
    samples = tuple(sample(p, score, turn, last_hash) for p, score in scores.items() if score is not None)
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
