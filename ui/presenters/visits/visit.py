"""Kartu kunjungan: what the team needs at one door, how long it is there, and how the visit ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from fieldkit.domain.errors import RuleError
from fieldkit.domain.nik import age_gate, age_on
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Spot, TargetFilter
from fieldkit.domain.recording.positions import REASONS, ExceptionReason, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.typed import DraftName, chosen, optional, read_day
from fieldkit.domain.visits import (
    RECORDED,
    Leg,
    OfficialException,
    Outcome,
    Perekaman,
    PerekamanChoice,
    Trip,
    Visit,
    may_wish_revisit,
)
from fieldkit.ports.laptop import Fix
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.plan_visits import TripTold
from fieldkit.services.visits.run_visits import Ended, OfficialProof, VisitCard
from ui.presenters.amounts import clock_text, day_text, moment_text, span_text
from ui.presenters.figures import Number
from ui.presenters.form import FormField, Labels, Pick, texts_of
from ui.presenters.letters.letters import forms_command
from ui.presenters.lists import Big, Facts, Hint, OfficeList, Panel
from ui.presenters.parts import Choice, Empty, Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message
from ui.presenters.readers import answer, moments
from ui.presenters.recording.recording import show_recording
from ui.presenters.tasks import CancelFlag, Tasks, device_executor
from ui.presenters.visits.messages import (
    DONE,
    SEALED,
    category_tag,
    outcome_tag,
    remarks_of,
    state_tag,
    warnings_of,
)
from ui.presenters.work_form import ABOUT, Around, Filled, WorkForm

# Perjalanan: when the team left, arrived and came back, with whom it agreed on the place, who came along.

_TRIP_WIDE = {"met": 2, "jabatan": 2, "agreed": 4, "companions": 4, "escort_wanted": 2, "escort": 2, "note": 4}
LEGS = tuple(leg.value for leg in Leg)
_RECEIVER = device_executor("gps")
_ESCORTED, _TRIP_YES = "escort_wanted", "yes"
_field = Labels("field.")


class TripOfTeam(OfficeList):
    """Enter notes the next leg with the time of now, or keeps what was typed. PgUp and PgDn turn to other trips."""

    _needs = (Permission.VISIT, "sasaran.not_yours")

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str) -> None:
        super().__init__(context, navigator, activity_id)
        self._activity: Activity | None = None
        self._trips: Sequence[Trip] = ()
        self._escorted = 0  # doors that need an escort
        self._perekaman = Perekaman.KIT
        self._page: str | None = None  # which of the trips is in front, "" a new one; None: not read yet
        self._there: tuple[datetime, Spot] | None = None  # what the satellites said
        self._cancel = CancelFlag()

    def form(self) -> WorkForm:
        """Return the form of the trip in front."""
        return WorkForm(
            "",
            self._load,
            self._keep,
            go_on=lambda _navigator, _leg: None,
            adapt=_adapted,
            around=self._around,
            about=lambda: self._trip.thing_id,
            reads=frozenset({Trip.KIND, "activity", PerekamanChoice.KIND}),
            told=lambda leg: message(f"field.reached_{leg}" if leg else "field.trip_kept"),
            give_up=lambda: self._cancel.cancel(),
            wide=_TRIP_WIDE,
        )

    def _load(self) -> tuple[FormField, ...]:
        office, of = self._context.office, self._of
        self._activity = self._context.visits.list_of(TargetFilter(), of, 1).activity
        if self._activity is None:
            return ()
        activity_id = self._activity.activity_id
        self._trips, self._escorted = office.trips.of(activity_id), office.visits.escorts(activity_id)
        self._perekaman = office.trips.perekaman(activity_id)
        if self._page is None:
            left = self._context.drafts.find(DraftName("trip", {"activity_id": of}))
            self._page = left.fields.get(ABOUT, "") if left else self._pages[-1] if self._pages else ""
        hints = {"escort": message("field.doors_escorted", count=self._escorted)} if self._escorted else {}
        wishes = (Choice(_TRIP_YES, message("act.escort")),)
        kept = self._kept()
        fields = (
            *(replace(_field(f"leg_{leg}", kept[leg], "field.at_hint"), name=leg) for leg in LEGS),
            _field("met", kept["met"]),
            *(_field(name, kept[name], f"field.{name}_hint") for name in ("jabatan", "agreed", "companions")),
            FormField(_ESCORTED, "", kept[_ESCORTED], choices=wishes, is_many=True),
            replace(_field("escort", kept["escort"]), hint=hints.get("escort", message("field.escort_hint"))),
            _field("note", kept["note"]),
        )
        return _adapted(fields)

    @property
    def _pages(self) -> list[str]:
        return [trip.thing_id for trip in self._trips]

    @property
    def _trip(self) -> Trip:
        return next((trip for trip in self._trips if trip.thing_id == self._page), Trip("", self._of, ""))

    def _kept(self) -> dict[str, str]:
        trip, met = self._trip, self._trip.coordination
        return {
            **{leg.value: self._time_text(trip.at(leg)) for leg in Leg},
            "met": met.name if met else "",
            "jabatan": met.jabatan if met else "",
            "agreed": met.agreed if met else "",
            "companions": ", ".join(trip.companions),
            _ESCORTED: _TRIP_YES if trip.is_escort_wanted else "",
            "escort": trip.escort,
            "note": trip.note,
        }

    def _time_text(self, at: datetime | None) -> str:
        if at is None:
            return ""
        local = self._context.clock.local(at)
        return clock_text(local) if local.date() == self._day else moment_text(local)

    @property
    def _day(self) -> date:
        """The day that a clock time alone means: that of the trip, else today."""
        moments = self._trip.moments
        return self._context.clock.local(moments[0].at).date() if moments else self._context.clock.today()

    def _keep(self, values: Mapping[str, str]) -> Leg | None:
        """Keep what was typed, and the next leg with what the satellites said, or with now where nothing was typed."""
        trip, kept, now = self._trip, self._kept(), self._context.clock.now()
        assert self._activity is not None
        read = moments(self._context.clock, self._day)
        typed = [leg for leg in Leg if values[leg].strip() not in ("", kept[leg])]
        times = {leg: answer(values, leg, read) for leg in typed}
        found, self._there = self._there, None
        is_typed = any(text.strip() != kept[name] for name, text in values.items())
        leg = trip.next_leg if found or not is_typed else None
        if leg is not None:
            times[leg] = found[0] if found else now
        wants = bool(values[_ESCORTED])
        told = TripTold(
            times,
            met=values["met"],
            jabatan=values["jabatan"],
            agreed=values["agreed"],
            companions=tuple(values["companions"].split(",")),
            wants_escort=wants,
            escort=values["escort"] if wants else "",
            note=values["note"],
            spots={leg: found[1]} if leg and found else {},
        )
        trips = self._context.office.trips
        self._page = trips.write_down(self._activity.activity_id, told, trip.thing_id).thing_id
        return leg

    def _around(self, filled: Filled) -> Around:
        activity, total = self._activity, len(self._trips)
        if activity is None:
            return Around(empty=Empty.of("beranda.no_activity"))
        at = self._pages.index(self._trip.thing_id) if self._trip.thing_id else total
        which = message("field.trip_of", no=at + 1, total=total) if at < total else message("field.trip_new")
        mode = activity.mode.value
        facts = (
            *_facts(self._trip),
            (message("rencana.mode"), message(f"field.mode_{mode}")),
            (message("field.perekaman"), message(f"field.perekaman_{self._perekaman.value}")),
        )
        about = message(f"field.mode_about_{mode}")
        tags = () if at < total == 1 else (Tag(which),)
        side = (Facts(message("field.trip_title"), facts, about, tags),)
        return Around(self._commands(activity, filled, at), side, (), activity.place, is_open=not self._not_yours)

    def _commands(self, activity: Activity, filled: Filled, at: int) -> tuple[Command, ...]:
        trips, leg, locked = self._context.office.trips, self._trip.next_leg, self._not_yours
        over: Message = locked or ("" if leg is not None else message("field.trip_over"))
        words = message(f"field.now_{leg.value}") if leg and not filled.is_changed else message("common.save")
        is_over = bool(self._trips) and self._trips[-1].next_leg is None
        other = ModePerekaman.LURING if activity.mode is ModePerekaman.DARING else ModePerekaman.DARING
        turned = message(f"field.mode_about_{other.value}")
        turn = Operation(
            work=partial(trips.set_mode, activity.activity_id, other),
            told=lambda _activity: turned,
            done=lambda _activity: filled.reload(),
        )

        elsewhere = Perekaman.KIT if self._perekaman is Perekaman.RESMI else Perekaman.RESMI
        record = Operation(
            work=partial(trips.set_perekaman, activity.activity_id, elsewhere),
            told=lambda _chosen: message(f"field.perekaman_about_{elsewhere.value}"),
            done=lambda _chosen: filled.reload(),
        )

        def look(page: str) -> None:
            self._page = page
            filled.reload()

        def located(fix: Fix) -> None:
            # The satellites know the time; a kit whose clock is behind them is not led into the future.
            self._there = min(fix.at, self._context.clock.now()), Spot(fix.latitude, fix.longitude)
            filled.keep()

        def locate() -> Fix:
            self._cancel = CancelFlag()
            return trips.locate(self._cancel)

        beside = ((Action.PREVIOUS_STEP, "field.trip_before", at - 1), (Action.NEXT_STEP, "field.trip_after", at + 1))
        pages = [(act, key, self._pages[to]) for act, key, to in beside if 0 <= to < len(self._trips)]
        no_other = locked or ("" if is_over else message("field.trip_open"))
        find = Operation(work=locate, done=located, executor=_RECEIVER, busy=message("field.locating"))
        escort = partial(filled.choose, _ESCORTED, _TRIP_YES)
        return (
            *(
                Command(act.value, message(key), act, Weight.PLAIN, runs=partial(look, page))
                for act, key, page in pages
            ),
            Command("begin_new", message("field.trip_new"), Action.NEW, Weight.PLAIN, no_other, partial(look, "")),
            Command("mode", message(f"field.to_{other.value}"), None, Weight.PLAIN, locked, turn),
            Command("perekaman", message(f"field.to_{elsewhere.value}"), None, Weight.PLAIN, locked, record),
            Command("toggle_escort", message("act.escort"), Action.ESCORT, Weight.PLAIN, locked, escort),
            Command("locate", message("field.locate"), Action.LOCATE, refused=over, runs=find),
            enter(words, filled.keep, locked if filled.is_changed else over),
        )


def _adapted(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """Ask who comes along where somebody should."""
    wants = bool(texts_of(fields).get(_ESCORTED))
    return tuple(replace(each, is_asked=wants) if each.name == "escort" else each for each in fields)


def _facts(trip: Trip) -> tuple[tuple[Message, Message], ...]:
    spots = {leg: spot for leg in Leg if (spot := trip.spot(leg)) is not None}
    way = trip.way_minutes
    taken = ((message("field.way"), message("common.minutes", count=way)),) if way is not None else ()
    return *taken, *((message(f"field.leg_{leg.value}"), str(spot)) for leg, spot in spots.items())


_WIDE = {
    "outcome": 4,
    "machine": 2,
    "recorded_at": 1,
    "proof": 1,
    "excepted": 4,
    "exceptions": 4,
    "reason": 4,
    "witness": 4,
    "companion": 2,
    "note": 2,
    "revisit": 2,
    "safety": 4,
}
_A_SECOND_MS = 1_000
# What is asked of a recording in the official application, and of the exceptions that it made.
_OFFICIAL = ("machine", "recorded_at", "proof", "excepted")
_REASONED = ("reason", "witness")
_PARTS = tuple(
    Choice(position, message(f"position.{position.lower()}")) for position in Position if REASONS[position.modality]
)
_TYPED = tuple(outcome for outcome in Outcome if outcome not in RECORDED)
_SEALED = dict(zip(DONE, SEALED, strict=True))
_YES = "yes"


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
        typed = (Outcome.DIREKAM_RESMI, *_TYPED) if card.perekaman is Perekaman.RESMI else _TYPED
        offered = Choice.each((each.value for each in ((sealed,) if sealed else typed)), "field.outcome_")
        outcome = _field("outcome_official" if typed is not _TYPED else "outcome_title", choices=offered)
        wishes = (Choice(_YES, message("field.wants_revisit")),)
        return self._adapt(
            (
                replace(outcome, name="outcome", pick=Pick.DIGITS),
                _field("machine", card.machine, "field.machine_hint"),
                _field("recorded_at", hint="field.recorded_at_hint"),
                _field("proof", hint="field.proof_hint"),
                FormField("excepted", "", choices=(Choice(_YES, message("field.excepted")),), is_many=True),
                _field("exceptions", choices=_PARTS, is_many=True),
                _field("reason", choices=_reasons(())),
                _field("witness", hint="field.witness_hint"),
                _field("companion", visit.companion),
                _field("note", visit.note),
                FormField("revisit", "", _YES, choices=wishes, is_many=True),
                _field("revisit_on", hint="biodata.birth_date_hint"),
                _field("revisit_note"),
                _field("safety", hint="catatan.safety_hint"),
            )
        )

    def _adapt(self, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Ask for another day where somebody may wish to come again, and does, and for what was recorded elsewhere."""
        outcome, wishes = (texts_of(fields).get(name, "") for name in ("outcome", "revisit"))
        outcome = _SEALED.get(self._card.target.state, outcome)
        may_wish = bool(outcome) and may_wish_revisit(Outcome(outcome))
        is_asked = {"revisit": may_wish, "revisit_on": may_wish and wishes, "revisit_note": may_wish and wishes}
        texts = texts_of(fields)
        excepted, is_official = _positions(texts), outcome == Outcome.DIREKAM_RESMI
        is_asked |= dict.fromkeys(_OFFICIAL, is_official)
        is_asked["exceptions"] = is_official and bool(texts.get("excepted"))
        is_asked |= dict.fromkeys(_REASONED, is_asked["exceptions"] and bool(excepted))
        kept = {"outcome": outcome}
        asked = (
            replace(each, is_asked=bool(is_asked.get(each.name, True)), text=kept.get(each.name, each.text))
            for each in fields
        )
        return tuple(each.offering(_reasons(excepted)) if each.name == "reason" else each for each in asked)

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
        if outcome is Outcome.DIREKAM_RESMI:
            ended = replace(ended, official=self._proof(values))
        return self._visits.end(visit.thing_id, ended)

    def _proof(self, values: Mapping[str, str]) -> OfficialProof:
        read = moments(self._context.clock, self._context.clock.today())
        excepted, witness = _positions(values), values["witness"].strip()
        reason = answer(values, "reason", chosen(ExceptionReason)) if excepted else None
        return OfficialProof(
            values["machine"],
            answer(values, "recorded_at", optional(read)),
            tuple(OfficialException(position, reason, witness) for position in excepted if reason),
            values["proof"],
        )

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
        target, notes = {"target_id": self._target_id}, message("common.person_notes")
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
        if filled.texts["outcome"] or card.perekaman is Perekaman.RESMI:
            unchosen = "" if filled.texts["outcome"] else message("field.outcome_unchosen")
            return enter(message("field.end"), filled.keep, self._not_yours or unchosen)
        return enter(message("common.record"), filled.keep, self._refusal(Permission.RECORD, "sasaran.not_yours"))


def _positions(texts: Mapping[str, str]) -> tuple[Position, ...]:
    """Return what the official application made exceptions for."""
    return tuple(map(Position, texts["exceptions"].split())) if texts.get("excepted") else ()


def _reasons(positions: Sequence[Position]) -> tuple[Choice, ...]:
    """Return the reasons that fit all of these positions; where none does, all, and the act says so."""
    fitting = [r for r in ExceptionReason if all(r in REASONS[each.modality] for each in positions)]
    return Choice.each(fitting or ExceptionReason, "reason.")


def _is_escorted(card: VisitCard) -> bool:
    return card.notes is not None and card.notes.needs_escort


def _tags(card: VisitCard) -> tuple[Tag, ...]:
    target = card.target
    walked_in = (Tag(message("field.walk_in"), Tone.SOFT, "person"),) if target.is_walk_in else ()
    escorted = (Tag(message("field.escort"), Tone.CAUTION, "shield"),) if _is_escorted(card) else ()
    return (state_tag(target), category_tag(target.category), *walked_in, *escorted)
