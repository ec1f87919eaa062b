"""A step of an SOP in words: its line of the timeline, and what is to know about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fieldkit.domain.sop.run import StepState
from fieldkit.services.sop.view import RoundView, StepView, Turn
from ui.presenters.amounts import moment_text
from ui.presenters.figures import StepMark
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.sop_figures import Fact, TimelineStep
from ui.presenters.words import Words, phrase

Local = Callable[[datetime], datetime]

_MARKS = {
    StepState.WAITING: StepMark.PENDING,
    StepState.READY: StepMark.CURRENT,
    StepState.RUNNING: StepMark.CURRENT,
    StepState.DONE: StepMark.DONE,
    StepState.SKIPPED: StepMark.EXCEPTED,
}


def line_of(step: StepView) -> TimelineStep:
    """Return the line of a step."""
    details = tuple(words for words in (step.doer, _time(step), _ended_by(step.now)) if words)
    return TimelineStep(step.no, step.words, _MARKS[step.state], details, tag_of(step))


def tag_of(step: StepView) -> Tag | None:
    """Return the word that a step bears at its right edge."""
    if step.turn is Turn.YOURS:
        return Tag(phrase("langkah.yours"), Tone.CAUTION)
    if step.turn is Turn.RECORD:
        return Tag(phrase("langkah.record"), Tone.CAUTION)
    if step.state is StepState.SKIPPED:
        return Tag(phrase("langkah.skipped"), Tone.NEUTRAL)
    if step.state is StepState.RUNNING:
        return Tag(phrase("langkah.running"), Tone.SOFT)
    if step.is_slow:
        return Tag(phrase("langkah.slow"), Tone.BAD)
    if step.state is StepState.READY:
        return Tag(phrase("langkah.ready"), Tone.SOFT)
    return None


def now_words(step: StepView) -> Words:
    """Return what is to do now, or whose turn it is."""
    before = ", ".join(map(str, step.waits_for))
    match step.turn:
        case Turn.YOURS:
            return phrase("langkah.do_it")
        case Turn.RECORD:
            return phrase("langkah.write_down", who=step.doer)
        case Turn.WAITS:
            return phrase("langkah.waits", before=before)
        case Turn.OTHERS | Turn.OUTSIDE if before:
            return phrase("langkah.waits_others", who=step.doer, before=before)
        case Turn.OTHERS:
            return phrase("langkah.others", who=step.doer)
        case Turn.OUTSIDE:
            return phrase("langkah.outside", who=step.doer)
        case Turn.ITSELF:
            return phrase("langkah.itself")
        case Turn.OVER:
            return phrase("langkah.over")


def facts_of(step: StepView, local: Local) -> tuple[Fact, ...]:
    """Return what is to know about a step, in groups; once it is over, first how that came."""
    before, happened = (*_who_and_when(step), *_inputs(step), *_outputs(step)), _happened(step, local)
    told = (*happened, *before) if step.turn is Turn.OVER else (*before, *happened)
    return (*told, *_notes(step, local))


def _time(step: StepView) -> Words:
    if step.minutes is not None and step.standard and not step.per:
        return phrase("langkah.minutes_of", real=step.minutes, standard=step.standard.words)
    if step.minutes is not None:
        return phrase("langkah.minutes", real=step.minutes)
    if step.standard and step.per:
        return phrase("langkah.standard_per", standard=step.standard.words, per=step.per)
    return phrase("langkah.standard", standard=step.standard.words) if step.standard else ""


def _ended_by(now: RoundView) -> Words:
    if now.ended_at is None:
        return ""
    if now.outsider:
        return phrase("langkah.by_outsider", who=now.outsider, by=now.by)
    return phrase("langkah.by", who=now.by) if now.by else ""


def _who_and_when(step: StepView) -> list[Fact]:
    facts: list[Fact] = []
    if step.roles:
        roles = [phrase(f"role.{role.value}") for role in step.roles]
        head = phrase("langkah.recorded_by" if step.is_outsider else "langkah.done_by")
        facts += [Fact(role, head=head if at == 0 else "") for at, role in enumerate(roles)]
    others = [actor for actor in step.actors if actor.column != step.doer]
    facts += [
        Fact(f"{actor.column} ({actor.part.replace('_', ' ')})", head=phrase("langkah.beside") if at == 0 else "")
        for at, actor in enumerate(others)
    ]
    if (taken := _time(step)) or step.varies_with:
        varies = phrase("langkah.varies", by=step.varies_with.replace("_", " ")) if step.varies_with else ""
        tone = Tone.BAD if step.is_slow else Tone.NEUTRAL
        facts.append(Fact(taken or varies, tone, phrase("langkah.time")))
    return facts


def _inputs(step: StepView) -> list[Fact]:
    head = phrase("langkah.inputs")
    return [
        Fact(each.name, Tone.GOOD if each.is_there else Tone.CAUTION, head if at == 0 else "")
        for at, each in enumerate(step.inputs)
    ]


def _outputs(step: StepView) -> list[Fact]:
    facts: list[Fact] = []
    for output in step.outputs:
        head = "" if facts else phrase("langkah.outputs")
        facts.append(Fact(output.name, Tone.GOOD if output.is_there else Tone.NEUTRAL, head))
        for paper in output.papers:
            title = phrase(f"langkah.paper_{paper.state.value}", title=paper.title)
            facts.append(Fact(title, Tone.SOFT))
    return facts


def _happened(step: StepView, local: Local) -> list[Fact]:
    facts: list[Fact] = []
    for each in step.rounds:
        head = "" if facts else phrase("langkah.happened")
        if each.opened_because:
            facts.append(Fact(phrase("langkah.again", reason=each.opened_because), Tone.CAUTION, head))
            head = ""
        if each.started_at and not each.ended_at:
            facts.append(Fact(phrase("langkah.began", at=moment_text(local(each.started_at))), Tone.SOFT, head))
        if each.ended_at:
            facts.append(Fact(_ending(each, moment_text(local(each.ended_at))), Tone.NEUTRAL, head))
            facts += [Fact(phrase("langkah.reason", reason=each.reason), Tone.CAUTION)] if each.reason else []
            facts += [Fact(phrase("langkah.decided", branch=each.branch))] if each.branch else []
            facts += [Fact(phrase("langkah.early"), Tone.CAUTION)] if each.is_early else []
            facts += [Fact(phrase("langkah.file", name=file.name), Tone.SOFT) for file in each.files]
    return facts


def _ending(each: RoundView, at: str) -> Words:
    if each.state is StepState.SKIPPED:
        return phrase("langkah.skipped_at", at=at, who=each.by)
    if each.outsider:
        return phrase("langkah.ended_outside", at=at, who=each.outsider, by=each.by)
    return phrase("langkah.ended", at=at, who=each.by) if each.by else phrase("langkah.ended_itself", at=at)


def _notes(step: StepView, local: Local) -> list[Fact]:
    remarks = [Fact(text, head=phrase("langkah.remarks") if at == 0 else "") for at, text in enumerate(step.remarks)]
    notes = [
        Fact(
            phrase("langkah.note_line", text=note.text, who=note.by, at=moment_text(local(note.at))),
            Tone.SOFT,
            phrase("langkah.notes") if at == 0 else "",
        )
        for at, note in enumerate(step.notes)
    ]
    return [*notes, *remarks]
