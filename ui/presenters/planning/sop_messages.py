"""A step of an SOP in words: its line of the timeline, and what is to know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How, Lack, Missing
from fieldkit.services.planning.list_activities import ActivityLine, Progress
from fieldkit.services.sop.view import RoundView, SopView, StepView, Turn
from ui.presenters.amounts import moment_text
from ui.presenters.figures import StepMark
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.sop_figures import Fact, TimelineStep, group

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
