"""Steps of an SOP: the document to read, figures and forms of a step, and how all of it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fieldkit.domain.applications import LEGS, Service
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sop.profile import Fulfilment, SopDocument, SopProfile, SopStep
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.domain.sop.standing import How, Lack, Missing
from fieldkit.domain.typed import chosen
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning import ActivityLine, Progress
from fieldkit.services.sop.run_sop import HandAct
from fieldkit.services.sop.view import RoundView, SopPage, SopView, StepView, Turn, WaitView
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import StepMark
from ui.presenters.form import SAVE, Form, FormField, Pick
from ui.presenters.lists import Facts, Hint, Panel
from ui.presenters.parts import Choice, Tag, Tone, ViewState
from ui.presenters.presenter import Command, Message, message
from ui.presenters.readers import answer, evidence, moments
from ui.presenters.work_form import Around, Filled, WorkForm

# An SOP to read: its number and days, the law, whom and what it asks for, its warnings, its steps.


def sop_document_form(context: AppContext, activity_id: str, sop_id: str) -> WorkForm:
    """Return the SOP of an activity, or with `activity_id` "" the one with `sop_id`; nothing is asked."""
    read: list[SopPage] = []

    def load() -> tuple[FormField, ...]:
        read[:] = [context.office.sop_documents.page(activity_id, sop_id)]
        return ()

    def around(_filled: Filled) -> Around:
        profile, document = read[0].profile, read[0].profile.document
        warned = "\n".join(f"• {line}" for line in document.warnings)
        title = message("sop_dokumen.warnings")
        side: tuple[Panel, ...] = (
            _group("laws", document.laws),
            _group("related", document.related),
            Hint(title, warned, Tone.CAUTION) if warned else _group("warnings", ()),
            _group("archiving", document.archiving),
            _group("serves", profile.serves),
            _group("sla", tuple(each.words for each in profile.sla)),
        )
        steps = _group("steps", tuple(map(_step, profile.steps)))
        below = (_head(profile), _people(read[0]), *_things(document), steps)
        return Around((), side, below, message("sop_dokumen.where"))

    reads = frozenset({SopRun.KIND, Staff.KIND, Plan.KIND})
    return WorkForm("", load, lambda _values: None, around=around, about=lambda: "", reads=reads)


def _group(name: str, lines: tuple[Message, ...]) -> Facts:
    """Return lines below their head; a group without any says that the document names none."""
    return Facts(message(f"sop_dokumen.{name}"), (), lines or message("sop_dokumen.none"))


def _head(profile: SopProfile) -> Facts:
    document = profile.document
    days = (("made", document.made_on), ("revised", document.revised_on), ("effective", document.effective_on))
    about = message("sop_dokumen.about", number=profile.number, office=profile.office)
    by = message("sop_dokumen.approved_by", who=document.approved_by or "–")
    told = (by, *(message(f"sop_dokumen.{name}_on", day=_day(on)) for name, on in days))
    return Facts(document.heading or profile.name, (), (about, *told))


def _day(on: date | None) -> str:
    return day_text(on) if on else "–"


def _people(page: SopPage) -> Facts:
    wanted = page.profile.document.qualifications
    if not wanted:
        return _group("qualifications", ())
    nobody = message("sop_dokumen.nobody_team" if page.is_team else "sop_dokumen.nobody")
    have = [message("sop_dokumen.have_it", names=", ".join(names)) if names else nobody for names in page.people]
    tags = () if all(page.people) else (Tag(nobody, Tone.CAUTION),)
    return Facts(message("sop_dokumen.qualifications"), tuple(zip(wanted, have, strict=True)), tags=tags)


def _things(document: SopDocument) -> tuple[Facts, ...]:
    def line(name: str, *, goes_along: bool) -> Message:
        return message("sop_dokumen.goes_along", name=name) if goes_along else name

    things = tuple(line(each.name, goes_along=each.kind is not None) for each in document.equipment)
    return (_group("equipment", things), *((_group("supplies", document.supplies),) if document.supplies else ()))


def _step(step: SopStep) -> Message:
    who = step.doer.column if step.doer else "–"
    standard = step.standard.words if step.standard else "–"
    return message("sop_dokumen.step", no=step.no, words=step.words, who=who, standard=standard)


# What the timeline of an SOP and the panel beside it show. A presenter makes them, a widget draws them.


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A line of the timeline; `details` stand below the words, divided by dots."""

    no: int
    words: Message
    mark: StepMark
    details: tuple[Message, ...] = ()
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineState(ViewState):
    """Head and timeline of a screen that goes along an SOP; `sop` says which and how far."""

    tag: Tag | None = None
    title: Message = ""
    subtitle: Message = ""
    sop: Message = ""
    steps: tuple[TimelineStep, ...] = ()
    cursor: int = 0  # number of the step


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the panel: something that is there, missing, or simply said."""

    words: Message
    tone: Tone = Tone.NEUTRAL
    head: Message = ""  # begins a new group


def group(key: str, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts as a group: the phrase `key` stands above its first."""
    return tuple(replace(fact, head=message(key)) if at == 0 else fact for at, fact in enumerate(facts))


