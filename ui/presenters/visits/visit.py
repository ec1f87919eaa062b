"""Kartu kunjungan: what the team needs at one door, how long it is there, and how the visit ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from fieldkit.domain.ages import age_gate, age_on
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.typed import optional, read_day
from fieldkit.domain.visits import Outcome, Visit, may_wish_revisit
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import Ended, VisitCard
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, span_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Number
from ui.presenters.form import FormField, Labels, Pick, texts_of
from ui.presenters.letters.official_form import forms_command
from ui.presenters.lists import Big, Facts, Hint, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.readers import answer
from ui.presenters.recording.opening import show_recording
from ui.presenters.tasks import Tasks
from ui.presenters.visits.messages import (
    DONE,
    RECORDED,
    category_tag,
    outcome_tag,
    remarks_of,
    state_tag,
    warnings_of,
)
from ui.presenters.work_form import Around, Filled, WorkForm

_WIDE = {"outcome": 4, "companion": 2, "note": 2, "revisit": 2, "safety": 4}
_A_SECOND_MS = 1_000
_TYPED = tuple(outcome for outcome in Outcome if outcome not in RECORDED)
_SEALED = dict(zip(DONE, RECORDED, strict=True))
_YES = "yes"
_field = Labels("field.")


class VisitAtDoor(OfficeList):
    """Starts the timer, leads to the recording, ends the visit with its outcome."""

    _needs = (Permission.VISIT, "sasaran.not_yours")

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, target_id: str) -> None:
        super().__init__(context, navigator)
        self._tasks, self._target_id, self._visits = tasks, target_id, context.office.visits
        self._read: VisitCard | None = None
        self._turn: Operation[TargetNotes] | None = None  # wants an escort, or none any more

    def form(self) -> WorkForm:
        """Return the form: nothing is asked before the visit begins."""
        return WorkForm(
            "",
            self._load,
            self._keep,
            go_on=self._go_on,
            adapt=self._adapt,
            around=self._around,
            about=self._about,
            reads=frozenset({Visit.KIND, TargetNotes.KIND}),
            follow=lambda tell: self._tasks.every(_A_SECOND_MS, tell),
            wide=_WIDE,
        )

    @property
    def _card(self) -> VisitCard:
        assert self._read is not None
        return self._read

    def _about(self) -> str:
        """Return the visit: what was typed belongs to it and to no later one."""
        visit = self._read.open_visit if self._read is not None else None
        return visit.thing_id if visit is not None else ""

    def _load(self) -> tuple[FormField, ...]:
        card = self._read = self._visits.card(self._target_id)
        visit, visits = card.open_visit, self._visits
        self._turn = Operation(
            work=partial(visits.drop_escort if _is_escorted(card) else visits.want_escort, self._target_id)
        )
        if visit is None:
            return ()
        # What a seal said is not to be chosen against; everything else waits for the seal.
        sealed = _SEALED.get(card.target.state)
        offered = Choice.each((each.value for each in ((sealed,) if sealed else _TYPED)), "field.outcome_")
        outcome = _field("outcome_title", choices=offered)
        wishes = (Choice(_YES, message("field.wants_revisit")),)
        return self._adapt(
            (
                replace(outcome, name="outcome", pick=Pick.DIGITS),
                _field("companion", visit.companion),
                _field("note", visit.note),
                FormField("revisit", "", _YES, choices=wishes, is_many=True),
                _field("revisit_on", hint="biodata.birth_date_hint"),
                _field("revisit_note"),
                _field("safety", hint="catatan.safety_hint"),
            )
        )

    def _adapt(self, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Ask for another day where somebody may wish to come again, and does."""
        outcome, wishes = (texts_of(fields).get(name, "") for name in ("outcome", "revisit"))
        outcome = _SEALED.get(self._card.target.state, outcome)
        may_wish = bool(outcome) and may_wish_revisit(Outcome(outcome))
        is_asked = {"revisit": may_wish, "revisit_on": may_wish and wishes, "revisit_note": may_wish and wishes}
        kept = {"outcome": outcome}
        return tuple(
            replace(each, is_asked=bool(is_asked.get(each.name, True)), text=kept.get(each.name, each.text))
            for each in fields
        )

    def _keep(self, values: Mapping[str, str]) -> Visit | CaptureSession:
        """Do what comes next: begin the visit, record, or close it with the outcome that was chosen."""
        visit = self._card.open_visit
        if visit is None:
            return self._visits.begin(self._target_id)
        companion, note, safety = (values[name] for name in ("companion", "note", "safety"))
        if not values["outcome"]:
            who = self._card.target.biodata
            gate = age_gate(who.birth_date, who.marital_status, self._context.clock.today())
            if not gate.may_record:
                raise RuleError("session.too_young", age=gate.age)
            session = self._context.recording.open(self._target_id)
            if any(map(str.strip, (companion, note, safety))):
                self._visits.annotate(visit.thing_id, note, safety, companion)
            return session
        outcome = Outcome(values["outcome"])
        wants = may_wish_revisit(outcome) and bool(values["revisit"])
        day = answer(values, "revisit_on", optional(read_day)) if wants else None
        ended = Ended(outcome, note, companion, safety, wants, values["revisit_note"] if wants else "", day)
        return self._visits.end(visit.thing_id, ended)

    def _go_on(self, navigator: Navigator, done: Visit | CaptureSession) -> None:
        if isinstance(done, CaptureSession):
            show_recording(navigator, done)
        elif not done.is_open:
            navigator.back()

    def _around(self, filled: Filled) -> Around:
        card = self._card
        safety = "\n".join(f"• {line}" for line in card.safety)
        unsafe = self._refusal(Permission.VISIT, "field.safety_hidden") or message("field.safety_none")
        person = Facts(card.target.biodata.name, self._facts(card), tags=_tags(card))
        side: tuple[Panel, ...] = (person, Hint(message("field.safety_title"), safety or unsafe, Tone.CAUTION))
        return Around(
            self._commands(card, filled),
            (*self._timer(card), *side),
            () if card.open_visit else (self._before(card),),
            card.target.biodata.masked_name,
            is_open=not self._not_yours,
        )

    def _timer(self, card: VisitCard) -> tuple[Panel, ...]:
        if card.open_visit is None:
            return ()
        seconds = max(0, round((self._context.clock.now() - card.open_visit.started_at).total_seconds()))
        is_over = seconds > card.standard_minutes * 60
        words = message("field.timer_over" if is_over else "field.timer", standard=card.standard_minutes)
        return (Big(Number(span_text(seconds, "."), words, Tone.CAUTION if is_over else Tone.GOOD)),)

    def _facts(self, card: VisitCard) -> tuple[tuple[Message, Message], ...]:
        who, home, notes = card.target.biodata, card.target.biodata.address, card.notes
        age = age_on(who.birth_date, self._context.clock.today())
        facts: list[tuple[Message, Message]] = [
            (message("common.nik"), who.nik.masked),
            (message("common.born"), message("field.born_on", day=day_text(who.birth_date), age=age)),
            (message("common.address"), home.street),
            ("RT/RW", message("sasaran.place", rt=home.rt, rw=home.rw, village=home.village)),
        ]
        if notes is not None:
            told = {"catatan.access": notes.access, "catatan.contact": notes.contact, "field.check": notes.check}
            facts += [(message(key), text) for key, text in told.items() if text]
        warned = warnings_of(card.target, self._context)
        return (*facts, *((message("sasaran.warnings") if at == 0 else "", told) for at, told in enumerate(warned)))

    def _before(self, card: VisitCard) -> Panel:
        """Return the earlier visits, or that there is none."""
        earlier = [fact for visit in reversed(card.visits) if not visit.is_open for fact in self._told(visit)]
        return Facts(message("field.before"), tuple(earlier), "" if earlier else message("field.no_visit"))

    def _told(self, visit: Visit) -> tuple[tuple[Message, Message], ...]:
        now = self._context.clock.now()
        told = message("field.visit_line", at=self._moment_text(visit.started_at), count=visit.minutes(now))
        remarks = remarks_of(visit)
        return (told, outcome_tag(visit).words), *((("", remarks),) if remarks else ())

    def _commands(self, card: VisitCard, filled: Filled) -> tuple[Command, ...]:
        no_notes = self._refusal(Permission.VERIFY_TARGETS, "sasaran.not_yours")
        target, notes = {"target_id": self._target_id}, message("common.notes")
        add = self._opens("add_nik", message("field.add_nik"), Action.ADD, no_notes, "add_nik", **target)
        of = {"activity_id": card.target.activity_id, **target}
        write = self._opens("write_notes", notes, Action.PERSON_NOTES, no_notes, "target_notes", **of)
        drop = message("field.escort_drop" if _is_escorted(card) else "act.escort")
        return (
            *((add,) if card.target.biodata.nik.is_provisional else ()),
            forms_command(self._context, self._navigator, self._target_id),
            write.quiet(),
            Command("toggle_escort", drop, Action.ESCORT, refused=self._not_yours, runs=self._turn).quiet(),
            self._next(card, filled),
        )

    def _next(self, card: VisitCard, filled: Filled) -> Command:
        if card.open_visit is None:
            was_recorded = message("field.was_recorded") if card.target.state in DONE else ""
            return enter(message("field.begin"), filled.keep, self._not_yours or was_recorded)
        if filled.texts["outcome"]:
            return enter(message("field.end"), filled.keep, self._not_yours)
        return enter(message("common.record"), filled.keep, self._refusal(Permission.RECORD, "sasaran.not_yours"))


def _is_escorted(card: VisitCard) -> bool:
    return card.notes is not None and card.notes.needs_escort


def _tags(card: VisitCard) -> tuple[Tag, ...]:
    target = card.target
    walked_in = (Tag(message("field.walk_in"), Tone.SOFT, "person"),) if target.is_walk_in else ()
    escorted = (Tag(message("field.escort"), Tone.CAUTION, "shield"),) if _is_escorted(card) else ()
    return (state_tag(target), category_tag(target.category), *walked_in, *escorted)
