"""Kunjungan and Rekap: the lists of the field, door by door, and what its days brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.visits import Doors, Outcome, Visit
from fieldkit.services.visits.run_visits import DayRecap, DoorCall
from ui.presenters.actions import Action
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Number, Step, StepMark
from ui.presenters.lists import ALL, Filter, Head, History, Listed, ListScreen, Numbers, Panel, finding
from ui.presenters.messages import Message, message
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.visits.columns import FieldList, address, house, person
from ui.presenters.visits.messages import OPEN, door_tags, last_words, minutes_tag, outcome_tag, remarks_of, state_tag

_SHOWN = {
    Doors.OPEN: Tone.SOFT,
    Doors.AGAIN: Tone.CAUTION,
    Doors.WALK_INS: Tone.SOFT,
    Doors.DONE: Tone.GOOD,
    Doors.ALL: Tone.NEUTRAL,
}


def _holds(doors: Doors) -> Callable[[frozenset[Doors]], bool]:
    return lambda kinds: doors in kinds


_DOORS = {doors: _holds(doors) for doors in _SHOWN}


class Visits(FieldList):
    """Finds a door and opens its card."""

    def screen(self) -> ListScreen[DoorCall]:
        """Return the list: first whom nobody visited yet, so that the next door is on top once one is closed."""
        return ListScreen(
            title=message("field.title"),
            heads=(
                house(lambda e: e.place, message("field.place_in_order")),
                person(lambda e: e.target),
                address(lambda e: e.target),
                Head.tagged(message("field.outcome"), _outcome, 200, lambda e: e.target.state.value),
                Head(message("sasaran.warnings"), self._special, 220),
            ),
            load=self._load,
            name=lambda e: e.target.target_id,
            find=finding(self._matching, lambda e: e.target.target_id),
            reads=frozenset({Visit.KIND, TargetNotes.KIND, "targets", "record", "session"}),
            filters=(Filter.by("field.show_", _DOORS, _SHOWN, attrgetter("kinds")),),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=self._where,
        )

    def _load(self) -> Sequence[DoorCall]:
        return self._office.visits.calls(self._at) if self._found().activity else ()

    def _special(self, call: DoorCall) -> Cell:
        return Cell(tags=door_tags(call, self._context.clock.now()))

    def _nothing(self, listed: Listed[DoorCall]) -> Empty:
        if listed.everything:
            return Empty(message(f"field.none_{listed.filters[0]}"), message("ui.list.none_hint"))
        none = super()._nothing(listed)
        return none._replace(hint=message("field.empty_hint")) if self._activity else none

    def _side(self, listed: Listed[DoorCall]) -> tuple[Panel, ...]:
        """Tell what happened at a door the last time."""
        visit = listed.current.visit if listed.current else None
        if listed.current is None or visit is None:
            return ()
        *told, last = last_words(visit, self._context.clock.local)
        steps = (
            *(Step(str(words), words, StepMark.DONE) for words in told),
            Step("", last, StepMark.DONE, remarks_of(visit)),
        )
        return (History(listed.current.target.biodata.name, steps),)

    def _commands(self, listed: Listed[DoorCall]) -> tuple[Command, ...]:
        call, opens, of, no_day = listed.current, self._opens, {"activity_id": self._at}, self._no_day
        not_yours = self._refusal(Permission.VISIT, "sasaran.not_yours")
        nobody: Message = "" if call else message("common.choose_person")
        at, came = {**of, "target_id": call.target.target_id if call else ""}, not_yours or no_day
        return (
            opens("show_trip", message("act.trip"), Action.TRIP, no_day, "trip", **of).quiet(),
            opens("show_recap", message("field.recap_title"), Action.RECAP, no_day, "recap", **of).quiet(),
            opens("show_ikd", message("ikd.short"), Action.APPROVE, not_yours or nobody, "ikd", **at).quiet(),
            opens("show_survey", message("survey.short"), Action.SEND_AGAIN, no_day, "survey", **of).quiet(),
            opens("add_walk_in", message("field.walk_in"), Action.NEW, came, "walk_in", **of),
            opens("add_without_nik", message("field.without"), Action.ADD, came, "walk_in_without_nik", **of).quiet(),
            opens("accept", message("field.open"), Action.ACCEPT, nobody, "visit", **at),
        )


def _outcome(call: DoorCall) -> Tag:
    visit, target = call.visit, call.target
    is_told = visit is not None and (visit.is_open or target.state not in OPEN)
    return outcome_tag(visit) if visit and is_told else state_tag(target)


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """A visit, and what its day brought."""

    target: Target
    visit: Visit
    day: DayRecap


class Recap(FieldList):
    """Shows the last day or all of them, with the numbers of the day under the cursor."""

    def screen(self) -> ListScreen[VisitEntry]:
        """Return the list."""
        now = self._context.clock.now
        return ListScreen(
            title=message("field.recap_title"),
            heads=(
                Head(message("field.hour"), self._when, 130, lambda e: e.visit.started_at),
                Head.named(message("common.person"), lambda e: e.target.biodata.name, _below),
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

    def _load(self) -> Sequence[VisitEntry]:
        visits = self._office.visits
        if self._found().activity is None:
            return ()
        days = [visits.recap(self._at, day) for day in reversed(visits.recap(self._at).days)]
        return [VisitEntry(target, visit, day) for day in days for target, visit in day.calls]

    def _when(self, entry: VisitEntry) -> Cell:
        return Cell(clock_text(self._context.clock.local(entry.visit.started_at)), day_text(entry.day.on))

    def _minutes(self, entry: VisitEntry) -> Tag:
        return minutes_tag(entry.visit, self._context.clock.now(), entry.day.standard_minutes)

    def _nothing(self, listed: Listed[VisitEntry]) -> Empty:
        return Empty.of("field.recap_empty") if self._activity else super()._nothing(listed)

    def _commands(self, listed: Listed[VisitEntry]) -> tuple[Command, ...]:
        refused = "" if listed.everything else message("field.recap_empty")
        opens, of, no_day = self._opens, {"activity_id": self._at}, self._no_day
        return (
            opens("show_target", message("ikd.target_title"), Action.APPROVE, no_day, "ikd_target", **of),
            opens("show_survey", message("survey.short"), Action.SEND_AGAIN, no_day, "survey", **of),
            opens("accept", message("field.report"), Action.ACCEPT, refused, "evaluation", **of),
        )


def _below(entry: VisitEntry) -> Message:
    return remarks_of(entry.visit) or entry.target.biodata.nik.masked


def _numbers(listed: Listed[VisitEntry]) -> tuple[Panel, ...]:
    """Return what the day brought, and its times against the standard for one person."""
    if listed.current is None:
        return ()
    day = listed.current.day
    outcomes = ((day.outcomes.get(each, 0), message(f"field.outcome_{each.value}"), Tone.NEUTRAL) for each in Outcome)
    over = Tone.CAUTION if day.over_standard else Tone.NEUTRAL
    people = (
        Number(str(day.targets), message("common.targets_counted")),
        *Number.some(*outcomes),
        Number(str(day.revisits), message("field.revisits"), Tone.CAUTION if day.revisits else Tone.NEUTRAL),
        Number(str(day.open_targets), message("field.open_targets")),
    )
    times = (
        Number(str(day.visits), message("field.title")),
        Number(str(day.walk_ins), message("field.walk_in")),
        Number(str(day.minutes), message("field.minutes_all")),
        Number(str(day.average_minutes), message("field.minutes_average", standard=day.standard_minutes)),
        Number(str(day.longest_minutes), message("field.minutes_longest"), over),
        Number(str(day.over_standard), message("field.over_standard", standard=day.standard_minutes), over),
    )
    return (Numbers(message("field.on_day", day=day_text(day.on)), people), Numbers(message("field.times"), times))
