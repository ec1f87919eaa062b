"""What delivery asks of the local queue. Every method is one committed transaction: saved means saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.way import DeliveryState, is_due


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
    """A record whatever its state; what both sides reconcile upon. `reason` is the code of what last went wrong."""

    record_id: str
    sha256: str
    state: DeliveryState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PurgeCandidate:
    """An acknowledged record with the last verdict "valid", and what proves it."""

    record_id: str
    sha256: str
    size_bytes: int
    manifest_jws: str
    receipt_jws: str


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

    def is_over(self, now: datetime) -> bool:
        """Return whether the wait after this run has ended; a clock that was set back does not prolong it."""
        return is_due(self.next_try_at, now)


class Outbox(Protocol):
    """The queue of sealed records beside their files."""

    def pending(self, now: datetime) -> Sequence[QueuedRecord]:
        """List what may be sent now, oldest seal first: queued and due, and what a killed run left on its way.

        A time to try again that is further ahead than any wait counts as due: it was written under another clock.
        """
        ...

    def held(self) -> Sequence[HeldRecord]:
        """List every record that is not purged."""
        ...

    def purged(self) -> Sequence[HeldRecord]:
        """List every purged record."""
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
        """Received → Acknowledged, with the receipt that was verified; it replaces that of an earlier delivery."""
        ...

    def lost_at_center(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Queued: the data center no longer has it. The event keeps the digest of the old receipt."""
        ...

    def retry_later(self, record_id: str, next_try_at: datetime | None, reason: str) -> None:
        """Back to Queued. With a time the try failed (attempts + 1); with None the network did, nothing is counted."""
        ...

    def quarantine(self, record_id: str, reason: str) -> None:
        """→ Quarantined with a message code; a person decides."""
        ...

    def release_once(self, record_id: str) -> bool:
        """→ Queued what was held back for a reason that has ended; a second time it stays and False is returned."""
        ...

    def send_again(self, record_id: str, actor: str) -> None:
        """Quarantined, or queued for later → Queued now, by a person. Raise `RuleError("delivery.not_held")`."""
        ...

    def set_aside(self, record_id: str, reason: str, actor: str) -> None:
        """Quarantined → Set aside by a person with a reason. Raise `RuleError("delivery.not_held")`."""
        ...

    def take_back(self, record_id: str, actor: str) -> None:
        """Set aside → Queued by a person. Raise `RuleError("delivery.not_aside")`."""
        ...

    def why_aside(self, record_id: str) -> str:
        """Return what the person wrote who set the record aside, "" when nobody did."""
        ...

    def status_cursor(self) -> str:
        """Return how far the status feed was read, "" at first."""
        ...

    def save_statuses(self, items: Sequence[StatusReceived], cursor: str) -> None:
        """Keep a page of the feed and its cursor together; an item that came before changes nothing."""
        ...

    def purge_candidates(self) -> Sequence[PurgeCandidate]:
        """List acknowledged records whose last verdict is "valid", oldest seal first."""
        ...

    def purge(self, record_id: str, at: datetime) -> None:
        """Acknowledged → Purged: erase the sealed file, keep manifest and receipt."""
        ...

    def last_run(self) -> RunNote | None:
        """Return how the last run ended, None before the first or when the note cannot be read."""
        ...

    def save_run(self, note: RunNote) -> None:
        """Keep how this run ended."""
        ...
