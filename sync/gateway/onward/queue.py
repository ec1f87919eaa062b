"""The queue to the official system, in the database: taken in, lent to one worker, settled once, answered later.

A record is handed over at least once and marked once in effect: a worker that dies gives its loan back by the time, and
what a slower one says later counts no more.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from fieldkit.domain.cards.card import without_niks
from fieldkit.domain.delivery import CentralCode
from fieldkit.domain.errors import KnownError
from fieldkit.formats.an2 import an2_file
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.exports import iso_files, osia_file
from fieldkit.ports.delivery import Answer, HandOver, Onward, OnwardState, Outcome
from fieldkit.ports.vault import RecordOpener
from sync.gateway.blobs import Content
from sync.gateway.custody import DAMAGED, fault_named, mark_lost
from sync.gateway.database import FEED, draw_number, reading
from sync.gateway.opening.claims import OpeningContext, Rows
from sync.gateway.tables import manifests, onward, records, statuses

LOAN = timedelta(minutes=15)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_AT_ONCE = 500
# A row may become visible later than the time in it; this is longer than any transaction of an opener.
_LATE = timedelta(hours=1)
_STATUSES = {
    OnwardState.HANDED_OVER: CentralCode.SENT_FOR_ENROLLMENT,
    OnwardState.ACKNOWLEDGED: CentralCode.RECEIVED_AT_CENTRAL,
    OnwardState.REJECTED: CentralCode.ENROLL_FAILURE_AT_CENTRAL,
}


@dataclass(frozen=True, slots=True)
class Loan:
    """A record that this worker holds for `LOAN`; `tries` counts this one and tells a later loan from an earlier."""

    kit: str
    record_id: str
    transaction_id: str
    tries: int
    person: str
    object_key: str
    receipt: str
    row: Any  # of the manifest: size_bytes, sha256, sealed_at, announced_at


class OnwardQueue:
    """What waits for one other side, `target`, which is the source of the statuses that follow."""

    def __init__(self, context: Rows, target: str, random: Random) -> None:
        self._context = context
        self._target = target[:64]
        self._random = random
        self._has_taken_all = False

    def take_in(self) -> int:
        """Queue every valid record that is not queued; return how many. The first call looks at all that are not."""
        now = self._context.clock.now()
        query = sa.select(records.c.kit, records.c.record_id).where(
            records.c.queued_at.is_(None), records.c.verdict == "valid", records.c.erased_at.is_(None)
        )
        if self._has_taken_all:
            query = query.where(records.c.opened_at >= now - _LATE)
        count = 0
        while True:
            with reading(self._context.engine) as connection:  # the first look is a long one: it stops no writer
                found = connection.execute(query.limit(_AT_ONCE)).all()
            if not found:
                break
            rows = [
                {
                    "kit": kit,
                    "record_id": record_id,
                    "state": OnwardState.WAITING.value,
                    "transaction_id": str(uuid4()),
                    "queued_at": now,
                    "next_try_at": now,
                }
                for kit, record_id in found
            ]
            with self._context.engine.begin() as connection:
                # Several workers take in at once.
                insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
                connection.execute(insert(onward).on_conflict_do_nothing(), rows)
                named = [
                    {"of_kit": kit, "of_record": record_id, "at": now} for kit, record_id in sorted(map(tuple, found))
                ]
                connection.execute(_QUEUED, named)
            count += len(found)
        self._has_taken_all = True
        return count

    def borrow(self, most: int) -> tuple[Loan, ...]:
        """Lend records whose time has come to this worker, those waiting longest first."""
        now = self._context.clock.now()
        is_free = sa.or_(onward.c.claimed_until.is_(None), onward.c.claimed_until < now)
        query = (
            sa.select(onward, manifests, records.c.key.label("object_key"), records.c.receipt, records.c.nik_mac)
            .join(records, _same(records))
            .join(manifests, _same(manifests))
            .where(onward.c.state == OnwardState.WAITING.value, onward.c.next_try_at <= now, is_free)
            .where(records.c.lost_at.is_(None), records.c.erased_at.is_(None))
            .order_by(onward.c.next_try_at, onward.c.record_id)
            .limit(most)
            .with_for_update(of=onward, skip_locked=True)
        )
        with self._context.engine.begin() as connection:
            rows = connection.execute(query).all()
            for row in rows:
                values = {"claimed_until": now + LOAN, "tries": row.tries + 1, "target": self._target}
                connection.execute(sa.update(onward).filter_by(kit=row.kit, record_id=row.record_id).values(**values))
        return tuple(
            Loan(
                row.kit,
                row.record_id,
                row.transaction_id,
                row.tries + 1,
                row.nik_mac or "",
                row.object_key,
                row.receipt,
                row,
            )
            for row in rows
        )

    def settle(self, loan: Loan, outcome: Outcome) -> bool:
        """Note what became of a loan; False when it was lent to somebody else meanwhile."""
        now = self._context.clock.now()
        values: dict[str, object] = {
            "state": outcome.state.value,
            "claimed_until": None,
            "reason": _kept(outcome.reason),
        }
        if outcome.state is OnwardState.WAITING:
            wait = min(_FIRST_WAIT * 2 ** min(loan.tries - 1, 20), _LONGEST_WAIT)
            values["next_try_at"] = now + wait * (0.5 + self._random.random() / 2)
        elif outcome.state is not OnwardState.FAILED:
            values |= {
                "handed_over_at": now,
                "batch": outcome.batch[:40],
                "external_id": _kept(outcome.external_id, 64),
            }
            if outcome.state is not OnwardState.HANDED_OVER:
                values["answered_at"] = now
        names = {"kit": loan.kit, "record_id": loan.record_id}
        query = sa.update(onward).filter_by(**names, tries=loan.tries, state=OnwardState.WAITING.value)
        with self._context.engine.begin() as connection:
            is_ours = bool(connection.execute(query.values(**values)).rowcount)
            if is_ours:
                self._say(connection, names, outcome, self._target)
        return is_ours

    def answer(self, answer: Answer) -> str:
        """Note what came back later; return "" or why it is no use: "onward.unknown", "onward.not_handed_over"."""
        outcome, now = answer.outcome, self._context.clock.now()
        with self._context.engine.begin() as connection:
            rows = connection.execute(self._named(answer.number)).all()
            if len(rows) != 1:
                return "onward.unknown"
            (row,) = rows
            # An answer may be quicker than the note that it was handed over.
            if not row.tries:
                return "onward.not_handed_over"
            values: dict[str, object] = {
                "state": outcome.state.value,
                "answered_at": now,
                "reason": _kept(outcome.reason),
            }
            if outcome.external_id:
                values["external_id"] = _kept(outcome.external_id, 64)
            names = {"kit": row.kit, "record_id": row.record_id}
            connection.execute(sa.update(onward).filter_by(**names).values(**values))
            self._say(connection, names, outcome, row.target)
        return ""

    def _named(self, number: str) -> sa.Select[Any]:
        number = number.strip().replace("\0", "")
        query = sa.select(onward.c.kit, onward.c.record_id, onward.c.tries, onward.c.target).with_for_update()
        columns = (onward.c.record_id, onward.c.transaction_id)
        is_external = sa.and_(onward.c.external_id == number, onward.c.external_id != "")
        return query.where(sa.or_(*(column == number.lower() for column in columns), is_external))

    def _say(self, connection: sa.Connection, names: dict[str, str], outcome: Outcome, source: str) -> None:
        """Tell the kit, unless the same was said by the same side last."""
        usual = _STATUSES.get(outcome.state)
        code = _kept(outcome.code, 64) or (usual.value if usual else "")
        reason = _kept(outcome.reason, 64)
        if not code:
            return
        last = sa.select(statuses.c.code, statuses.c.reason).filter_by(**names, source=source)
        if connection.execute(last.order_by(statuses.c.cursor.desc()).limit(1)).one_or_none() == (code, reason):
            return
        connection.execute(
            sa.insert(statuses).values(
                **names,
                cursor=draw_number(connection, FEED),
                code=code,
                source=source,
                observed_at=self._context.clock.now(),
                reason=reason,
                verdict="valid",
            )
        )


_QUEUED = (
    sa.update(records)
    .where(records.c.kit == sa.bindparam("of_kit"), records.c.record_id == sa.bindparam("of_record"))
    .values(queued_at=sa.bindparam("at"))
)


def _same(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.kit == onward.c.kit, table.c.record_id == onward.c.record_id)


def _kept(text: str, most: int = 200) -> str:
    """Return a stranger's words as a row can keep them; a number like a NIK is hidden."""
    readable = "".join(letter if letter.isprintable() else " " for letter in text)
    return without_niks(" ".join(readable.split()))[:most]


# The step onward: opens what waits, hands it over and settles what became of it. Runs where the opener's key is.

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
