"""How long steps of an SOP took, in the office hours of the dinas, and for whom they waited.

Real time runs from a noted start, or the first act on the step, to its end. Nights, breaks and days off count for
nobody, unless somebody noted that he worked then; a time in which the step waited for somebody is told as waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldkit.domain.planning.schedule import WorkCalendar
from fieldkit.domain.sop.profile import StandardTime
from fieldkit.domain.sop.run import Round, SopRun, StepState, StepTime

_MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A time in which a step waited for somebody, by name or column; without `ended_at` it still does."""

    whom: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfficeClock:
    """Counts by the calendar of the dinas; `local` gives a moment as its wall clock shows it."""

    calendar: WorkCalendar
    local: Callable[[datetime], datetime]

    def minutes(self, begin: datetime, end: datetime) -> int:
        """Return the minutes of office hours between two moments."""
        return round(self._office((begin, end)) / _MINUTE)

    def real_minutes(self, times: Iterable[StepTime], standard: StandardTime | None = None) -> int | None:
        """Return what a step took over all its rounds, None where nobody noted a start."""
        measured = [self._real(each, standard) for each in times if each.began_at and each.began_at <= each.ended_at]
        return round(sum(measured, timedelta()) / _MINUTE) if measured else None

    def _real(self, time: StepTime, standard: StandardTime | None) -> timedelta:
        assert time.began_at is not None
        whole = (time.began_at, time.ended_at)
        if standard is not None and standard.never_stops:
            return time.ended_at - time.began_at
        held = _united(_within(whole, ((each.began_at, each.ended_at or time.ended_at) for each in time.holds)))
        late = _united((each.began_at, each.ended_at) for each in time.overtime)
        more = sum((end - begin - self._office((begin, end)) for begin, end in late), timedelta())
        return self._office(whole) - sum(map(self._office, held), timedelta()) + more

    def _office(self, span: Span) -> timedelta:
        return self.calendar.office_time(*map(self.local, span))


def waits_of(run: SopRun, no: int, each: Round) -> tuple[Waiting, ...]:
    """Return for whom one time through a step waited: for its doer from its turn to its start, then as noted."""
    step, end = run.profile.step(no), each.ending.at if each.ending else None
    if step.ends_itself or each.state is StepState.SKIPPED:
        return ()
    turn = each.ready_at if each.is_over or each.ready_at else run.ready_since(no)
    begun = each.started_at or end
    is_first = step.doer is not None and turn is not None and (begun is None or turn < begun)
    first = (Waiting(step.doer.column, turn, begun),) if is_first and step.doer and turn else ()
    return (*first, *(Waiting(hold.whom, hold.began_at, hold.ended_at or end) for hold in each.holds))


def _within(whole: Span, spans: Iterable[Span]) -> Iterator[Span]:
    for begin, end in spans:
        yield max(begin, whole[0]), min(end, whole[1])


def _united(spans: Iterable[Span]) -> list[Span]:
    """Return spans without their overlaps, and without those that end before they begin."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        start = max(begin, found[-1][1]) if found else begin
        if end > start:
            found.append((start, end))
    return found
