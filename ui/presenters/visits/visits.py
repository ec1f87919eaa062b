"""Kunjungan: from house to house, what happened at each door, whom to visit again, who came by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.visits import Doors, Visit
from fieldkit.services.visits.run_visits import DoorCall
from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Step, StepMark
from ui.presenters.lists import Filter, Head, History, Listed, ListScreen, Panel, finding
from ui.presenters.messages import Message, message
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.visits.columns import address, house, person
from ui.presenters.visits.field_list import FieldList
from ui.presenters.visits.messages import OPEN, door_tags, last_words, outcome_tag, remarks_of, state_tag

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
        nobody: Message = "" if call else message("sasaran.choose_first")
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
