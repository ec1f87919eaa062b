"""What every step of a run has in hand."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from fieldkit.domain.errors import KnownError, Problem, Recovery, RuleError, StoreError, has_no_room
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Budget, Outbox, QueuedRecord, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Holding
from sync.protocol.outcomes import back_off

# Counts what one run did.


@dataclass(slots=True)
class Tally:
    """The report while it grows."""

    started_at: datetime
    acknowledged: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    resent: list[str] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    resumed_uploads: int = 0
    resumed_bytes: int = 0
    sent_bytes: int = 0
    statuses: int = 0
    held_there: int | None = None
    clock_skew_s: float = 0.0
    stopped_by: Problem | None = None
    notes: list[Problem] = field(default_factory=list)
    from_office: list[BundleStanding] = field(default_factory=list)
    exchanged: int = 0
    conflicts: int = 0
    forked: str = ""
    is_cancelled: bool = False

    def note(self, problem: Problem) -> None:
        """Keep what was odd and stopped nothing, once."""
        if problem not in self.notes:
            self.notes.append(problem)

    def fork(self, code: str) -> None:
        """Keep that this kit's place in its chain is taken, and tell it."""
        self.forked = code
        self.note(Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE))

    def close(self, ended_at: datetime, waiting: int, held_here: int, next_try_at: datetime | None) -> SyncReport:
        """Return the finished report."""
        return SyncReport(
            started_at=self.started_at,
            ended_at=ended_at,
            acknowledged=tuple(self.acknowledged),
            quarantined=tuple(self.quarantined),
            postponed=tuple(self.postponed),
            lost=tuple(lost for lost in self.lost if lost not in self.resent),
            resent=tuple(self.resent),
            purged=tuple(self.purged),
            resumed_uploads=self.resumed_uploads,
            resumed_bytes=self.resumed_bytes,
            sent_bytes=self.sent_bytes,
            statuses=self.statuses,
            waiting=waiting,
            held_here=held_here,
            held_there=self.held_there,
            clock_skew_s=self.clock_skew_s,
            stopped_by=self.stopped_by,
            notes=tuple(self.notes),
            from_office=tuple(self.from_office),
            exchanged=self.exchanged,
            conflicts=self.conflicts,
            forked=self.forked,
            is_cancelled=self.is_cancelled,
            next_try_at=next_try_at,
        )


Item = TypeVar("Item")


class EnoughError(Exception):
    """The person cancelled or the budget is used up; what was sent is kept."""


class Bounds:
    """The budget and the person's patience."""

    def __init__(self, budget: Budget, cancel: Cancel, tally: Tally) -> None:
        self._budget, self._cancel, self._tally = budget, cancel, tally
        self._began = time.monotonic()

    @property
    def lets_run_ahead(self) -> bool:
        """Whether more may be under way than is confirmed: a budget of bytes counts what is confirmed."""
        return self._budget.max_bytes is None

    def check(self) -> None:
        """Raise `EnoughError` when the run must end here."""
        spent = timedelta(seconds=time.monotonic() - self._began)
        if self._cancel.is_cancelled():
            self._tally.is_cancelled = True
            raise EnoughError
        if (self._budget.max_bytes is not None and self._tally.sent_bytes >= self._budget.max_bytes) or (
            self._budget.max_time is not None and spent >= self._budget.max_time
        ):
            raise EnoughError

    def cut(self, records: Sequence[QueuedRecord]) -> Sequence[QueuedRecord]:
        """Return as many records as may be sent."""
        return records if self._budget.max_records is None else records[: self._budget.max_records]


@dataclass(frozen=True, slots=True)
class RunParts:
    """Queue, link and judges of one run, and what it found; `holdings` is the data center's word of this very run."""

    outbox: Outbox
    link: DataCenterLink
    receipts: SignatureVerifier
    clock: Clock
    random: Random
    tally: Tally
    bounds: Bounds
    holdings: dict[str, Holding] = field(default_factory=dict)

    def due(self) -> Sequence[QueuedRecord]:
        """Return what may be sent now."""
        return self.outbox.pending(self.clock.now())

    def quarantine(self, record_id: str, code: str) -> None:
        """Hold a record back."""
        with self.unless_changed():
            self.outbox.quarantine(record_id, code)
            self.tally.quarantined.append(record_id)

    def postpone(self, record: QueuedRecord, code: str) -> None:
        """Try a record again later."""
        wait = back_off(record.attempts + 1, self.random)
        with self.unless_changed():
            self.outbox.retry_later(record.record_id, self.clock.now() + wait, code)
            self.tally.postponed.append(record.record_id)

    def put_back(self, record_id: str, code: str) -> None:
        """Let a record wait in front of the queue: the link failed, or the run is over, and not the record."""
        try:
            self.outbox.retry_later(record_id, None, code)
        except KnownError:
            # Why the run ends matters more, and what is left on its way is taken up by the next run as it is.
            return

    @contextmanager
    def unless_changed(self) -> Iterator[None]:
        """Pass over a record that somebody else moved or took away meanwhile; the next run sees it as it is then."""
        try:
            yield
        except RuleError as error:
            self.tally.note(error.problem)
        except StoreError as error:
            if error.code != "store.not_found":
                raise
            self.tally.note(error.problem)

    def release(self, record_id: str) -> None:
        """Put a held record into the queue because the reason has ended; only once, so that nothing goes round."""
        with self.unless_changed():
            if self.outbox.release_once(record_id):
                self.tally.note(Problem("sync.released"))


def pages(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield items in groups of at most `size`."""
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page


# The one border of delivery: whatever happens within becomes a problem in the report.

_log = logging.getLogger(__name__)


def stops(tally: Tally, act: Callable[[], object]) -> bool:
    """Do a part of the run and return whether that ended it; the first reason counts."""
    try:
        act()
    except EnoughError:
        return True
    except KnownError as error:
        problem = error.problem
    except OSError as error:
        problem = Problem("store.disk_full" if has_no_room(error) else "store.disk_failed")
    except Exception as error:  # noqa: BLE001 - a bug of ours must not end delivery: here, and nowhere else, all is caught
        _log.exception("a run of delivery met what nobody foresaw")
        problem = Problem("sync.unforeseen", {"kind": type(error).__name__})
    else:
        return False
    tally.stopped_by = tally.stopped_by or problem
    return True
