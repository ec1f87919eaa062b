"""What the laptop still knows about a record after its seal: enough to send it, find it and follow it, no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.recording.record import ChainLink

# The `typ` of the signed manifest: a signature made for one purpose must never serve another (RFC 8725 §3.11).
MANIFEST_TYP = "fieldkit-manifest+jwt"


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A row of the queue. `nik_digest` is keyed, so that the same NIK is recognised but not read."""

    record_id: str
    session_id: str
    activity_id: str
    target_id: str
    link: ChainLink
    sealed_at: datetime
    size_bytes: int
    sha256: str  # hex, of the sealed file
    manifest_jws: str
    masked_name: str
    masked_nik: str
    nik_digest: str
    place: str
    card_from: date | None  # print not before this day; None = at once
    exceptions: int
    amends: str = ""


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """What a row of the queue needs and the manifest does not say; it stands beside the sealed file, closed."""

    target_id: str
    masked_name: str
    masked_nik: str
    nik_digest: str
    place: str
    card_from: date | None
    exceptions: int
    amends: str = ""

    @classmethod
    def of(cls, record: SealedRecord) -> RecordHeader:
        """Return the header of a record."""
        return cls(
            *(record.target_id, record.masked_name, record.masked_nik, record.nik_digest),
            *(record.place, record.card_from, record.exceptions, record.amends),
        )


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A sealed record with where it is now."""

    record: SealedRecord
    state: DeliveryState
    offset_bytes: int
    attempts: int
    reason: str
    next_try_at: datetime | None
    acknowledged_at: datetime | None
    receipt_jws: str
    statuses: tuple[CentralStatus, ...] = ()

    @property
    def central(self) -> CentralStatus | None:
        """Return the last status that the data center reported."""
        return self.statuses[-1] if self.statuses else None
