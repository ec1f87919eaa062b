"""What the core asks of the outbox, the data center and whoever answers for a record."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO, Protocol

from fieldkit.domain.delivery import Anchor, CentralStatus, DeliveryState, SealedRecord, is_due
from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.events import ChainHead
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people import User
from fieldkit.domain.recording.exceptions import AUTHORITY_TYP, Act, SignedAct, Statement
from fieldkit.ports.devices import Cancel
from fieldkit.ports.messages import MediaFile
from fieldkit.ports.vault import Signer

# Anchors as the store keeps them.


class Anchors(Protocol):
    """What is known of heads that somebody else holds; nothing is ever taken out."""

    def keep(self, anchor: Anchor) -> bool:
        """Keep an anchor; one that is there already stays as it is. Return whether it is new."""
        ...

    def all(self) -> Sequence[Anchor]:
        """Return all, in the order in which they came."""
        ...

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        ...


class AnchorBook(Protocol):
    """Anchors for delivery. Every method is one committed transaction."""

    def heads(self) -> Sequence[ChainHead]:
        """Return the newest event of each chain of this kit, oldest chain first; the last is the one written on."""
        ...

    def keep(self, anchors: Sequence[Anchor]) -> None:
        """Keep what the data center holds."""
        ...


# Who proved with a passphrase who he is, and signs what he answers for.


class Credential(Signer, Protocol):
    """A person whose passphrase opened the own key slot, which says what the certificate of the dinas CA says."""

    @property
    def user(self) -> User:
        """Who it is; the role is that of the certificate."""
        ...

    @property
    def certificate_der(self) -> bytes:
        """The certificate (DER) of the key that signs."""
        ...


def signed(credential: Credential, statement: Statement) -> SignedAct:
    """Let somebody sign what he answers for."""
    jws = credential.sign(statement.payload, AUTHORITY_TYP)
    return SignedAct(credential.user.user_id, jws, b64encode(credential.certificate_der).decode("ascii"))


def answered(
    who: Credential, act: Act, session_id: str, step: str, reason: str, at: datetime, about: tuple[str, ...] = ()
) -> SignedAct:
    """Let somebody answer for an act in a recording."""
    return signed(who, Statement(act, who.user.user_id, session_id, step, reason, at, about))


# What the core and the screens ask of the delivery to the data center.


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one run may do; None = no bound. The run ends after the record or chunk that exceeds it."""

    max_records: int | None = None
    max_bytes: int | None = None
    max_time: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """Where a run is: the step as a message key (`sync.step.send` …) and the bytes of the record under way."""

    step: str
    record_id: str = ""
    sent_bytes: int = 0
    size_bytes: int = 0
    records_done: int = 0
    records_total: int = 0


class ProgressSink(Protocol):
    """Shows where the run is; the latest wins."""

    def offer(self, progress: SyncProgress) -> None:
        """Put the newest progress."""
        ...


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one run did.

    `lost` names records that we hold a receipt for, that the data center says it does not have, and that this run did
    not send again; `resent` those that it did. `notes` are what was odd and stopped nothing.
    """

    started_at: datetime
    ended_at: datetime
    acknowledged: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    postponed: tuple[str, ...] = ()  # a record error that may pass; tried again later
    lost: tuple[str, ...] = ()
    resent: tuple[str, ...] = ()
    purged: tuple[str, ...] = ()
    resumed_uploads: int = 0  # uploads that went on from an offset above 0
    resumed_bytes: int = 0  # bytes that therefore were not sent again
    sent_bytes: int = 0
    statuses: int = 0
    waiting: int = 0  # records not acknowledged when the run ended
    held_here: int = 0  # records whose bytes must be at the data center: acknowledged and purged ones
    held_there: int | None = None  # records of this kit whose bytes are there; None when it was not asked
    clock_skew_s: float = 0.0  # server minus kit
    stopped_by: Problem | None = None  # the systemic error that ended the run
    notes: tuple[Problem, ...] = ()
    from_office: tuple[BundleStanding, ...] = ()  # what came down and how it ended
    shut_out: Problem | None = None  # why this user must not work on; the session ends
    exchanged: int = 0  # bundles of other laptops of the team that were taken over
    conflicts: int = 0  # things in them that wait for a person
    forked: str = ""  # code of why this kit's place in its chain is taken: a new chain must begin; "" when it is not
    is_cancelled: bool = False
    next_try_at: datetime | None = None

    @property
    def worry(self) -> Problem | None:
        """Return the first note that somebody at the dinas should hear of."""
        return next((note for note in self.notes if note.recovery is Recovery.ASK_OFFICE), None)

    @property
    def is_forked(self) -> bool:
        """Return whether a new chain must begin."""
        return bool(self.forked)

    @property
    def counts_agree(self) -> bool:
        """Return whether both sides counted the same."""
        return self.held_there is not None and self.held_here == self.held_there


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A sealed file that the data center did not take, and the message code that says why."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What bundles of the office in a folder came to, and why some were not taken at all."""

    taken: tuple[BundleStanding, ...] = ()
    problems: tuple[Problem, ...] = ()
    shut_out: Problem | None = None  # why this user must not work on; the session ends


