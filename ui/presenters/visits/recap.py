"""Rekap: what a day in the field brought, person by person against the minutes of the SOP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.errors import Problem
from fieldkit.domain.planning.outreach import Activity, Target, TargetFilter
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.context.desk import Desk
from fieldkit.services.visits.run_visits import DayRecap
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.visits.words import minutes_tag, outcome_tag, outcome_words, remarks_of
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import phrase

COLUMNS = (
    Column(phrase("field.hour"), 84),
    Column(phrase("sasaran.person")),
    Column(phrase("field.outcome"), 250),
    Column(phrase("field.duration"), 250),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecapState(ViewState):
    """The numbers above, the people of the day below, the outcomes and times beside them."""

    numbers: tuple[Number, ...] = ()
    tags: tuple[Tag, ...] = ()
    rows: Rows = NO_ROWS
    nothing: Empty = NOTHING
    outcomes: tuple[Number, ...] = ()
    times: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    activity: Activity | None
    recap: DayRecap | None


class RecapPresenter(Presenter[RecapState]):
    """Shows a day, PgUp and PgDn other days; leads to the report of the activity."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        super().__init__(RecapState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._day: date | None = None
        self._text = ""
        self._recap: DayRecap | None = None

    def start(self) -> None:
        """Read the numbers anew."""
        self._tasks.run(STORE, self._find, self._read, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those of the day whose name or NIK holds what was typed."""
        self._text = text
        self._render()

    def select(self, target_id: str) -> None:
        """Nothing more is told of a row."""

    def next_step(self) -> None:
        """Show the next day on which somebody was visited."""
        self._turn(1)

    def previous_step(self) -> None:
        """Show the day before on which somebody was visited."""
        self._turn(-1)

    def accept(self) -> None:
        """Go where the activity is evaluated and its report is written."""
        if self.state.stage is Stage.CONTENT and self._activity_id:
            self._navigator.push("evaluation", activity_id=self._activity_id)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _find(self) -> _Found:
        activity = self._desk.visits.list_of(TargetFilter(), self._activity_id, 1).activity
        if activity is None:
            return _Found(None, None)
        recap = self._desk.office.visits.recap(activity.activity_id, self._day)
        if self._day is None and recap.days and recap.on not in recap.days:
            recap = self._desk.office.visits.recap(activity.activity_id, recap.days[-1])
        return _Found(activity, recap)

    def _read(self, found: _Found) -> None:
        if found.activity is None or found.recap is None:
            empty = Empty(phrase("beranda.no_activity"), phrase("beranda.no_activity_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        self._activity_id, self._recap, self._day = found.activity.activity_id, found.recap, found.recap.on
        self._become(replace(self.state, where=found.activity.place))
        if not found.recap.days:
            empty = Empty(phrase("field.recap_empty"), phrase("field.recap_empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        self._become(replace(self.state, stage=Stage.CONTENT, problem=None, retry=None))
        self._render()

    def _turn(self, step: int) -> None:
        if self._recap is not None and self._day in self._recap.days:
            at = self._recap.days.index(self._day) + step
            if 0 <= at < len(self._recap.days):
                self._day = self._recap.days[at]
                self.start()

    def _render(self) -> None:
        recap = self._recap
        if recap is None:
            return
        wanted = self._text.strip().upper()
        calls = [
            (target, visit)
            for target, visit in recap.calls
            if wanted in target.biodata.name or wanted in target.biodata.nik.digits
        ]
        self._become(
            replace(
                self.state,
                numbers=numbers_of(recap),
                tags=self._tags(recap),
                rows=Rows(len(calls), len(recap.calls), lambda at: self._row(*calls[at], recap)),
                nothing=Empty(
                    phrase("sasaran.not_found", text=self._text) if wanted else phrase("field.no_visit_day"),
                    phrase("sasaran.not_found_hint") if wanted else phrase("field.turn_days"),
                ),
                outcomes=tuple(
                    Number(str(recap.outcomes[outcome]), outcome_words(outcome))
                    for outcome in Outcome
                    if recap.outcomes.get(outcome)
                ),
                times=times_of(recap),
                bar=self._bar(),
            )
        )

    def _tags(self, recap: DayRecap) -> tuple[Tag, ...]:
        day = Tag(phrase("field.on_day", day=day_text(recap.on)), Tone.SOFT, "clock")
        if len(recap.days) < 2 or recap.on not in recap.days:
            return (day,)
        no = recap.days.index(recap.on) + 1
        return day, Tag(phrase("field.day_of", no=no, total=len(recap.days)), Tone.NEUTRAL)

    def _row(self, target: Target, visit: Visit, recap: DayRecap) -> Row:
        at = self._desk.clock.local(visit.started_at)
        minutes = minutes_tag(visit, self._desk.clock.now(), recap.standard_minutes)
        return Row(
            visit.thing_id,
            (
                Cell(at.strftime("%H.%M")),
                Cell(target.biodata.name, remarks_of(visit) or target.biodata.nik.masked, is_strong=True),
                Cell(tags=(outcome_tag(visit),)),
                Cell(tags=(minutes,)),
            ),
        )

    def _bar(self) -> Bar:
        return Bar(BACK, (Command("accept", phrase("field.report"), Act.ACCEPT, Weight.PRIMARY),))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def numbers_of(recap: DayRecap) -> tuple[Number, ...]:
    """Return the big numbers of a day."""
    told = (
        ("targets", recap.targets, Tone.NEUTRAL),
        ("recorded", recap.recorded, Tone.GOOD),
        ("with_exception", recap.with_exception, Tone.CAUTION),
        ("refusals", recap.refusals, Tone.CAUTION),
        ("revisits", recap.revisits, Tone.CAUTION),
        ("open_targets", recap.open_targets, Tone.NEUTRAL),
    )
    return tuple(
        Number(str(count), phrase(f"field.{name}"), tone if count else Tone.NEUTRAL) for name, count, tone in told
    )


def times_of(recap: DayRecap) -> tuple[Number, ...]:
    """Return the times of a day against the standard for one person."""
    over = Tone.CAUTION if recap.over_standard else Tone.NEUTRAL
    return (
        Number(str(recap.visits), phrase("field.visits")),
        Number(str(recap.walk_ins), phrase("field.walk_in")),
        Number(str(recap.minutes), phrase("field.minutes_all")),
        Number(str(recap.average_minutes), phrase("field.minutes_average", standard=recap.standard_minutes)),
        Number(str(recap.longest_minutes), phrase("field.minutes_longest"), over),
        Number(str(recap.over_standard), phrase("field.over_standard", standard=recap.standard_minutes), over),
    )