@dataclass(frozen=True, slots=True)
class StepPanel:
    """Everything about the step under the cursor, and what can be done there."""

    title: Message
    words: str
    tag: Tag | None
    now: Message
    facts: tuple[Fact, ...]
    ways: tuple[Command, ...]


# A step of an SOP in words: its line of the timeline, and what is to know about it.

Local = Callable[[datetime], datetime]

_MARKS = {
    StepState.WAITING: StepMark.PENDING,
    StepState.READY: StepMark.CURRENT,
    StepState.RUNNING: StepMark.CURRENT,
}
_ENDS = {
    How.FULFILLED: StepMark.DONE,
    How.INCOMPLETE: StepMark.INCOMPLETE,
    How.DECLARED: StepMark.DECLARED,
    How.SKIPPED: StepMark.EXCEPTED,
}


def line_of(step: StepView) -> TimelineStep:
    """Return the line of a step."""
    details = tuple(words for words in (step.doer, _time(step), _ended_by(step.now)) if words)
    return TimelineStep(step.no, step.title, mark_of(step), details, tag_of(step))


def mark_of(step: StepView) -> StepMark:
    """Return the sign of a step: green for what the program saw, and never for somebody's word."""
    return _ENDS[step.how] if step.how is not How.OPEN else _MARKS[step.state]


def sop_words(view: SopView) -> Message:
    """Return which SOP it is and how far: steps that are over on somebody's word are counted apart."""
    told: dict[str, str | int] = {"name": view.name, "number": view.number, "done": view.done, "total": len(view.steps)}
    if view.by_word:
        return message("langkah.sop_by_word", **told, count=view.by_word)
    return message("langkah.sop", **told)


def lack_words(lack: Lack) -> Message:
    """Return one thing that is missing."""
    if lack.kind is Missing.FACT:
        return message(f"langkah.fact_{lack.facts[0]}")  # of several ways the SOP's first
    return message(f"langkah.lack_{lack.kind.value}", name=lack.name, count=lack.count)


def tag_of(step: StepView) -> Tag | None:
    """Return the word that a step bears at its right edge."""
    told = (
        (step.turn is Turn.YOURS, "yours", Tone.CAUTION),
        (step.turn is Turn.RECORD, "record", Tone.CAUTION),
        (step.state is StepState.SKIPPED, "skipped", Tone.NEUTRAL),
        (step.how is How.DECLARED, "declared", Tone.CAUTION),
        (step.how is How.INCOMPLETE, "incomplete", Tone.BAD),
        (step.state is StepState.RUNNING, "running", Tone.SOFT),
        (step.is_slow, "slow", Tone.BAD),
        (step.state is StepState.READY, "ready", Tone.SOFT),
    )
    return next((Tag(message(f"langkah.{key}"), tone) for is_so, key, tone in told if is_so), None)


