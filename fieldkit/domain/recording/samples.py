"""A captured sample and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.recording.positions import Position


@dataclass(frozen=True, slots=True)
class QualityScore:
    """Utility of a sample, 0–100 (ISO/IEC 29794-1), and who said so: scores of two algorithms do not mix."""

    value: int
    algorithm: str
    version: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 100:
            raise ValueError(f"quality {self.value} is outside 0–100")


class SampleFormat(StrEnum):
    """How the bytes of a sample are laid out."""

    ISO_19794_4 = "iso19794-4"  # finger image record "FIR\0"
    ISO_19794_5 = "iso19794-5"  # face image record "FAC\0"
    ISO_19794_6 = "iso19794-6"  # iris image record "IIR\0"
    SIGNATURE_STROKES = "signature-strokes"  # our JSON of strokes in µm and ms
    PHOTO = "jpeg"  # what an exception shows; no biometric sample


@dataclass(frozen=True, slots=True)
class DeviceEvidence:
    """What the device signed: kept beside the sample so that the data center can verify it again.

    `jws` is the compact JWS as received; `chain_hash` the device's hash after this item, 64 upper-case hex digits.
    """

    jws: str
    chain_hash: str
    device_code: str
    signed_at: datetime
    certificate_der: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One position as a driver delivered it. `data` is the complete record in `format`, never a bare image."""

    position: Position
    format: SampleFormat
    data: bytes
    quality: QualityScore
    evidence: DeviceEvidence | None = None
    hints: tuple[str, ...] = ()  # what would make it better: "finger.dry", "face.too_far", … (message keys)
    # The device's own score beside one that the kit measured; the attempt keeps it, not the store of samples.
    device_quality: QualityScore | None = None
