"""What a dinas can say about a day, a month or an activity, in numbers. Nobody is in them: no name, NIK or category."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.sla import ClockRule, ClockState
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.reports.beside import NO_IKD, NO_SURVEY, CoverageLine, IkdFigures, SurveyFigures
from fieldkit.domain.reports.tally import MissedCount, QualityCount, RecordingTally, add_missed, add_qualities
from fieldkit.domain.sop.glance import SopGlance, StepEnd
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.visits import VISIT_MINUTES, Outcome

# Upper ends of the groups that minutes per person are counted in; the last one is open.
BANDS = (10, 20, VISIT_MINUTES, 60)


class Span(StrEnum):
    """What a report is about."""

    DAY = "day"
    MONTH = "month"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Period:
    """A day, the month of a day, or everything of an activity."""

    span: Span
    on: date
    activity_id: str = ""

    @property
    def first(self) -> date:
        """Return the first day; of an activity its own day."""
        return self.on.replace(day=1) if self.span is Span.MONTH else self.on

    @property
    def last(self) -> date:
        """Return the last day; of an activity its own day."""
        if self.span is not Span.MONTH:
            return self.on
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def holds(self, on: date) -> bool:
        """Return whether a day belongs to it; to an activity every day does."""
        return self.span is Span.ACTIVITY or self.first <= on <= self.last

    def moved(self, by: int) -> Period:
        """Return the next period (1) or the one before (-1); an activity has neither."""
        if self.span is Span.ACTIVITY:
            return self
        beside = self.last + timedelta(days=1) if by > 0 else self.first - timedelta(days=1)
        return replace(self, on=beside)


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """An activity with how its targets stand now."""

    activity_id: str
    name: str
    place: str
    on: date
    targets: int
    recorded: int
    with_exception: int
    revisit: int
    waiting: int
    unsent: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """How many were recorded on a day."""

    on: date
    recorded: int


@dataclass(frozen=True, slots=True)
class PersonMinutes:
    """How long the visits took that ended with a recording, against the standard of one person."""

    count: int = 0
    mean: int = 0
    middle: int = 0  # the median
    longest: int = 0
    over: int = 0  # visits that took longer than the standard
    bands: tuple[int, ...] = (0,) * (len(BANDS) + 1)
    standard: int = VISIT_MINUTES


@dataclass(frozen=True, slots=True)
class StepFigures:
    """How long a step of an SOP took in all activities that ended it, in minutes."""

    sop_id: str
    sop: str  # short
    no: int
    words: str  # short
    standard: int | None  # None where the document gives no time, or one per recording
    count: int
    mean: int
    longest: int
    over: int

    @property
    def is_slow(self) -> bool:
        """Return whether it takes longer than its standard on average."""
        return self.standard is not None and self.mean > self.standard


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """How the clocks of one promise (SLA) stand."""

    rule: ClockRule
    states: Mapping[ClockState, int]

    def of(self, *states: ClockState) -> int:
        """Return how many clocks are in these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True, slots=True)
