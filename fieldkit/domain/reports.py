"""Reports of a team: what was done besides recording, the evaluation, the tally of recordings, the report itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import ClassVar

from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.printing import ClockRule, ClockState
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import Attempt, CapturePolicy, CaptureStep, Verdict
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.sop.standing import SopGlance, StepEnd
from fieldkit.domain.sop.times import OfficeClock
from fieldkit.domain.visits import VISIT_MINUTES, Outcome

# What a team does besides recording on the same trip: IKD activation offered, and the satisfaction survey (SKM).
ELEMENTS = 9  # PermenPANRB 14/2017
LOWEST, HIGHEST = 1, 4
_BEST = 100
# Lower ends of the index for each grade, PermenPANRB 14/2017, table of mutu pelayanan.
_GRADES = ((88.31, "A"), (76.61, "B"), (65.0, "C"), (0.0, "D"))


class Element(StrEnum):
    """The nine elements of the satisfaction survey, in their order."""

    REQUIREMENTS = "requirements"
    PROCEDURE = "procedure"
    TIME = "time"
    COST = "cost"
    PRODUCT = "product"
    COMPETENCE = "competence"
    CONDUCT = "conduct"
    COMPLAINTS = "complaints"
    FACILITIES = "facilities"


class IkdOutcome(StrEnum):
    """What came of offering the activation of the digital identity (IKD)."""

    ACTIVATED = "activated"
    REFUSED = "refused"
    NOT_POSSIBLE = "not_possible"  # no phone, no signal, no e-mail address


@dataclass(frozen=True, slots=True)
class IkdOffer:
    """That a person was asked, and what came of it; its id is the target's, so that nobody counts twice."""

    KIND: ClassVar[str] = "ikd_offer"

    thing_id: str
    activity_id: str
    outcome: IkdOutcome
    at: datetime
    by: str  # user_id
    reason: str = ""

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


@dataclass(frozen=True, slots=True)
class IkdTarget:
    """How many activations the dinas wants of an activity; its id is the activity's."""

    KIND: ClassVar[str] = "ikd_target"

    thing_id: str
    activity_id: str
    count: int

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """One answer, 1 to 4 for each element in its order. Nobody is in it: no person, no account, no hour."""

    KIND: ClassVar[str] = "survey_answer"

    thing_id: str
    activity_id: str
    on: date
    scores: tuple[int, ...]
    is_from_paper: bool = False

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""

    def demand(self) -> None:
        """Raise `InputError("survey.scores")` unless each element has its score."""
        if len(self.scores) != ELEMENTS or not all(LOWEST <= score <= HIGHEST for score in self.scores):
            raise InputError("survey.scores")


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """The survey of some activities: `means` per element in its order, empty without an answer."""

    answers: int = 0
    means: tuple[float, ...] = ()

    @property
    def index(self) -> float:
        """Return the satisfaction index (IKM), 25 to 100: every element weighs one ninth."""
        return round(sum(self.means) / ELEMENTS * _BEST / HIGHEST, 2)

    @property
    def grade(self) -> str:
        """Return the grade of the service, A to D."""
        return next(grade for least, grade in _GRADES if self.index >= least)


@dataclass(frozen=True, slots=True)
class IkdFigures:
    """What came of the offers, against what was wanted; 0 where nobody set a number."""

    wanted: int = 0
    outcomes: Mapping[IkdOutcome, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)  # of those who refused or could not

    @property
    def asked(self) -> int:
        """Return how many people were asked."""
        return sum(self.outcomes.values())


NO_SURVEY, NO_IKD = SurveyFigures(), IkdFigures()


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """People of a village on the lists who must have a KTP-el: 17 years or married."""

    village: str
    obliged: int
    recorded: int
    left: int  # to be visited

    @property
    def others(self) -> int:
        """Return who needs no visit any more: recorded before, moved, died, or struck off."""
        return self.obliged - self.recorded - self.left


def survey_of(answers: Sequence[SurveyAnswer]) -> SurveyFigures:
    """Return the mean of each element over answers."""
    if not answers:
        return SurveyFigures()
    means = tuple(sum(each.scores[at] for each in answers) / len(answers) for at in range(ELEMENTS))
    return SurveyFigures(len(answers), means)


def ikd_of(offers: Iterable[IkdOffer], targets: Iterable[IkdTarget]) -> IkdFigures:
    """Return what came of offers, with the numbers wanted together."""
    told = list(offers)
    return IkdFigures(
        sum(each.count for each in targets),
        Counter(each.outcome for each in told),
        Counter(each.reason for each in told if each.reason),
    )


# What the team and its office learned from an activity: before the report is written and the activity closed.


@dataclass(frozen=True, slots=True)
class Points:
    """What is said, one point a line; people are not named here."""

    went_well: tuple[str, ...] = ()
    went_badly: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is said."""
        return not any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The one evaluation of an activity; its id is the activity's. `letter_id` is its report, once there is one."""

    KIND: ClassVar[str] = "evaluation"

    thing_id: str
    activity_id: str
    points: Points
    by: str  # user_id of who wrote last
    at: datetime
    letter_id: str = ""

    @property
    def words(self) -> str:
        """Every point, so that an obstacle of last year is found again."""
        points = self.points
        return " ".join((*points.went_well, *points.went_badly, *points.obstacles, *points.proposals))


# What the recordings of one kit on one day of an activity came to, in counts: all that reports need of them.
#
# The seal erases samples and attempts. Their numbers are kept per day and kit, never per person, so that no record on
# this laptop tells which finger of whom was hard to take.

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


# What a dinas can say about a day, a month or an activity, in numbers. Nobody is in them: no name, NIK or category.

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
    recorded: int = 0  # here and in the official application
    with_exception: int = 0
    unsent: int = 0
    official: int = 0  # of the recorded, those in the official application
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
    office: OfficeClock,
    period: Period,
) -> tuple[StepFigures, ...]:
    """Return the times of every step that ended within a period, in minutes of office hours."""
    times: dict[tuple[str, int], list[int]] = defaultdict(list)
    profiles: dict[str, SopProfile] = {}
    for glance in glances:
        for each in glance.times:
            if period.holds(office.local(each.ended_at).date()):
                if glance.sop_id not in profiles:
                    profiles[glance.sop_id] = profile_of(glance)
                took = office.real_minutes((each,), profiles[glance.sop_id].step(each.no).standard)
                if took is not None:
                    times[glance.sop_id, each.no].append(took)
    return tuple(_step(profiles[sop_id], no, times[sop_id, no]) for sop_id, no in sorted(times))


def _step(profile: SopProfile, no: int, times: Sequence[int]) -> StepFigures:
    step = profile.step(no)
    # A standard per recording says nothing about the step as a whole.
    standard = step.standard.limit if step.standard and not step.per else None
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


def missed_of(tallies: Iterable[RecordingTally], elsewhere: Iterable[MissedCount] = ()) -> tuple[MissedCount, ...]:
    """Return what could not be given, here and in the official application, by position and reason."""
    return add_missed((*(count for tally in tallies for count in tally.missed), *elsewhere))


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
