"""Kunjungan: from house to house, what happened at each door, whom to visit again, who came by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, TargetFilter
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.visits import Doors, Visit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import DoorCall
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import Cell, Step, StepMark
from ui.presenters.lists import Filter, Head, History, Listed, ListScreen, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tone
from ui.presenters.visits.columns import address, finding, person
from ui.presenters.visits.messages import OPEN, door_tags, last_words, outcome_tag, remarks_of, state_tag, where_words

_SHOWN = {
    Doors.OPEN: Tone.SOFT,
    Doors.AGAIN: Tone.CAUTION,
    Doors.WALK_INS: Tone.SOFT,
    Doors.DONE: Tone.GOOD,
    Doors.ALL: Tone.NEUTRAL,
}


class Visits:
    """Finds a door and opens its card. Without an activity it shows that of the day."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._activity: Activity | None = None  # once it was read

    def screen(self) -> ListScreen[DoorCall]:
        """Return the list: first whom nobody visited yet, so that the next door is on top once one is closed."""
        return ListScreen(
            title=message("field.title"),
            heads=(
                Head(message("field.place_in_order"), lambda e: Cell(str(e.place)), 84, lambda e: e.place),
                person(lambda e: e.target),
                address(lambda e: e.target),
                Head(message("field.outcome"), _outcome, 200, lambda e: e.target.state.value),
                Head(message("sasaran.warnings"), self._special, 220),
            ),
            load=self._load,
            name=lambda e: e.target.target_id,
            find=finding(lambda text: self._context.visits.matching(self._of, text), lambda e: e.target),
            reads=frozenset({Visit.KIND, TargetNotes.KIND, "targets", "record", "session"}),
            filters=(tuple(Filter(d.value, message(f"field.show_{d}"), _belongs(d), t) for d, t in _SHOWN.items()),),
            empty=self._empty,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=lambda listed: where_words(self._activity, len(listed.everything)),
        )

    def _load(self) -> Sequence[DoorCall]:
        self._activity = self._context.visits.list_of(TargetFilter(), self._of, 1).activity
        if self._activity is None:
            return ()
        self._of = self._activity.activity_id
        return self._context.office.visits.calls(self._of)

    def _special(self, call: DoorCall) -> Cell:
        return Cell(tags=door_tags(call, self._context.clock.now()))

    def _empty(self, listed: Listed[DoorCall]) -> Empty:
        if self._activity is None:
            return Empty(message("beranda.no_activity"), message("beranda.no_activity_hint"))
        if listed.everything:
            return Empty(message(f"field.none_{listed.filters[0]}"), message("ui.list.none_hint"))
        return Empty(message("sasaran.empty"), message("field.empty_hint"))

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
        call, go = listed.current, partial(self._navigator.push, activity_id=self._of)
        no_day: Message = "" if self._of else message("beranda.no_activity")
        not_yours: Message = "" if self._context.user.may(Permission.VISIT) else message("sasaran.not_yours")
        nobody: Message = "" if call else message("sasaran.choose_first")
        card = partial(go, "visit", target_id=call.target.target_id) if call else None
        ikd = partial(go, "ikd", target_id=call.target.target_id) if call else None
        survey = partial(go, "survey")
        trip, recap, walk_in = partial(go, "trip"), partial(go, "recap"), partial(go, "walk_in")
        without = partial(go, "walk_in_without_nik")
        return (
            Command("show_trip", message("act.trip"), Action.TRIP, Weight.PLAIN, no_day, trip),
            Command("show_recap", message("field.recap_title"), Action.RECAP, Weight.PLAIN, no_day, recap),
            Command("show_ikd", message("ikd.short"), Action.APPROVE, Weight.PLAIN, not_yours or nobody, ikd),
            Command("show_survey", message("survey.short"), Action.SEND_AGAIN, Weight.PLAIN, no_day, survey),
            Command("add_walk_in", message("field.walk_in"), Action.NEW, refused=not_yours or no_day, runs=walk_in),
            Command(
                "add_without_nik", message("field.without"), Action.ADD, Weight.PLAIN, not_yours or no_day, without
            ),
            Command("accept", message("field.open"), Action.ACCEPT, Weight.PRIMARY, nobody, card),
        )


def _belongs(doors: Doors) -> Callable[[DoorCall], bool]:
    return lambda call: doors in call.kinds


def _outcome(call: DoorCall) -> Cell:
    visit, target = call.visit, call.target
    is_told = visit is not None and (visit.is_open or target.state not in OPEN)
    return Cell(tags=(outcome_tag(visit) if visit and is_told else state_tag(target),))