def now_words(step: StepView) -> Message:
    """Return what is to do now, or whose turn it is."""
    before = ", ".join(map(str, step.waits_for))
    match step.turn:
        case Turn.YOURS:
            return message("langkah.do_it")
        case Turn.RECORD:
            return message("langkah.write_down", who=step.doer)
        case Turn.WAITS:
            return message("langkah.waits", before=before)
        case Turn.OTHERS | Turn.OUTSIDE if before and not step.doer:
            return message("langkah.waits_only", before=before)
        case Turn.OTHERS | Turn.OUTSIDE if before:
            return message("langkah.waits_others", who=step.doer, before=before)
        case Turn.OTHERS:
            return message("langkah.others", who=step.doer)
        case Turn.OUTSIDE:
            return message("langkah.outside", who=step.doer)
        case Turn.ITSELF:
            return message("langkah.itself")
        case Turn.OVER:
            return message(f"langkah.over_{step.how.value}")


def facts_of(step: StepView, local: Local) -> tuple[Fact, ...]:
    """Return what is to know about a step, in groups; once it is over, first how that came."""
    before, happened = (*_who_and_when(step), *_inputs(step), *_outputs(step)), _happened(step, local)
    missing = _missing(step)
    told = (*happened, *missing, *before) if step.turn is Turn.OVER else (*before, *happened)
    return (*told, *_notes(step, local))


def _time(step: StepView) -> Message:
    if step.on_hold:
        return message("langkah.on_hold", who=step.on_hold)
    if step.minutes is not None and step.standard and not step.per:
        return message("langkah.minutes_of", real=step.minutes, standard=step.standard.words)
    if step.minutes is not None:
        return message("langkah.minutes", real=step.minutes)
    if step.standard and step.per:
        return message("langkah.standard_per", standard=step.standard.words, per=step.per)
    return message("langkah.standard", standard=step.standard.words) if step.standard else ""


def _ended_by(now: RoundView) -> Message:
    if now.ended_at is None:
        return ""
    if now.outsider:
        return message("langkah.by_outsider", who=now.outsider, by=now.by)
    return message("langkah.by", who=now.by) if now.by else ""


def _who_and_when(step: StepView) -> tuple[Fact, ...]:
    roles = (Fact(message(f"role.{role.value}")) for role in step.roles)
    beside = (
        Fact(f"{actor.column} ({actor.part.replace('_', ' ')})") for actor in step.actors if actor.column != step.doer
    )
    varies = message("langkah.varies", by=step.varies_with.replace("_", " ")) if step.varies_with else ""
    told = _time(step) or varies
    return (
        *group("langkah.recorded_by" if step.is_outsider else "langkah.done_by", roles),
        *group("langkah.beside", beside),
        *group("common.time", [Fact(told, Tone.BAD if step.is_slow else Tone.NEUTRAL)] if told else ()),
    )


def _inputs(step: StepView) -> tuple[Fact, ...]:
    facts = (Fact(each.name, Tone.GOOD if each.is_there else Tone.CAUTION) for each in step.inputs)
    return group("langkah.inputs", facts)


def _outputs(step: StepView) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for output in step.outputs:
        facts.append(Fact(output.name, Tone.GOOD if output.is_there else Tone.NEUTRAL))
        for paper in output.papers:
            facts.append(Fact(message(f"langkah.paper_{paper.state.value}", title=paper.title), Tone.SOFT))
    return group("common.results", facts)


def _missing(step: StepView) -> tuple[Fact, ...]:
    """Return what is missing of a step that is over."""
    return group("langkah.missing", (Fact(lack_words(each), Tone.BAD) for each in step.lacks))


def _happened(step: StepView, local: Local) -> tuple[Fact, ...]:
    return group("langkah.happened", (fact for each in step.rounds for fact in _round(each, local)))