@dataclass(frozen=True, slots=True)
class CarryReport:
    """What became of sealed files that were found on a stick or another disk, by record id."""

    carried: tuple[str, ...] = ()
    held_already: tuple[str, ...] = ()
    refused: tuple[NotCarried, ...] = ()
    adopted: tuple[str, ...] = ()  # our own that this laptop did not know: in its queue now
    queued: tuple[str, ...] = ()  # our own that waited in its queue before
    found: int = 0
    stopped_by: Problem | None = None
    brought: Brought = Brought()

    @property
    def left(self) -> int:
        """Return how many were found and not come to."""
        parts = (self.carried, self.held_already, self.refused, self.adopted, self.queued)
        return max(0, self.found - sum(map(len, parts)))


class CarriedPair(Protocol):
    """A sealed file in some folder; `manifest` and `vouch` are None when none lies beside it."""

    @property
    def record_id(self) -> str: ...  # noqa: D102

    @property
    def file(self) -> MediaFile: ...  # noqa: D102

    @property
    def manifest(self) -> MediaFile | None: ...  # noqa: D102

    @property
    def vouch(self) -> MediaFile | None: ...  # noqa: D102


class Carrier(Protocol):
    """Hands in what other laptops sealed."""

    def carry(self, pairs: Sequence[CarriedPair], progress: ProgressSink, cancel: Cancel) -> CarryReport:
        """Announce, send and prove; a receipt is written beside its file. What the network does is in the report."""
        ...


class Delivery(Protocol):
    """Brings the queue to the data center, as far as the budget and the network allow."""

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        """Run once; what the network does to us is in the report, never raised."""
        ...


# What the core asks of the text beside each sealed file: the signed manifest and what only this kit reads.


@dataclass(frozen=True, slots=True)
class StatedRecord:
    """A record as the text beside its file states it; `head` is the end of the kit's log when it was sealed.

    What only the header says is empty when this kit cannot read it.
    """

    record: SealedRecord
    head: ChainHead | None


class Manifests(Protocol):
    """Writes and reads the text beside a sealed file, so that the file can be adopted without its row."""

    def text(self, record: SealedRecord) -> str:
        """Return the signed manifest, the kit's certificate and the closed header of a record."""
        ...

    def read(self, text: str) -> StatedRecord:
        """Return what a text of this kit states. Raise `VaultError` when it is broken or of another kit."""
        ...


# Handing valid records on to the official system, and what it answers. A dinas may bring an adapter of its own.


class OnwardState(StrEnum):
    """Where a record stands on its way to the official system; `NONE` is not queued."""

    NONE = "none"
    WAITING = "waiting"
    HANDED_OVER = "handed_over"  # an answer follows
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    FAILED = "failed"  # a person must look


@dataclass(frozen=True, slots=True)
class HandOver:
    """A valid record, opened; it stays in memory unless the adapter's work is to write it.

    `transaction_id` is the same at each try, and `is_again` says that there was one, whose outcome may be unknown.
    `person` is the same text for the same NIK and tells nothing of it, "" of somebody without one.
    """

    kit: str
    record_id: str
    transaction_id: str
    person: str
    is_again: bool
    enrollment: bytes = field(repr=False)  # OSIA Enrollment 1.3.0 as JSON, images inside
    # → `record.an2` and `samples/<position>.<ext>`; made when asked for. Raises `InputError`.
    others: Callable[[], Mapping[str, bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record. `WAITING` tries it again later, with its reason.

    `code` is a central status in the words of the other side, "" for the usual one of the state.
    """

    state: OnwardState
    reason: str = ""
    external_id: str = ""
    code: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back later. `number` is the record's id, its transaction id or the number that the other side gave."""

    number: str
    outcome: Outcome


class Onward(Protocol):
    """The other side. Its failures are contained: what it raises makes records wait, and never stops the program."""

    @property
    def name(self) -> str:
        """Who answers, as the statuses call the source; at most 64 characters."""
        ...

    @property
    def batch_size(self) -> int:
        """How many records it takes at once."""
        ...

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Hand records over and return an outcome for each, in their order; records that came before count once.

        Raise `KnownError` or `OSError` when the other side is away: all of them wait.
        """
        ...

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Give `settle` each answer that came since, and forget it only after that returned "" or why it is no use."""
        ...

    def close(self) -> None:
        """Let go of what it holds; idempotent."""
        ...


# What delivery asks of the local queue. Every method is one committed transaction: saved means saved.


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


# What the core asks of a small printer that the team carries along.


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line of text; too long a one is broken by the printer."""

    text: str
    is_strong: bool = False
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A slip of paper: lines, then a QR code (nothing for "")."""

    lines: tuple[ReceiptLine, ...]
    qr: str = ""


class ReceiptPrinter(Protocol):
    """A receipt printer; calls block."""

    @property
    def name(self) -> str:
        """Return what people call it."""
        ...

    def print_receipt(self, receipt: Receipt) -> None:
        """Print. Raise a `DeviceError`; whether paper came out is only known by looking."""
        ...


# What team leads signed for records of older programs, on its way to the data center.


class VouchBook(Protocol):
    """Signatures that the data center does not have yet. Every method is one committed transaction."""

    def pending(self) -> Mapping[str, SignedAct]:
        """Return them by record id."""
        ...

    def settle(self, record_id: str) -> None:
        """Forget one that the data center took, or that it has no record for."""
        ...
