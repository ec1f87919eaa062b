"""What delivery asks of the local queue. Every method is one committed transaction: saved means saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from fieldkit.domain.central_status import CentralStatus
from fieldkit.domain.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class QueuedRecord:
    """A sealed record that is not yet acknowledged. `sha256` is the hex digest of the sealed file."""

    record_id: str
    manifest_jws: str
    size_bytes: int
    sha256: str
    state: DeliveryState
    attempts: int = 0  # tries that failed since the record was queued
    next_try_at: datetime | None = None
    sent_bytes: int = 0  # the server's offset as last confirmed
    reason: str = ""  # message code of the last failure


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record whose sealed file is still here, whatever its state; what both sides reconcile upon."""

    record_id: str
    sha256: str
    state: DeliveryState


@dataclass(frozen=True, slots=True)
class StatusReceived:
    """One item of the status feed. `verdict` is what the opener found: "valid", "invalid" or "" (not yet said)."""

    record_id: str
    status: CentralStatus
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class RunNote:
    """How the last run ended, kept across restarts. `failures` counts the systemic ones in a row."""

    at: datetime
    failures: int = 0
    next_try_at: datetime | None = None
    problem: str = ""


class Outbox(Protocol):
    """The queue of sealed records beside their files."""

    def pending(self, now: datetime) -> Sequence[QueuedRecord]:
        """List what may be sent now, oldest seal first: queued and due, and what a killed run left on its way."""
        ...

    def held(self) -> Sequence[HeldRecord]:
        """List every record that is not purged."""
        ...

    def counts(self) -> Mapping[DeliveryState, int]:
        """Count the records of each state, purged ones included; a state without records may be absent."""
        ...

    def sealed_bytes(self, record_id: str) -> BinaryIO:
        """Open the sealed file for reading at 0; the caller closes it. Raise `StoreError` when the file is gone."""
        ...

    def mark_sending(self, record_id: str) -> None:
        """Queued → Sending."""
        ...

    def mark_progress(self, record_id: str, offset: int) -> None:
        """Keep the offset that the server confirmed."""
        ...

    def mark_received(self, record_id: str) -> None:
        """Keep that the server holds the whole; not yet proven by a receipt."""
        ...

    def acknowledge(self, record_id: str, receipt_jws: str, at: datetime) -> None:
        """Received → Acknowledged, with the receipt that was verified."""
        ...

    def retry_later(self, record_id: str, next_try_at: datetime | None, reason: str) -> None:
        """Back to Queued. With a time the try failed (attempts + 1); with None the network did, nothing is counted."""
        ...

    def quarantine(self, record_id: str, reason: str) -> None:
        """→ Quarantined with a message code; a person decides."""
        ...

    def status_cursor(self) -> str:
        """Return how far the status feed was read, "" at first."""
        ...

    def save_statuses(self, items: Sequence[StatusReceived], cursor: str) -> None:
        """Keep a page of the feed and its cursor together; an item that came before changes nothing."""
        ...

    def purge_candidates(self, acknowledged_before: datetime) -> Sequence[str]:
        """List acknowledged records with the opener's verdict "valid" that were acknowledged before this time."""
        ...

    def purge(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Purged: erase the sealed file, keep manifest and receipt."""
        ...

    def last_run(self) -> RunNote | None:
        """Return how the last run ended, None before the first."""
        ...

    def save_run(self, note: RunNote) -> None:
        """Keep how this run ended."""
        ...