def _round(each: RoundView, local: Local) -> Iterator[Fact]:
    if each.opened_because:
        yield Fact(message("langkah.again", reason=each.opened_because), Tone.CAUTION)
    if each.started_at and not each.ended_at:
        yield Fact(message("langkah.began", at=moment_text(local(each.started_at))), Tone.SOFT)
    yield from (Fact(_wait(wait, local), Tone.SOFT) for wait in each.waits if wait.minutes or not wait.until)
    for late in each.overtime:
        begin, end = (moment_text(local(at)) for at in (late.began_at, late.ended_at))
        yield Fact(message("langkah.overtime", begin=begin, end=end), Tone.SOFT)
    if each.ended_at:
        yield Fact(_ending(each, moment_text(local(each.ended_at))))
        if each.reason:
            yield Fact(message("langkah.reason", reason=each.reason), Tone.CAUTION)
        yield from _said(each)
        if each.branch:
            yield Fact(message("langkah.decided", branch=each.branch))
        if each.is_early:
            yield Fact(message("langkah.early"), Tone.CAUTION)
        yield from (Fact(message("langkah.file", name=file.name), Tone.SOFT) for file in each.files)


def _wait(wait: WaitView, local: Local) -> Message:
    since = moment_text(local(wait.since))
    key = "langkah.waited" if wait.until else "langkah.waiting"
    return message(key, who=wait.whom, since=since, count=wait.minutes)


def _said(each: RoundView) -> list[Fact]:
    """Return somebody's word, which stays beside what was seen later."""
    said = each.declared
    if said is None:
        return []
    why = [] if said.why == each.reason else [Fact(message("langkah.said_why", why=said.why), Tone.CAUTION)]
    letter = [Fact(message("langkah.said_letter", number=said.letter), Tone.SOFT)] if said.letter else []
    seen = [Fact(message("langkah.seen_later"), Tone.GOOD)] if each.facts else []
    return [Fact(message("langkah.said_who", who=said.who)), *why, *letter, *seen]


def _ending(each: RoundView, at: str) -> Message:
    if each.state is StepState.SKIPPED:
        return message("langkah.skipped_at", at=at, who=each.by)
    if each.outsider:
        return message("langkah.ended_outside", at=at, who=each.outsider, by=each.by)
    return message("langkah.ended", at=at, who=each.by) if each.by else message("langkah.ended_itself", at=at)


def _notes(step: StepView, local: Local) -> tuple[Fact, ...]:
    notes = (
        Fact(message("langkah.note_line", text=note.text, who=note.by, at=moment_text(local(note.at))), Tone.SOFT)
        for note in step.notes
    )
    return (*group("common.notes", notes), *group("langkah.remarks", map(Fact, step.remarks)))


def progress_tag(line: ActivityLine, today: date) -> Tag:
    """Return how an activity stands, the user's own turn first."""
    if line.mine is not None:
        return Tag(message("common.your_turn"), Tone.CAUTION)
    if line.is_late(today):
        return Tag(message("kegiatan.tag_late"), Tone.BAD)
    tones = {
        Progress.FINISHED: Tone.GOOD,
        Progress.DECLARED: Tone.CAUTION,
        Progress.LEFT_OPEN: Tone.BAD,
        Progress.UNDER_WAY: Tone.SOFT,
        Progress.NOT_BEGUN: Tone.NEUTRAL,
    }
    return Tag(message(f"kegiatan.tag_{line.progress.value}"), tones[line.progress])


# A step of an SOP: the screens where it is done, and the forms of what somebody writes down or declares about it.