class EndFigures:
    """A step that is over without having been fulfilled: of which activity, and how."""

    activity: str
    end: StepEnd


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about a period."""

    period: Period
    made_at: datetime
    activity: ActivityFigures | None = None  # of a report about one activity
    activities: tuple[ActivityFigures, ...] = ()
    recorded: int = 0
    with_exception: int = 0
    unsent: int = 0
    days: tuple[DayFigures, ...] = ()
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    missed: tuple[MissedCount, ...] = ()
    minutes: PersonMinutes = PersonMinutes()
    steps: tuple[StepFigures, ...] = ()
    promises: tuple[PromiseFigures, ...] = ()
    positions: tuple[QualityCount, ...] = ()
    devices: tuple[QualityCount, ...] = ()
    documents: Mapping[Place, int] = field(default_factory=dict)
    ends: tuple[EndFigures, ...] = ()
    coverage: tuple[CoverageLine, ...] = ()  # of the lists of these activities as they stand now
    ikd: IkdFigures = NO_IKD
    survey: SurveyFigures = NO_SURVEY
    blanks: tuple[BlankFigures, ...] = ()  # of a day or month, by sort and place

    @property
    def visits(self) -> int:
        """Return how many visits ended."""
        return sum(self.outcomes.values())

    @property
    def is_empty(self) -> bool:
        """Return whether nothing happened."""
        return not (self.activities or self.recorded or self.visits or self.steps or self.documents or self.blanks)


def minutes_of(times: Sequence[int]) -> PersonMinutes:
    """Return what a list of minutes comes to."""
    if not times:
        return PersonMinutes()
    bands = Counter(next((place for place, end in enumerate(BANDS) if time <= end), len(BANDS)) for time in times)
    return PersonMinutes(
        count=len(times),
        mean=round(sum(times) / len(times)),
        middle=round(median(times)),
        longest=max(times),
        over=sum(time > VISIT_MINUTES for time in times),
        bands=tuple(bands[place] for place in range(len(BANDS) + 1)),
    )


def steps_of(
    glances: Iterable[SopGlance],
    profile_of: Callable[[SopGlance], SopProfile],
    local: Callable[[datetime], datetime],
    period: Period,
) -> tuple[StepFigures, ...]:
    """Return the times of every step that ended within a period; `local` gives a time as the clocks of the dinas."""
    times: dict[tuple[str, int], list[int]] = defaultdict(list)
    profiles: dict[str, SopProfile] = {}
    for glance in glances:
        for each in glance.times:
            if period.holds(local(each.ended_at).date()):
                times[glance.sop_id, each.no].append(each.minutes)
                if glance.sop_id not in profiles:
                    profiles[glance.sop_id] = profile_of(glance)
    return tuple(_step(profiles[sop_id], no, times[sop_id, no]) for sop_id, no in sorted(times))


def _step(profile: SopProfile, no: int, times: Sequence[int]) -> StepFigures:
    step = profile.step(no)
    # A standard per recording says nothing about the step as a whole.
    standard = step.standard.minutes if step.standard and not step.per else None
    return StepFigures(
        sop_id=profile.sop_id,
        sop=profile.title,
        no=step.no,
        words=step.title,
        standard=standard,
        count=len(times),
        mean=round(sum(times) / len(times)),
        longest=max(times),
        over=0 if standard is None else sum(time > standard for time in times),
    )


def days_of(on: Iterable[date], period: Period) -> tuple[DayFigures, ...]:
    """Return the recordings of each day: of a month all its days, else those with recordings."""
    found = Counter(on)
    if period.span is Span.MONTH:
        length = (period.last - period.first).days + 1
        return tuple(DayFigures(day, found[day]) for day in (period.first + timedelta(days=n) for n in range(length)))
    return tuple(DayFigures(day, found[day]) for day in sorted(found))


def missed_of(tallies: Iterable[RecordingTally]) -> tuple[MissedCount, ...]:
    """Return what could not be given, by position and reason."""
    return add_missed(count for tally in tallies for count in tally.missed)


def qualities_by_position(tallies: Iterable[RecordingTally]) -> tuple[QualityCount, ...]:
    """Return the quality of each position over all devices, one count per algorithm."""
    return _together(tallies, lambda count: (count.position, ""))


def qualities_by_device(tallies: Iterable[RecordingTally]) -> tuple[QualityCount, ...]:
    """Return the quality that each device gave; the position is any of its modality."""
    first = {position: next(p for p in Position if p.modality is position.modality) for position in Position}
    return _together(tallies, lambda count: (first[count.position], count.device))


def _together(
    tallies: Iterable[RecordingTally], named: Callable[[QualityCount], tuple[Position, str]]
) -> tuple[QualityCount, ...]:
    counts = [count for tally in tallies for count in tally.qualities]
    scored = {named(count): count.algorithm for count in counts if count.algorithm}
    # Attempts that gave nothing belong to the algorithm that scored the others.
    return add_qualities(counts, lambda count: (*named(count), count.algorithm or scored.get(named(count), "")))
