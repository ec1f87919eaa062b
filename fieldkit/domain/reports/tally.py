"""What the recordings of one kit on one day of an activity came to, in counts: all that reports need of them.

The seal erases samples and attempts. Their numbers are kept per day and kit, never per person, so that no record on
this laptop tells which finger of whom was hard to take.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from fieldkit.domain.recording.capture_policy import CapturePolicy, Verdict
from fieldkit.domain.recording.capture_step import Attempt, CaptureStep
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession

QualityName = tuple[Position, str, str]  # position, device, algorithm


@dataclass(frozen=True, slots=True)
class MissedCount:
    """How often a position could not be given; without a reason all attempts at it failed."""

    position: Position
    reason: ExceptionReason | None
    count: int


@dataclass(frozen=True, slots=True)
class QualityCount:
    """The samples that one device gave of one position. Scores (0–100) of two algorithms do not mix."""

    position: Position
    device: str
    algorithm: str
    samples: int = 0  # that went into records
    score_sum: int = 0
    lowest: int = 100
    good: int = 0
    enough: int = 0
    attempts: int = 0
    retakes: int = 0  # attempts after the first one of a person

    @property
    def mean(self) -> float:
        """Return the mean score; 0 where no sample was kept."""
        return self.score_sum / self.samples if self.samples else 0.0

    @property
    def repeat(self) -> int:
        """Return how many kept samples stayed below what is enough."""
        return self.samples - self.good - self.enough


@dataclass(frozen=True, slots=True)
class RecordingTally:
    """The counts of one kit, one day and one activity; only that kit writes it."""

    KIND: ClassVar[str] = "recording_tally"

    thing_id: str
    activity_id: str
    on: date
    kit_id: str
    recorded: int = 0
    missed: tuple[MissedCount, ...] = ()
    qualities: tuple[QualityCount, ...] = ()
    worked_ms: int = 0  # at all of them together, without pauses

    @property
    def words(self) -> str:
        """Nothing: counts are not searched for."""
        return ""

    def counting(self, session: CaptureSession) -> RecordingTally:
        """Return the tally with one more recording, which must still have its attempts."""
        missed = tuple(MissedCount(mark.position, mark.reason, 1) for mark in session.exceptions)
        failed = tuple(MissedCount(position, None, 1) for position in session.failed)
        found = (count for step in session.steps for count in _qualities(step, session.policy))
        return replace(
            self,
            recorded=self.recorded + 1,
            worked_ms=self.worked_ms + session.worked_ms,
            missed=add_missed((*self.missed, *missed, *failed)),
            qualities=add_qualities((*self.qualities, *found)),
        )


def begin_tally(activity_id: str, on: date, kit_id: str) -> RecordingTally:
    """Return the tally of a day on which nobody was recorded yet; its id follows from what it is of."""
    return RecordingTally(f"{activity_id}:{on.isoformat()}:{kit_id}", activity_id, on, kit_id)


def add_missed(counts: Iterable[MissedCount]) -> tuple[MissedCount, ...]:
    """Return one count per position and reason, in the order of the positions."""
    found: Counter[tuple[Position, ExceptionReason | None]] = Counter()
    for count in counts:
        found[count.position, count.reason] += count.count
    order = list(Position)
    ordered = sorted(found.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or ""))
    return tuple(MissedCount(position, reason, number) for (position, reason), number in ordered)


def add_qualities(
    counts: Iterable[QualityCount], named: Callable[[QualityCount], QualityName] | None = None
) -> tuple[QualityCount, ...]:
    """Return one count per position, device and algorithm, or per what `named` makes of them, by position."""
    found: dict[QualityName, list[QualityCount]] = defaultdict(list)
    for count in counts:
        found[named(count) if named else (count.position, count.device, count.algorithm)].append(count)
    order = list(Position)
    return tuple(_sum(name, found[name]) for name in sorted(found, key=lambda name: (order.index(name[0]), *name[1:])))


def _sum(name: QualityName, counts: Sequence[QualityCount]) -> QualityCount:
    return QualityCount(
        *name,
        samples=sum(count.samples for count in counts),
        score_sum=sum(count.score_sum for count in counts),
        lowest=min(count.lowest for count in counts),
        good=sum(count.good for count in counts),
        enough=sum(count.enough for count in counts),
        attempts=sum(count.attempts for count in counts),
        retakes=sum(count.retakes for count in counts),
    )


def _qualities(step: CaptureStep, policy: CapturePolicy) -> Iterator[QualityCount]:
    """Yield what the attempts at a step came to; an attempt that gave nothing counts under the step's algorithm."""
    devices = {attempt.number: attempt.device for attempt in step.attempts}
    for position in step.outcomes:
        tried = [a.device for a in step.attempts if position in _asked(a)]
        scored = [s.quality.algorithm for a in step.attempts for s in a.samples if s.position is position]
        algorithm = scored[0] if scored else ""
        for place, device in enumerate(tried):
            yield QualityCount(position, device, algorithm, attempts=1, retakes=int(place > 0))
        best = step.best(position)
        if best is not None:
            verdict, score = policy.verdict(position, best.quality.value), best.quality.value
            yield QualityCount(
                position,
                devices.get(best.attempt, ""),
                best.quality.algorithm,
                samples=1,
                score_sum=score,
                lowest=score,
                good=int(verdict is Verdict.GOOD),
                enough=int(verdict is Verdict.ENOUGH),
            )


def _asked(attempt: Attempt) -> set[Position]:
    """Return the positions that an attempt asked for, whatever came."""
    return {sample.position for sample in attempt.samples} | {fault.position for fault in attempt.faults}