_EVERY = "*"  # all that can be ticked
_SCREENS: dict[Fulfilment, str] = {
    Fulfilment.REQUEST_RECEIVED: "request",
    Fulfilment.TARGETS_COLLECTED: "import_targets",
    Fulfilment.DISPOSED: "disposition",
    Fulfilment.TARGETS_VERIFIED: "verify_targets",
    Fulfilment.SCHEDULED: "plan",
    Fulfilment.PLAN_APPROVED: "plan",
    Fulfilment.PLAN_DIRECTED: "plan",
    Fulfilment.NOTICE_SENT: "letters",
    Fulfilment.TEAM_ASSIGNED: "letters",
    Fulfilment.REPLY_DRAFTED: "letters",
    Fulfilment.REPLY_SIGNED: "sign_letters",
    Fulfilment.REPLY_HANDED_OVER: "letters",
    Fulfilment.TRAVEL_ORDERED: "letters",
    Fulfilment.MEETING_HELD: "letters",
    Fulfilment.SARPRAS_OUT: "check_out",
    Fulfilment.ARRIVED: "trip",
    Fulfilment.COORDINATED: "trip",
    Fulfilment.AT_LOCATION: "trip",
    Fulfilment.RECORDED: "targets",
    Fulfilment.SARPRAS_IN: "check_in",
    Fulfilment.SENT: "queue",
    **dict.fromkeys((*LEGS[Service.KK], *LEGS[Service.BECAK_PINTAR][:-2]), "applications"),
    Fulfilment.PHOTOS_TAKEN: "applications",
    Fulfilment.PRINTED: "prints",
    Fulfilment.HANDOVER_WRITTEN: "distribution",
    Fulfilment.DISTRIBUTION_PLANNED: "distribution_plan",
    Fulfilment.CARDS_TO_KECAMATAN: "distribution",
    Fulfilment.CARDS_TO_DESA: "distribution",
    Fulfilment.CARDS_TO_PERSONS: "distribution",
    Fulfilment.COURIER_TOLD: "courier",
    Fulfilment.COURIER_DELIVERED: "courier",
    Fulfilment.AID_COORDINATED: "aid",
    Fulfilment.AID_PROPOSED: "aid",
    Fulfilment.AID_EVALUATED: "aid",
    Fulfilment.AID_DELIVERED: "aid",
    Fulfilment.EVALUATED: "evaluation",
}
# Another way to the same, or to what belongs to it: whoever is told brings the list; from door to door.
_BESIDE = {
    Fulfilment.NOTICE_SENT: "import_targets",
    Fulfilment.RECORDED: "visits",
    Fulfilment.DOCUMENT_HANDED_OVER: "distribution",
}
WITHOUT_ACTIVITY = frozenset({"queue", "sign_letters", "courier"})
"""Screens that show all activities."""


class StepAct(StrEnum):
    """What is written down."""

    BEGIN = "begin"  # choose the SOP
    TICK = "tick"
    SKIP = "skip"
    REPEAT = "repeat"
    NOTE = "note"
    HOLD = "hold"
    WORK_LATE = "work_late"


def own_first(context: AppContext) -> tuple[SopProfile, ...]:
    """Return the SOPs that may be begun, those of this kabupaten first."""
    regency = context.office.letterhead.read().regency
    return tuple(sorted(context.office.sop.chosen(), key=lambda each: not each.is_of(regency)))


def preset(context: AppContext, sops: Sequence[SopProfile]) -> str:
    """Return the sop_id that stands in a form at first: an own one, that of another dinas only where it was chosen."""
    is_own = sops[0].is_of(context.office.letterhead.read().regency) or context.office.sop.has_chosen()
    return sops[0].sop_id if is_own else ""


def step_at(context: AppContext, activity_id: str, no: int) -> StepView:
    """Return a step. Raise `RuleError("sop.unknown")` where the activity follows no SOP."""
    view = context.office.sop.view(activity_id)
    if view is None:
        raise RuleError("sop.unknown", sop="")
    return next(each for each in view.steps if each.no == no)


