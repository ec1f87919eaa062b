"""What every step of a run has in hand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from fieldkit.domain.errors import KnownError, Problem, RuleError, StoreError
from fieldkit.ports.clock import Clock
from fieldkit.ports.data_center import Budget
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import Outbox, QueuedRecord
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Holding
from sync.protocol.pacing import back_off

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
