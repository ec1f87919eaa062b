"""Rekap: what the days in the field brought, person by person against the minutes of the SOP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.visits.run_visits import DayRecap
from ui.presenters.actions import Action
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Number
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, Numbers, Panel
from ui.presenters.messages import Message, message
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.visits.field_list import FieldList
from ui.presenters.visits.messages import minutes_tag, outcome_tag, remarks_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A visit, and what its day brought."""

    target: Target
    visit: Visit
    day: DayRecap


class Recap(FieldList):
    """Shows the last day or all of them, with the numbers of the day under the cursor."""

    def screen(self) -> ListScreen[Entry]:
        """Return the list."""
        now = self._context.clock.now
        return ListScreen(
            title=message("field.recap_title"),
            heads=(
                Head(message("field.hour"), self._when, 130, lambda e: e.visit.started_at),
                Head.named(message("sasaran.person"), lambda e: e.target.biodata.name, _below),
                Head.tagged(
                    message("field.outcome"), lambda e: outcome_tag(e.visit), 250, lambda e: str(e.visit.outcome)
                ),
                Head.tagged(message("field.duration"), self._minutes, 250, lambda e: e.visit.minutes(now())),
            ),
            load=self._load,
            name=lambda e: e.visit.thing_id,
            text=lambda e: f"{e.target.biodata.name} {e.target.biodata.nik.digits}",
            reads=frozenset({Visit.KIND, "targets", "record"}),
            filters=((Filter("last", message("field.last_day"), lambda e: e.day.on == e.day.days[-1]), ALL),),
            empty=self._nothing,
            side=_numbers,
            commands=self._commands,
            hint=message("field.recap_hint"),
            where=lambda _: self._activity.place if self._activity else "",
        )

    def _load(self) -> Sequence[Entry]:
        visits = self._office.visits
        if self._found().activity is None:
            return ()
        days = [visits.recap(self._at, day) for day in reversed(visits.recap(self._at).days)]
        return [Entry(target, visit, day) for day in days for target, visit in day.calls]

    def _when(self, entry: Entry) -> Cell:
        return Cell(clock_text(self._context.clock.local(entry.visit.started_at)), day_text(entry.day.on))

    def _minutes(self, entry: Entry) -> Tag:
        return minutes_tag(entry.visit, self._context.clock.now(), entry.day.standard_minutes)

    def _nothing(self, listed: Listed[Entry]) -> Empty:
        return Empty.of("field.recap_empty") if self._activity else super()._nothing(listed)

    def _commands(self, listed: Listed[Entry]) -> tuple[Command, ...]:
        refused = "" if listed.everything else message("field.recap_empty")
        opens, of, no_day = self._opens, {"activity_id": self._at}, self._no_day
        return (
            opens("show_target", message("ikd.target_title"), Action.APPROVE, no_day, "ikd_target", **of),
            opens("show_survey", message("survey.short"), Action.SEND_AGAIN, no_day, "survey", **of),
            opens("accept", message("field.report"), Action.ACCEPT, refused, "evaluation", **of),
        )


def _below(entry: Entry) -> Message:
    return remarks_of(entry.visit) or entry.target.biodata.nik.masked


def _numbers(listed: Listed[Entry]) -> tuple[Panel, ...]:
    """Return what the day brought, and its times against the standard for one person."""
    if listed.current is None:
        return ()
    day = listed.current.day
    outcomes = ((day.outcomes.get(each, 0), message(f"field.outcome_{each.value}"), Tone.NEUTRAL) for each in Outcome)
    over = Tone.CAUTION if day.over_standard else Tone.NEUTRAL
    people = (
        Number(str(day.targets), message("field.targets")),
        *Number.some(*outcomes),
        Number(str(day.revisits), message("field.revisits"), Tone.CAUTION if day.revisits else Tone.NEUTRAL),
        Number(str(day.open_targets), message("field.open_targets")),
    )
    times = (
        Number(str(day.visits), message("field.visits")),
        Number(str(day.walk_ins), message("field.walk_in")),
        Number(str(day.minutes), message("field.minutes_all")),
        Number(str(day.average_minutes), message("field.minutes_average", standard=day.standard_minutes)),
        Number(str(day.longest_minutes), message("field.minutes_longest"), over),
        Number(str(day.over_standard), message("field.over_standard", standard=day.standard_minutes), over),
    )
    return (Numbers(message("field.on_day", day=day_text(day.on)), people), Numbers(message("field.times"), times))