def step_form(context: AppContext, activity_id: str, no: int, act: StepAct) -> Form:
    """Return the form of an act at step `no`."""
    sop = context.office.sop

    def wanted() -> tuple[str, ...]:
        return tuple(each.name for each in step_at(context, activity_id, no).inputs if each.may_tick)

    def load() -> tuple[FormField, ...]:
        match act:
            case StepAct.BEGIN:
                own = own_first(context)
                sops = tuple(Choice(each.sop_id, f"{each.title} · {each.office.title()}") for each in own)
                planned = context.office.activities.one(activity_id).activity.sop
                known = planned if planned in {choice.name for choice in sops} else preset(context, own)
                return (FormField("chosen", message("rencana.sop"), known, choices=sops, pick=Pick.DIGITS),)
            case StepAct.TICK:
                names = wanted()
                every = (Choice(_EVERY, message("langkah.tick_all")),) if len(names) > 1 else ()
                choices = (*every, *(Choice(name, name) for name in names))
                label = message("langkah.inputs")
                return (FormField("chosen", label, choices[0].name, choices=choices, pick=Pick.DIGITS),)
            case StepAct.NOTE:
                return (FormField("text", message("common.note")),)
            case StepAct.SKIP | StepAct.REPEAT:
                return (FormField("reason", message("common.reason")),)
            case StepAct.HOLD:
                return (FormField("whom", message("langkah.field_whom"), hint=message("langkah.field_whom_hint")),)
            case StepAct.WORK_LATE:
                now = moment_text(context.clock.local(context.clock.now()))
                return tuple(FormField(name, message(f"langkah.field_{name}"), now) for name in ("since", "until"))

    def keep(values: Mapping[str, str]) -> None:
        match act:
            case StepAct.BEGIN:
                sop.begin(activity_id, answer(values, "chosen", chosen(str)))
            case StepAct.TICK:
                sop.tick(activity_id, no, *(wanted() if values["chosen"] == _EVERY else (values["chosen"],)))
            case StepAct.NOTE:
                sop.note(activity_id, no, values["text"])
            case StepAct.SKIP:
                sop.skip(activity_id, no, values["reason"])
            case StepAct.REPEAT:
                sop.repeat(activity_id, no, values["reason"])
            case StepAct.HOLD:
                sop.hold(activity_id, no, values["whom"])
            case StepAct.WORK_LATE:
                since, until = (answer(values, name, moments(context.clock)) for name in ("since", "until"))
                sop.work_late(activity_id, no, since, until)

    title, hint = message(f"langkah.form_{act.value}", no=no), message(f"langkah.form_{act.value}_hint")
    return Form(title, load, keep, hint, message("langkah.begin") if act is StepAct.BEGIN else SAVE)


def declare_form(context: AppContext, activity_id: str, no: int) -> Form:
    """Return the form of a declaration. A step with a decision asks for it too."""
    sop = context.office.sop

    def load() -> tuple[FormField, ...]:
        mine = step_at(context, activity_id, no)
        name = "" if mine.is_outsider else context.user.name
        now = moment_text(context.clock.local(context.clock.now()))
        choices = tuple(Choice(str(at), branch.when, branch.then) for at, branch in enumerate(mine.branches))
        decision = FormField("branch", message("langkah.field_decision"), "0", choices=choices)
        return (
            FormField("who", message("common.name"), name, hint=mine.doer),
            FormField("at", message("langkah.field_at"), now),
            FormField("why", message("langkah.field_why"), hint=message("langkah.field_why_hint")),
            FormField("paper", message("langkah.field_letter"), hint=message("langkah.field_letter_hint")),
            FormField("file", message("langkah.field_file"), hint=message("langkah.field_file_hint"), is_paper=True),
            *((decision,) if choices else ()),
        )

    def keep(values: Mapping[str, str]) -> None:
        at = answer(values, "at", moments(context.clock))
        files = evidence(values, "file", context.pictures)
        branches = step_at(context, activity_id, no).branches
        branch = branches[int(values["branch"])].when if "branch" in values else ""
        act = HandAct(values["who"], at, values["why"], files, values["paper"])
        sop.declare(activity_id, no, act, branch)

    hint = message("langkah.form_declare_hint")
    return Form(message("langkah.form_declare", no=no), load, keep, hint, message("langkah.declare"))


def screens_of(wanted: Iterable[Fulfilment]) -> tuple[str, ...]:
    """Return the screens where what a step waits for comes about; () for what is only written down."""
    ways = (screen for fact in wanted for screen in (_SCREENS.get(fact), _BESIDE.get(fact)))
    return tuple(dict.fromkeys(screen for screen in ways if screen is not None))


def params_of(screen: str, activity_id: str) -> dict[str, str]:
    """Return what a screen is opened with."""
    return {} if screen in WITHOUT_ACTIVITY else {"activity_id": activity_id}
