"""What the core and the screens ask of the delivery to the data center."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.ports.devices import Cancel
from fieldkit.ports.media import MediaFile


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
