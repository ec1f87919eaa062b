"""The step onward: opens what waits, hands it over and settles what became of it. Runs where the opener's key is."""

from __future__ import annotations

import hashlib
import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from fieldkit.domain.errors import KnownError
from fieldkit.formats.an2 import an2_file
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.exports import iso_files, osia_file
from fieldkit.ports.onward import Answer, HandOver, Onward, OnwardState, Outcome
from fieldkit.ports.vault import RecordOpener
from sync.gateway.blobs import Content
from sync.gateway.custody import DAMAGED, fault_named, mark_lost
from sync.gateway.onward.queue import Loan, OnwardQueue
from sync.gateway.opening.context import OpeningContext

_log = logging.getLogger(__name__)
_OBJECTS_AWAY = "objects.away"


@dataclass(frozen=True, slots=True)
class OnwardReport:
    """How many records a round settled, by their state, and how many answers came.

    `is_away` when the other side as a whole did not answer.
    """

    settled: Mapping[OnwardState, int]
    is_away: bool = False
    answers: int = 0


class OnwardStep:
    """One worker; N of them may run, on any machine that has the key, the database and the objects."""

    def __init__(self, context: OpeningContext, opener: RecordOpener, other: Onward, queue: OnwardQueue) -> None:
        self._context = context
        self._opener = opener
        self._other = other
        self._queue = queue

    def run_once(self, is_stopping: Callable[[], bool] = lambda: False) -> OnwardReport:
        """Take in, read the answers, hand over all whose time has come. A database that is away raises its own."""
        self._queue.take_in()
        answers = self._collect()
        settled = Counter[OnwardState]()
        while not is_stopping():
            loans = self._queue.borrow(max(1, self._other.batch_size))
            if not loans:
                break
            outcomes, is_away = self._handed(loans)
            for loan, outcome in outcomes:
                settled[outcome.state] += self._queue.settle(loan, outcome)
            if is_away:
                return OnwardReport(settled, is_away=True, answers=answers)
        return OnwardReport(settled, answers=answers)

    def close(self) -> None:
        """Let go of the other side."""
        self._other.close()

    def _collect(self) -> int:
        count = 0

        def settle(answer: Answer) -> str:
            nonlocal count
            fault = self._queue.answer(answer)
            count += not fault
            return fault

        try:
            self._other.collect(settle)
        except Exception as error:  # noqa: BLE001 - an adapter may be anybody's; the records go on without its answers
            _log.warning("answers of %s could not be read: %s", self._other.name, _named(error))
        return count

    def _handed(self, loans: Sequence[Loan]) -> tuple[list[tuple[Loan, Outcome]], bool]:
        outcomes: list[tuple[Loan, Outcome]] = []
        ready: list[tuple[Loan, HandOver]] = []
        for loan in loans:
            opened = self._opened(loan)
            if isinstance(opened, Outcome):
                outcomes.append((loan, opened))
            else:
                ready.append((loan, opened))
        said, is_away = self._said([handed for _, handed in ready]) if ready else ([], False)
        is_away = is_away or any(outcome.reason == _OBJECTS_AWAY for _, outcome in outcomes)
        return [*outcomes, *((loan, outcome) for (loan, _), outcome in zip(ready, said, strict=True))], is_away

    def _said(self, handed: Sequence[HandOver]) -> tuple[Sequence[Outcome], bool]:
        """Return the outcomes and whether the other side is away. What it did not foresee is tried one by one."""
        try:
            said = self._other.hand_over(handed)
            if len(said) != len(handed):
                raise ValueError("an outcome for each record is wanted")
        except (KnownError, OSError) as error:
            _log.warning("%s takes nothing now: %s", self._other.name, _named(error))
            return [Outcome(OnwardState.WAITING, _named(error))] * len(handed), True
        except Exception as error:  # noqa: BLE001 - an adapter may be anybody's
            _log.error("%s failed: %s\n%s", self._other.name, _named(error), _places(error))
            if len(handed) > 1:
                return [outcome for each in handed for outcome in self._said([each])[0]], False
            return [Outcome(OnwardState.WAITING, _named(error))], False
        return said, False

    def _opened(self, loan: Loan) -> HandOver | Outcome:
        try:
            sealed = self._context.blobs.get(loan.object_key)
            whole = Content(loan.row.size_bytes, loan.row.sha256)
            fault = "" if Content(len(sealed), hashlib.sha256(sealed).hexdigest()) == whole else DAMAGED
        except OSError as error:
            try:
                fault = fault_named(self._context.blobs, error)
            except OSError:
                return Outcome(OnwardState.WAITING, _OBJECTS_AWAY)
        if fault:
            mark_lost(self._context, loan.kit, loan.record_id, loan.receipt, fault)
            return Outcome(OnwardState.WAITING, f"objects.{fault}")
        try:
            # It was found valid: whom a certificate was taken from since takes nothing from this record.
            record = read_container(self._opener.open(sealed, loan.row.sealed_at, (), loan.row.announced_at).content)
            enrollment = osia_file(record)
        except KnownError as error:
            return Outcome(OnwardState.FAILED, error.code)
        except Exception as error:  # noqa: BLE001 - a stranger's content must not stop the next
            _log.error("record %s of %s: %s\n%s", loan.record_id, loan.kit, _named(error), _places(error))
            return Outcome(OnwardState.FAILED, _named(error))
        return HandOver(
            loan.kit,
            loan.record_id,
            loan.transaction_id,
            loan.person,
            loan.tries > 1,
            enrollment,
            lambda: other_files(record),
        )


def work(step: OnwardStep, ends: threading.Event, every_s: float, told: Callable[[OnwardReport], None]) -> None:
    """Do a round every so many seconds until `ends`; `told` hears of each one that settled something."""
    while not ends.is_set():
        try:
            report = step.run_once(ends.is_set)
        except (OSError, sa.exc.OperationalError) as error:
            # Database away: what was lent comes back by the time.
            _log.warning("the way onward waits: %s", type(error).__name__)
        else:
            if report.answers or any(report.settled.values()):
                told(report)
        ends.wait(every_s)


def other_files(record: OpenedRecord) -> Mapping[str, bytes]:
    """Return the ANSI/NIST transaction and the samples of a record. Raise `InputError`."""
    samples = {f"samples/{name}": content for name, content in iso_files(record).items()}
    pictures = {name: content for name, content in record.entries.items() if name.endswith(".png")}
    return {"record.an2": an2_file(record), **samples, **pictures}


def _named(error: Exception) -> str:
    """Return the code or the class of an error: its own words may hold what stands in the record."""
    return error.code if isinstance(error, KnownError) else type(error).__name__


def _places(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
