"""Rekap: what the days in the field brought, person by person against the minutes of the SOP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fieldkit.domain.planning.outreach import Target, TargetFilter
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import DayRecap
from ui.presenters.actions import Action
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Number, tagged
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, Numbers, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Empty, Tone
from ui.presenters.visits.messages import minutes_tag, outcome_tag, outcome_words, remarks_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit, and what its day brought."""

    target: Target
    visit: Visit
    day: DayRecap


class Recap:
    """Shows the last day or all of them, with the numbers of the day under the cursor."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str) -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._clock = context.clock
        self._place = ""  # of the activity, once it was read

    def screen(self) -> ListScreen[Entry]:
        """Return the list."""
        return ListScreen(
            title=message("field.recap_title"),
            heads=(
                Head(message("field.hour"), self._when, 130, lambda e: e.visit.started_at),
                Head(message("sasaran.person"), _who, order=lambda e: e.target.biodata.name),
                Head(message("field.outcome"), lambda e: tagged(outcome_tag(e.visit)), 250, _outcome),
                Head(message("field.duration"), self._minutes, 250, lambda e: e.visit.minutes(self._clock.now())),
            ),
            load=self._load,
            name=lambda e: e.visit.thing_id,
            text=lambda e: f"{e.target.biodata.name} {e.target.biodata.nik.digits}",
            reads=frozenset({Visit.KIND, "targets", "record"}),
            filters=((Filter("last", message("field.last_day"), lambda e: e.day.on == e.day.days[-1]), ALL),),
            empty=self._empty,
            side=_numbers,
            commands=self._commands,
            hint=message("field.recap_hint"),
            where=lambda _: self._place,
        )

    def _load(self) -> Sequence[Entry]:
        visits = self._context.office.visits
        activity = self._context.visits.list_of(TargetFilter(), self._of, 1).activity
        if activity is None:
            return ()
        self._of, self._place = activity.activity_id, activity.place
        days = [visits.recap(self._of, day) for day in reversed(visits.recap(self._of).days)]
        return [Entry(target, visit, day) for day in days for target, visit in day.calls]

    def _when(self, entry: Entry) -> Cell:
        return Cell(clock_text(self._clock.local(entry.visit.started_at)), day_text(entry.day.on))

    def _minutes(self, entry: Entry) -> Cell:
        return tagged(minutes_tag(entry.visit, self._clock.now(), entry.day.standard_minutes))

    def _empty(self, _listed: Listed[Entry]) -> Empty:
        key = "field.recap_empty" if self._place else "beranda.no_activity"
        return Empty(message(key), message(f"{key}_hint"))

    def _commands(self, listed: Listed[Entry]) -> tuple[Command, ...]:
        refused = "" if listed.everything else message("field.recap_empty")
        opens, of = partial(opening, self._navigator), {"activity_id": self._of}
        no_day: Message = "" if self._of else message("beranda.no_activity")
        return (
            opens("show_target", message("ikd.target_title"), Action.APPROVE, no_day, "ikd_target", **of),
            opens("show_survey", message("survey.short"), Action.SEND_AGAIN, no_day, "survey", **of),
            opens("accept", message("field.report"), Action.ACCEPT, refused, "evaluation", **of),
        )


def _who(entry: Entry) -> Cell:
    return Cell(entry.target.biodata.name, remarks_of(entry.visit) or entry.target.biodata.nik.masked, is_strong=True)


def _outcome(entry: Entry) -> str:
    return entry.visit.outcome.value if entry.visit.outcome else ""


def _numbers(listed: Listed[Entry]) -> tuple[Panel, ...]:
    if listed.current is None:
        return ()
    day = listed.current.day
    outcomes = ((each, day.outcomes.get(each)) for each in Outcome)
    told = (
        Number(str(day.targets), message("field.targets")),
        *(Number(str(count), outcome_words(outcome)) for outcome, count in outcomes if count),
        Number(str(day.revisits), message("field.revisits"), Tone.CAUTION if day.revisits else Tone.NEUTRAL),
        Number(str(day.open_targets), message("field.open_targets")),
    )
    return (Numbers(message("field.on_day", day=day_text(day.on)), told), Numbers(message("field.times"), _times(day)))


def _times(day: DayRecap) -> tuple[Number, ...]:
    """Return the times of a day against the standard for one person."""
    over = Tone.CAUTION if day.over_standard else Tone.NEUTRAL
    return (
        Number(str(day.visits), message("field.visits")),
        Number(str(day.walk_ins), message("field.walk_in")),
        Number(str(day.minutes), message("field.minutes_all")),
        Number(str(day.average_minutes), message("field.minutes_average", standard=day.standard_minutes)),
        Number(str(day.longest_minutes), message("field.minutes_longest"), over),
        Number(str(day.over_standard), message("field.over_standard", standard=day.standard_minutes), over),
    )
