"""Kunjungan and Rekap: the lists of the field, door by door, and what its days brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import NO_NIK, Nik, NoKk, Sex
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import ServiceCategory, Target, TargetFilter
from fieldkit.domain.recording.biodata import Address, Biodata, Citizenship
from fieldkit.domain.reports import HIGHEST, LOWEST, Element, IkdOutcome
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.typed import chosen, optional, read_birth_day, read_whole
from fieldkit.domain.visits import Doors, Outcome, Visit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import DayRecap, DoorCall
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.figures import FigureCell, Number, Step, StepMark
from ui.presenters.form import Form, FormField, Labels, Pick
from ui.presenters.lists import ALL, Filter, Head, History, Listed, ListScreen, Numbers, Panel, Tell, finding
from ui.presenters.parts import Choice, Empty, Tag, Toast, Tone
from ui.presenters.picking import marital_statuses, offered, sexes
from ui.presenters.presenter import Action, Command, Message, Operation, message
from ui.presenters.readers import answer, line, read_marital_status
from ui.presenters.visits.messages import (
    OPEN,
    FieldList,
    address,
    door_tags,
    house,
    last_words,
    minutes_tag,
    outcome_tag,
    person,
    remarks_of,
    state_tag,
)

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
    """Finds a door and opens its card; tells what was just done at one, with the way back."""

    _came = ""  # the target_id of whoever came by themselves

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
            comes_to=self._comes_to,
            follow=self._follow,
        )

    def _follow(self, tell: Tell) -> Callable[[], None]:
        """Tell what was done since the list was in front last."""
        visits = self._office.visits
        news = visits.news()
        if news is not None and news.visit is None:
            self._came = news.target.target_id
            tell(Toast(message("field.came", name=news.target.biodata.name, house=news.target.house)))
        elif news is not None:
            name = news.target.biodata.name
            again = message("field.taken_back", name=name)
            undo = Operation(work=lambda: visits.take_back(news), told=lambda _visit: again)
            back = Command("undo", message("common.undo"), Action.UNDO, runs=undo)
            tell(Toast(message("field.ended", name=name), undo=back))
        return lambda: None

    def _comes_to(self) -> str:
        came, self._came = self._came, ""
        return came

    def _load(self) -> Sequence[DoorCall]:
        return self._office.visits.calls(self._at) if self._found().activity else ()

    def _special(self, call: DoorCall) -> FigureCell:
        return FigureCell(tags=door_tags(call, self._context.clock.now()))

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

    def _when(self, entry: VisitEntry) -> FigureCell:
        return FigureCell(clock_text(self._context.clock.local(entry.visit.started_at)), day_text(entry.day.on))

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


# Forms of the field: who came by themselves, who activates IKD, the satisfaction survey.

_WIDE = {"known": 2, "name": 2, "sex": 2, "marital": 4, "category": 4}
NO_NIK_YET, NOT_KNOWN = "no_nik_yet", "not_known"
_NOT_KNOWN = {"name": "TIDAK DIKENAL", "birth_place": "TIDAK DIKETAHUI"}  # what the paper says of who cannot tell
_UNKNOWN = 0  # a code that no table has: the recording asks for it
_BLOOD_NOT_KNOWN = 13
_field = Labels("field.")


def walk_in_form(context: AppContext, activity_id: str, *, without_nik: bool = False) -> Form:
    """Return the form of the few things that the KK says at once; the rest is asked while recording.

    Of somebody without a NIK it asks whether anybody knows who that is.
    """
    who = _field("known", choices=Choice.each((NO_NIK_YET, NOT_KNOWN), "field.known_"))

    def load() -> tuple[FormField, ...]:
        home, villages = _home(context, activity_id), offered(context.visits.villages(activity_id))
        return (
            *((who,) if without_nik else (_field("nik"), _field("no_kk"))),
            _field("name"),
            _field("birth_place"),
            _field("birth_date", hint="biodata.birth_date_hint"),
            _field("sex", choices=sexes()),
            _field("marital", choices=marital_statuses()),
            _field("street"),
            _field("rt"),
            _field("rw"),
            replace(_field("village", home.village, choices=villages), pick=Pick.OPEN),
            _field("category", ServiceCategory.UMUM, choices=Choice.each(ServiceCategory, "category.")),
        )

    def keep(values: Mapping[str, str]) -> object:
        if without_nik:
            answer(values, "known", chosen(str))
        who = _biodata(values, _home(context, activity_id))
        return context.office.visits.walk_in(activity_id, who, ServiceCategory(values["category"]))

    title = "field.without_nik" if without_nik else "field.walk_in"
    hint, add = message(f"{title}_hint"), message("field.add")
    return Form(message(title), load, keep, hint, add, adapt=_adapted, wide=_WIDE)


def _adapted(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """Offer words for what somebody whom nobody knows cannot tell."""
    if not any(field.name == "known" and field.text == NOT_KNOWN for field in fields):
        return fields
    return tuple(replace(field, text=field.text or _NOT_KNOWN.get(field.name, "")) for field in fields)


def _home(context: AppContext, activity_id: str) -> Address:
    """Return where the others live: whoever comes by, comes from nearby."""
    listed = context.visits.list_of(TargetFilter(), activity_id, 1).targets
    return listed[0].biodata.address if listed else Address("", "", "", "", "", "")


def _biodata(values: Mapping[str, str], near: Address) -> Biodata:
    home = {name: " ".join(values[name].split()) for name in ("street", "rt", "rw", "village")}
    return Biodata(
        nik=answer(values, "nik", Nik.parse) if "nik" in values else NO_NIK,
        no_kk=(answer(values, "no_kk", optional(NoKk.parse)) if "nik" in values else None) or NoKk(""),
        name=line(values, "name"),
        birth_place=values["birth_place"].strip().upper(),
        birth_date=answer(values, "birth_date", read_birth_day),
        sex=answer(values, "sex", chosen(Sex)),
        blood_type=_BLOOD_NOT_KNOWN,
        religion=_UNKNOWN,
        marital_status=answer(values, "marital", read_marital_status),
        family_relation=_UNKNOWN,
        education=_UNKNOWN,
        occupation=_UNKNOWN,
        citizenship=Citizenship.WNI,
        address=replace(near, **home),
    )


_PAD, _PAPER = "pad", "paper"


def ikd_form(context: AppContext, target_id: str) -> Form:
    """Return the form of what came of asking a person to activate their IKD."""

    def load() -> tuple[FormField, ...]:
        before = context.office.asking.offer(target_id)
        choices = Choice.each(IkdOutcome, "ikd.")
        return (
            FormField("outcome", message("common.result"), before.outcome.value if before else "", choices=choices),
            FormField("reason", message("common.reason"), before.reason if before else "", message("ikd.reason_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        outcome = answer(values, "outcome", chosen(IkdOutcome))
        return context.office.asking.offered(target_id, outcome, values["reason"])

    form = Form(message("ikd.title"), load, keep, message("ikd.hint"))
    return form.for_whom(context, Permission.VISIT, message("sasaran.not_yours"))


def ikd_target_form(context: AppContext, activity_id: str) -> Form:
    """Return the form of how many activations are wanted of an activity."""

    def load() -> tuple[FormField, ...]:
        wanted = context.office.asking.wanted(activity_id)
        return (FormField("count", message("ikd.count"), str(wanted) if wanted else ""),)

    def keep(values: Mapping[str, str]) -> object:
        return context.office.asking.want(activity_id, answer(values, "count", read_whole))

    form = Form(message("ikd.target_title"), load, keep, message("ikd.target_hint"))
    return form.for_whom(context, Permission.EVALUATE, message("ikd.not_yours"))


def survey_form(context: AppContext, activity_id: str) -> Form:
    """Return the nine questions of the survey; whoever answers is not asked who they are."""

    def load() -> tuple[FormField, ...]:
        scores = tuple(Choice(str(n), str(n)) for n in range(LOWEST, HIGHEST + 1))
        origins = Choice.each((_PAD, _PAPER), "survey.from_")
        asked = (FormField(each.value, message(f"survey.{each.value}"), choices=scores) for each in Element)
        return (*asked, FormField("from", message("survey.from"), _PAD, choices=origins))

    def keep(values: Mapping[str, str]) -> object:
        if any(not values[each.value] for each in Element):
            raise InputError("survey.scores")
        scores = [int(values[each.value]) for each in Element]
        return context.office.asking.answered(activity_id, scores, is_from_paper=values["from"] == _PAPER)

    wide = {each.value: 2 for each in Element} | {"from": 2}
    form = Form(message("survey.title"), load, keep, message("survey.hint"), wide=wide)
    return form.for_whom(context, Permission.REGISTER, message("survey.not_yours"))
