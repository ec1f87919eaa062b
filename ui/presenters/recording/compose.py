"""From the session to the state of the recording screen: words, rows, buttons. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from fieldkit.domain.recording.capture_step import CaptureStep
from fieldkit.domain.recording.exception_mark import REASONS
from fieldkit.domain.recording.positions import EYES, FINGERS, INDEX_FINGERS, Modality
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import LiveScore
from fieldkit.ports.inspection import SlapSeen
from fieldkit.services.recording.capture import OTHER_HAND
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Held, Weight, enter
from ui.presenters.figures import Finger, FingerMark, Guide, QualityRow
from ui.presenters.messages import Message, message
from ui.presenters.parts import Bar, Tag, Tone
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel
from ui.presenters.recording.state import (
    RecordingState,
    advice,
    attempt_lines,
    judged_by,
    pictures,
    quality_rows,
    rail,
    recorded_indexes,
)
from ui.presenters.ways_out import leave
from ui.presenters.wording import comparison_words, position_words, tone_of_comparison

if TYPE_CHECKING:
    from ui.presenters.recording.recording import RecordingPresenter

_GUIDES = {StepKind.PHOTO: Guide.FACE, StepKind.IRIS: Guide.EYES}


def compose(
    before: RecordingState,
    session: CaptureSession,
    current: StepKind,
    form: BiodataForm | None,
    has_leads: bool,
    hands: RecordingPresenter,
) -> RecordingState:
    """Return the state for a session; live parts (ink, stills, clock, panels) stay as they are."""
    state = replace(
        before,
        current=current,
        where=_where(session),
        steps=rail(session, current),
        title=message(f"rekam.title.{current.value}"),
        guide=_GUIDES.get(current, Guide.NONE),
        clock_note=message("rekam.of_minutes", minutes=session.policy.standard_minutes),
        form=form if current is StepKind.BIODATA else None,
    )
    if current not in CAPTURED_AT:
        state = replace(
            state,
            guidance=message("rekam.comparing" if state.is_capturing else f"rekam.guide.{current.value}"),
            chips=(),
            fingers=_indexes(session) if current is StepKind.INDEX_VERIFICATION else (),
            eyes=(),
            rows=_comparison_rows(session) if current is StepKind.INDEX_VERIFICATION else (),
            judged_by="",
            advice_title="",
            advice="",
            index_title=_index_words(state, session, ""),
            index_hint=_index_words(state, session, "_why"),
            attempts=(),
            attempts_made=0,
            attempts_note="",
        )
        return replace(state, bar=_panel_bar(state, hands) or _plain_bar(state, session, hands))
    step = session.step(current)
    title, hint = advice(session, current)
    left = max(0, session.policy.max_attempts - len(step.attempts))
    may_accept = step.may_accept(session.policy)
    is_done = (step.is_closed or may_accept) and not state.is_capturing
    state = replace(
        state,
        guidance=_guidance(step, state.is_capturing, may_accept),
        chips=() if is_done else _live(state.live, step) or _chips(step),  # beside each other they would be cut
        waiting=state.trouble
        if state.is_away and state.trouble
        else message("rekam.taken" if is_done else "ui.preview.waiting"),
        fingers=pictures(session, current, FINGERS),
        eyes=pictures(session, current, EYES),
        rows=quality_rows(session, current),
        judged_by=judged_by(session, current),
        advice_title=title,
        advice=hint,
        attempts=attempt_lines(session, current),
        attempts_made=len(step.attempts),
        attempts_note=message("rekam.attempts_left", left=left) if step.attempts and not step.is_closed else "",
    )
    may_ask = has_leads and left == 0
    return replace(state, bar=_panel_bar(state, hands) or _capture_bar(state, session, step, hands, may_ask=may_ask))


def _where(session: CaptureSession) -> Message:
    who = session.biodata
    return f"{who.masked_name} · {who.nik.masked}" if who is not None else ""


def _guidance(step: CaptureStep, is_capturing: bool, may_accept: bool) -> Message:
    if is_capturing:
        return message(f"rekam.capturing.{step.kind.value}")
    if step.is_closed:
        return message("rekam.closed")
    if may_accept:
        return message("rekam.may_accept")
    return message(f"rekam.guide.{step.kind.value}")


def _live(slap: SlapSeen | LiveScore | None, step: CaptureStep) -> tuple[Message, ...]:
    """Return what lies on the glass now, and that it seems to be the other hand; before a camera what would help."""
    if slap is None:
        return ()
    if isinstance(slap, LiveScore):
        return tuple(message(hint) for hint in slap.hints[:1])
    count = message("rekam.on_the_glass", seen=slap.count, asked=len(step.wanted))
    is_other = slap.hand is OTHER_HAND.get(step.kind)
    return (count, message(f"rekam.looks_like.{slap.hand}")) if is_other else (count,)


def _chips(step: CaptureStep) -> tuple[Message, ...]:
    if not step.attempts:
        return ()
    last = step.attempts[-1]
    asked = len(last.samples) + len(last.faults)
    return (message("rekam.seen", seen=len(last.samples), asked=asked),) if asked > 1 else ()


def _indexes(session: CaptureSession) -> tuple[Finger, ...]:
    """Return the hands with the two index fingers asked for; those that cannot be given stay as they are."""
    return tuple(
        Finger(f.position, FingerMark.WANTED)
        if f.position in INDEX_FINGERS and f.mark is FingerMark.SCORED
        else f
        if f.mark is FingerMark.EXCEPTED
        else Finger(f.position)
        for f in pictures(session, StepKind.INDEX_VERIFICATION, FINGERS)
    )


def _comparison_rows(session: CaptureSession) -> tuple[QualityRow, ...]:
    noted = session.index_comparison
    tag = Tag(comparison_words(noted) if noted else message("common.not_noted_yet"), tone_of_comparison(noted))
    # A finger that was not recorded was not compared, whatever the other one said.
    left_out = Tag(comparison_words(IndexComparison.NOT_COMPARED), Tone.NEUTRAL) if noted else tag
    known = recorded_indexes(session)
    return tuple(QualityRow(position_words(p), "", tag if p in known else left_out) for p in INDEX_FINGERS)


def _index_words(state: RecordingState, session: CaptureSession, part: str) -> Message:
    """Return what a comparison means, and that people decide; the part "" is the title, "_why" the text below."""
    if state.current is not StepKind.INDEX_VERIFICATION:
        return ""
    if not state.has_matcher:
        return message(f"rekam.index.no_matcher{part}")
    noted = session.index_comparison
    name = noted.name.lower() if noted else "open" if recorded_indexes(session) else "no_finger"
    return message(f"rekam.index.{name}{part}")


def _postpone(hands: RecordingPresenter, act: Action = Action.POSTPONE) -> Command:
    return Command("postpone", message("act.postpone"), act, Weight.PLAIN, runs=hands.postpone)


def _plain_bar(state: RecordingState, session: CaptureSession, hands: RecordingPresenter) -> Bar:
    back, postpone = leave(hands.back), _postpone(hands)
    if state.current is StepKind.BIODATA:
        words = message("rekam.confirm_biodata")
        forms = Command(
            "official_form", message("common.official_forms"), Action.FORMS, Weight.PLAIN, runs=hands.show_forms
        )
        postpone = _postpone(hands, Action.PAUSE)  # a letter would go into the field that has the keyboard
        return Bar(back, (postpone, forms, enter(words, hands.accept)))
    noted = session.index_comparison
    accept = enter(message("act.next" if noted else "rekam.note_not_compared"), hands.accept)
    if not state.has_matcher or not recorded_indexes(session):
        return Bar(back, (postpone, accept))
    busy: Message = message("rekam.already_capturing") if state.is_capturing else ""
    if noted:
        again = Command("capture", message("common.repeat"), Action.REPEAT, Weight.SECOND, busy, runs=hands.capture)
        accept = replace(accept, refused=busy)
        if noted is IndexComparison.DOUBTED:  # the second touch is what the screen is there for
            again, accept = replace(again, weight=Weight.PRIMARY), replace(accept, weight=Weight.SECOND)
        words = message("rekam.note_mismatch")
        decide = Command("mismatch", words, Action.NOTE, Weight.SECOND, busy, runs=hands.decide_mismatch)
        decisions = (decide,) if noted is IndexComparison.DOUBTED_TWICE else ()
        return Bar(back, (postpone, *decisions, again, accept))
    compare = Command("capture", message("rekam.compare"), Action.CAPTURE, Weight.PRIMARY, busy, runs=hands.capture)
    # Not Enter, by which people go on: who leaves the comparison out says so by a key of its own.
    leave_out = replace(accept, act=Action.NOTE, weight=Weight.SECOND, refused=busy)
    return Bar(back, (postpone, leave_out, compare))


def _panel_bar(state: RecordingState, hands: RecordingPresenter) -> Bar | None:
    """Return the bar of an open panel; None when none is open."""
    back = leave(hands.back)
    match state.panel:
        case ExceptionPanel() as panel:
            refused: Message = message(panel.lacks) if panel.lacks else ""
            busy: Message = message("rekam.already_capturing") if panel.is_photographing else ""
            first: Message = message("rekam.photo_again" if panel.photo else "rekam.photo_exception")
            words: Message = message("sarpras.take_photo") if panel.is_live else first
            # No letter: the name of the witness may have the keyboard.
            photograph = Command("photograph", words, Action.ADD, Weight.SECOND, busy, runs=hands.photograph)
            return Bar(back, (photograph, enter(message("rekam.note_exception"), hands.accept, refused)))
        case LeadPanel() as panel:
            words = "rekam.allow" if panel.exception is None else "rekam.note_exception"
            return Bar(back, (enter(message(words), Held(hands.allow), name="lead_says"),))
        case EndingPanel() as panel:
            return Bar(
                back, (enter(message("rekam.end_and_erase" if panel.is_end else "rekam.put_off"), hands.accept),)
            )
        case None:
            return None


def _capture_bar(
    state: RecordingState, session: CaptureSession, step: CaptureStep, hands: RecordingPresenter, *, may_ask: bool
) -> Bar:
    back, postpone = leave(hands.back), _postpone(hands)
    is_signature = CAPTURED_AT[step.kind][0].modality is Modality.SIGNATURE
    busy: Message = message("rekam.already_capturing") if state.is_capturing and not is_signature else ""
    repeat = Command("capture", message("common.repeat"), Action.REPEAT, Weight.SECOND, busy, runs=hands.capture)
    if step.is_closed:
        return Bar(back, (postpone, repeat, enter(message("act.next"), hands.accept)))
    actions = [postpone]
    if REASONS[CAPTURED_AT[step.kind][0].modality]:
        actions.append(
            Command("open_exception", message("common.exception"), Action.EXCEPTION, runs=hands.open_exception)
        )
    may_accept = step.may_accept(session.policy)
    if not may_accept and may_ask:
        actions.append(Command("ask_lead", message("common.team_lead"), Action.LEAD, runs=hands.ask_lead))
    if step.attempts:
        actions.append(replace(repeat, weight=_weight(not may_accept)))
        refused = busy if may_accept else message("rekam.not_enough")
        actions.append(
            Command("accept", message("act.accept"), Action.ACCEPT, _weight(may_accept), refused, runs=hands.accept)
        )
    elif is_signature:
        actions.append(replace(repeat, weight=Weight.PRIMARY))
    else:
        actions.append(
            Command("capture", message("act.capture"), Action.CAPTURE, Weight.PRIMARY, busy, runs=hands.capture)
        )
    return Bar(back, tuple(actions))


def _weight(is_primary: bool) -> Weight:
    return Weight.PRIMARY if is_primary else Weight.SECOND
