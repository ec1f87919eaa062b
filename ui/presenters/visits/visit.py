"""Kartu kunjungan: what the team needs at one door, how long it is there, and how the visit ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from fieldkit.domain.ages import age_gate, age_on
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Target
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.typed import optional, read_day
from fieldkit.domain.visits import Outcome, Visit, may_wish_revisit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import Ended, VisitCard
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, moment_text, span_text
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.letters.official_form import forms_command
from ui.presenters.lines import FieldShown, Line
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Bar, Choice, Stage, Tag, Tone, ViewState
from ui.presenters.readers import answer
from ui.presenters.recording.opening import show_recording
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.visits.messages import (
    DONE,
    RECORDED,
    category_tag,
    outcome_tag,
    outcome_words,
    remarks_of,
    state_tag,
    warnings_of,
)
from ui.presenters.ways_out import leave, unread

FIELDS = ("companion", "note", "revisit_on", "revisit_note", "safety")
_OUTCOME, _REVISIT, _VISIT = "outcome", "revisit", "visit"  # of a draft, beside the fields
_A_SECOND_MS = 1_000
_TYPED = tuple(outcome for outcome in Outcome if outcome not in RECORDED)
_SEALED = dict(zip(DONE, RECORDED, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitState(ViewState):
    """Who lives there at the left; the visit that goes on, or the earlier ones, at the right."""

    name: str = ""
    tags: tuple[Tag, ...] = ()
    facts: tuple[tuple[Message, Message], ...] = ()
    safety: tuple[str, ...] = ()
    safety_note: Message = ""  # why no private note is shown
    timer: str = ""  # "" while no visit goes on
    timer_words: Message = ""
    timer_tone: Tone = Tone.NEUTRAL
    outcomes: tuple[Choice, ...] = ()
    chosen: str = ""
    fields: tuple[FieldShown, ...] = ()
    may_wish_revisit: bool = False
    wants_revisit: bool = False
    may_write: bool = False
    history: tuple[Line, ...] = ()


class VisitPresenter(DraftedPresenter[VisitState]):
    """Starts the timer, leads to the recording, ends the visit with its outcome."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, target_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("visit", {"target_id": target_id}))
        super().__init__(VisitState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._target_id = context, tasks, navigator, target_id
        self._visits = context.office.visits
        self._card: VisitCard | None = None
        self._values = self._as_kept = dict.fromkeys(FIELDS, "")
        self._chosen: Outcome | None = None
        self._wants_revisit, self._day_problem = True, Problem("")
        self._stop_timer: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Read the card anew and let the timer run."""
        self.stop()
        self._stop_timer = self._tasks.every(_A_SECOND_MS, self._tick)
        self._tasks.run(
            STORE, lambda: (self._visits.card(self._target_id), self._drafting.read()), self._read, self._failed
        )

    refresh = start

    def stop(self) -> None:
        """Keep what was typed; let the timer rest."""
        self.settle()
        self._stop_timer()
        self._stop_timer = lambda: None

    def typed(self) -> Mapping[str, str]:
        """Return what was typed and chosen since the visit was kept; it belongs to this visit and to no later one."""
        visit = self._card.open_visit if self._card is not None else None
        found = {name: text for name, text in self._values.items() if text != self._as_kept[name]}
        if self._chosen is not None and not self._was_recorded:
            found |= {_OUTCOME: self._chosen.value, _REVISIT: "yes" if self._wants_revisit else ""}
        return {**found, _VISIT: visit.thing_id} if found and visit is not None else {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the visit as it is kept, but for these fields; those of another visit are passed over."""
        visit = self._card.open_visit if self._card is not None else None
        known = fields if visit is not None and fields.get(_VISIT) == visit.thing_id else {}
        self._values = {name: known.get(name, text) for name, text in self._as_kept.items()}
        if self._card is not None and not self._was_recorded:
            self._chosen = next((outcome for outcome in _TYPED if outcome.value == known.get(_OUTCOME)), None)
            self._wants_revisit = bool(known.get(_REVISIT, "yes"))
        self._render()

    def accept(self) -> None:
        """Do what comes next: begin the visit, record, or close it with the outcome that was chosen."""
        card = self._card
        if card is None or self._not_yours or self.state.stage is not Stage.CONTENT:
            return
        if card.open_visit is None:
            if not self._was_recorded:
                companion = self._values["companion"]
                begin = partial(self._visits.begin, self._target_id, companion)
                self._operate(Operation(work=begin, done=lambda _visit: self.start()))
        elif self._chosen is None:
            self.record()
        else:
            self._end(card.open_visit, self._chosen)

    def record(self) -> None:
        """Open the recording; what was typed so far is kept with the visit."""
        card = self._card
        if card is None or card.open_visit is None or self._may_not_record:
            return
        gate = age_gate(card.target.biodata.birth_date, card.target.biodata.marital_status, self._context.clock.today())
        if not gate.may_record:
            self._become(replace(self.state, problem=Problem("session.too_young", {"age": gate.age}), retry=None))
            return
        follow = partial(show_recording, self._navigator)
        self._keep_typed(Operation(work=self._opened(card.open_visit), done=follow))

    def choose(self, name: str) -> None:
        """Take an outcome; the same once more takes it back."""
        outcome = Outcome(name)
        self._chosen = None if outcome is self._chosen and not self._was_recorded else outcome
        self._render()
        self._edited()

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed."""
        self._values, self._day_problem = {**self._values, name: text}, Problem("")
        self._render()
        self._edited()

    def toggle_revisit(self) -> None:
        """Wish to come again, or not; nobody comes again to who died, moved or was recorded."""
        if not self.state.may_wish_revisit:
            return
        self._wants_revisit = not self._wants_revisit
        self._render()
        self._edited()

    def toggle_escort(self) -> None:
        """Want somebody for the safety of the team at this door, or nobody."""
        if self._card is None or self._not_yours:
            return
        visits, target_id = self._visits, self._target_id
        is_wanted = self._card.notes is not None and self._card.notes.needs_escort
        act = visits.drop_escort if is_wanted else visits.want_escort
        self._operate(Operation(work=lambda: act(target_id), done=lambda _notes: self.start()))

    def write_notes(self) -> None:
        """Go where access, contact and private notes of the door are written."""
        if self._card is not None and not self._no_notes:
            activity_id = self._card.target.activity_id
            self._navigator.push("target_notes", activity_id=activity_id, target_id=self._target_id)

    def back(self) -> None:
        """Leave; a visit that goes on stays open and what was typed waits."""
        self._navigator.back()

    def _opened(self, visit: Visit) -> Callable[[], CaptureSession]:
        values = dict(self._values)

        def opened() -> CaptureSession:
            if any(values[name].strip() for name in ("companion", "note", "safety")):
                self._visits.annotate(visit.thing_id, values["note"], values["safety"], values["companion"])
            return self._context.recording.open(self._target_id)

        return opened

    def _end(self, visit: Visit, outcome: Outcome) -> None:
        try:
            ended = Ended(
                outcome,
                note=self._values["note"],
                companion=self._values["companion"],
                safety=self._values["safety"],
                wants_revisit=self._wants_revisit and may_wish_revisit(outcome),
                revisit_note=self._values["revisit_note"] if self._asks_day else "",
                revisit_on=self._day(),
            )
        except InputError as error:
            self._day_problem = error.problem
            self._render()
            return
        end = partial(self._visits.end, visit.thing_id, ended)
        self._keep_typed(Operation(work=end, done=lambda _visit: self._navigator.back()))

    def _day(self) -> date | None:
        return answer(self._values, "revisit_on", optional(read_day)) if self._asks_day else None

    @property
    def _asks_day(self) -> bool:
        return self._wants_revisit and self._chosen is not None and may_wish_revisit(self._chosen)

    def _read(self, found: tuple[VisitCard, Left | None]) -> None:
        card, left = found
        is_fresh = self._card is None or self._card.open_visit != card.open_visit
        if is_fresh:
            self._chosen, self._wants_revisit = _SEALED.get(card.target.state), True
            self._as_kept = dict.fromkeys(FIELDS, "")
            if card.open_visit is not None:
                self._as_kept |= {"companion": card.open_visit.companion, "note": card.open_visit.note}
            self._values = self._as_kept
        self._card = card
        self._render()
        if is_fresh:
            self._restore(left)

    def _render(self) -> None:
        card = self._card
        if card is None:
            return
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                retry=None,
                where=card.target.biodata.masked_name,
                name=card.target.biodata.name,
                tags=_tags(card),
                facts=self._facts(card),
                safety=card.safety,
                safety_note=self._safety_note(card),
                outcomes=self._outcomes(card),
                chosen=self._chosen.value if self._chosen else "",
                fields=self._fields() if card.open_visit else (),
                may_wish_revisit=self._chosen is not None and may_wish_revisit(self._chosen),
                wants_revisit=self._asks_day,
                may_write=not self._not_yours,
                history=tuple(self._line(visit) for visit in reversed(card.visits) if not visit.is_open),
                bar=self._bar(card),
            )
        )
        self._tick()

    def _tick(self) -> None:
        visit = self._card.open_visit if self._card else None
        if self._card is None or visit is None:
            self._become(replace(self.state, timer="", timer_words=""))
            return
        standard = self._card.standard_minutes
        seconds = max(0, round((self._context.clock.now() - visit.started_at).total_seconds()))
        is_over = seconds > standard * 60
        self._become(
            replace(
                self.state,
                timer=span_text(seconds, "."),
                timer_words=message("field.timer_over" if is_over else "field.timer", standard=standard),
                timer_tone=Tone.CAUTION if is_over else Tone.GOOD,
            )
        )

    def _facts(self, card: VisitCard) -> tuple[tuple[Message, Message], ...]:
        who, home, notes = card.target.biodata, card.target.biodata.address, card.notes
        age = age_on(who.birth_date, self._context.clock.today())
        facts: list[tuple[Message, Message]] = [
            (message("field.nik"), who.nik.masked),
            (message("field.born"), message("field.born_on", day=day_text(who.birth_date), age=age)),
            (message("field.street"), home.street),
            ("RT/RW", message("sasaran.place", rt=home.rt, rw=home.rw, village=home.village)),
        ]
        if notes is not None:
            told = {"catatan.access": notes.access, "catatan.contact": notes.contact, "field.check": notes.check}
            facts += [(message(key), text) for key, text in told.items() if text]
        warned = warnings_of(card.target, self._context)
        return (*facts, *((message("sasaran.warnings") if at == 0 else "", told) for at, told in enumerate(warned)))

    def _safety_note(self, card: VisitCard) -> Message:
        if self._not_yours:
            return message("field.safety_hidden")
        return "" if card.safety else message("field.safety_none")

    def _outcomes(self, card: VisitCard) -> tuple[Choice, ...]:
        if card.open_visit is None:
            return ()
        # What a seal said is not to be chosen against; everything else waits for the seal.
        offered = (_SEALED[card.target.state],) if card.target.state in _SEALED else _TYPED
        return tuple(Choice(outcome.value, outcome_words(outcome)) for outcome in offered)

    def _fields(self) -> tuple[FieldShown, ...]:
        hints = {"revisit_on": message("biodata.birth_date_hint"), "safety": message("catatan.safety_hint")}
        names = FIELDS if self._asks_day else ("companion", "note", "safety")
        problem: Message = self._day_problem if self._day_problem.code else ""
        return tuple(
            FieldShown(
                name,
                message(f"field.{name}"),
                self._values[name],
                problem if name == "revisit_on" else "",
                hints.get(name, ""),
            )
            for name in names
        )

    def _line(self, visit: Visit) -> Line:
        at, now = self._context.clock.local(visit.started_at), self._context.clock.now()
        told = message("field.visit_line", at=moment_text(at), count=visit.minutes(now))
        return Line(visit.thing_id, told, remarks_of(visit), tag=outcome_tag(visit))

    @property
    def _not_yours(self) -> Message:
        return "" if self._context.user.may(Permission.VISIT) else message("sasaran.not_yours")

    @property
    def _may_not_record(self) -> Message:
        return "" if self._context.user.may(Permission.RECORD) else message("sasaran.not_yours")

    @property
    def _no_notes(self) -> Message:
        return "" if self._context.user.may(Permission.VERIFY_TARGETS) else message("sasaran.not_yours")

    @property
    def _was_recorded(self) -> bool:
        return self._card is not None and self._card.target.state in DONE

    def _bar(self, card: VisitCard) -> Bar:
        escort = "field.escort_drop" if card.notes and card.notes.needs_escort else "act.escort"
        notes, drop = message("sasaran.notes"), message(escort)
        write = Command("write_notes", notes, Action.PERSON_NOTES, Weight.PLAIN, self._no_notes, self.write_notes)
        toggle = Command("toggle_escort", drop, Action.ESCORT, Weight.PLAIN, self._not_yours, self.toggle_escort)
        forms = forms_command(self._context, self._navigator, self._target_id)
        add = opening(
            *(self._navigator, "add_nik", message("field.add_nik"), Action.ADD, self._no_notes, "add_nik"),
            target_id=self._target_id,
        )
        adds = (add,) if card.target.biodata.nik.is_provisional else ()
        return Bar(leave(self.back), (*adds, forms, write, toggle, self._next(card)))

    def _next(self, card: VisitCard) -> Command:
        if card.open_visit is None:
            refused = self._not_yours or (message("field.was_recorded") if self._was_recorded else "")
            return enter(message("field.begin"), self.accept, refused)
        if self._chosen is not None:
            return enter(message("field.end"), self.accept, self._not_yours)
        return enter(message("sasaran.record"), self.accept, self._may_not_record)

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))


def _tags(card: VisitCard) -> tuple[Tag, ...]:
    target: Target = card.target
    tags = [state_tag(target), category_tag(target.category)]
    if target.is_walk_in:
        tags.append(Tag(message("field.walk_in"), Tone.SOFT, "person"))
    if card.notes is not None and card.notes.needs_escort:
        tags.append(Tag(message("field.escort"), Tone.CAUTION, "shield"))
    return tuple(tags)
