"""What the recording screen shows, made from the session alone: the same session gives the same picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.biodata import ALGORITHM as PORTRAIT_ALGORITHM
from fieldkit.domain.recording.biodata import LOOK, PortraitCheck, checked
from fieldkit.domain.recording.capture import (
    CAPTURED_AT,
    Accepted,
    CaptureStep,
    Excepted,
    FailedToAcquire,
    SampleRef,
    StepKind,
    Verdict,
)
from fieldkit.domain.recording.capture import (
    Attempt as CaptureAttempt,
)
from fieldkit.domain.recording.positions import EYES, FINGERS, INDEX_FINGERS, REASONS, Modality, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import LiveScore, Signature
from fieldkit.ports.recording import SlapSeen
from fieldkit.services.recording.capture import OTHER_HAND
from ui.presenters.figures import Attempt, Finger, FingerMark, Guide, QualityRow, Step, StepMark
from ui.presenters.parts import Bar, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Held, Message, Weight, enter, message
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel, Panel
from ui.presenters.wording import TONE_OF, comparison_words, position_words, step_words, tone_of_comparison, verdict_tag

if TYPE_CHECKING:
    from ui.presenters.recording.recording import RecordingPresenter


@dataclass(frozen=True, slots=True)
class Still:
    """The picture of a kept sample: a JPEG with its score."""

    position: Position
    jpeg: bytes
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingState(ViewState):
    """Everything on the recording screen."""

    current: StepKind = StepKind.BIODATA
    steps: tuple[Step, ...] = ()
    title: Message = ""
    guidance: Message = ""
    chips: tuple[Message, ...] = ()
    waiting: Message = ""  # what the preview says while there is no picture
    guide: Guide = Guide.NONE
    fingers: tuple[Finger, ...] = ()
    eyes: tuple[Finger, ...] = ()
    rows: tuple[QualityRow, ...] = ()
    judged_by: Message = ""  # whose the numbers are
    advice_title: Message = ""
    advice: Message = ""
    attempts: tuple[Attempt, ...] = ()  # the last ones
    attempts_made: int = 0
    attempts_note: Message = ""
    ink: Signature | None = None  # the kept signature
    ink_round: int = 0  # the live ink is wiped whenever it changes
    stills: tuple[Still, ...] = ()  # in the place of the live picture
    so_far: tuple[Still, ...] = ()  # the best so far, beside the live picture while the step wants more
    live: SlapSeen | LiveScore | None = None  # what lies on the glass, or stands before the camera, now
    is_capturing: bool = False
    is_away: bool = False  # the device of the step does not answer; what it showed last is no live picture
    has_matcher: bool = False  # index fingers can be compared here
    index_title: Message = ""  # what their comparison said, and what to make of it
    index_hint: Message = ""
    trouble: Problem | None = None  # what the device says, or why it says nothing
    form: BiodataForm | None = None
    panel: Panel | None = None  # lies over the step
    clock: str = ""
    clock_note: Message = ""
    clock_tone: Tone = Tone.NEUTRAL


_ATTEMPTS_SHOWN = 3

ORDER: tuple[StepKind, ...] = tuple(StepKind)


def rail(session: CaptureSession, current: StepKind) -> tuple[Step, ...]:
    """Return the rail of steps; what is missing is always visible."""
    missing = set(session.missing)
    return tuple(Step(kind.value, step_words(kind), _mark(session, kind, current, missing)) for kind in ORDER)


def _mark(session: CaptureSession, kind: StepKind, current: StepKind, missing: set[StepKind]) -> StepMark:
    if kind is current:
        return StepMark.CURRENT
    if kind not in missing:
        has_exception = kind in CAPTURED_AT and bool(session.step(kind).excepted)
        return StepMark.EXCEPTED if has_exception else StepMark.DONE
    tried = kind in CAPTURED_AT and bool(session.step(kind).attempts)
    return StepMark.MISSING if tried else StepMark.PENDING


def next_step(session: CaptureSession, after: StepKind) -> StepKind | None:
    """Return the next missing step behind `after`, then from the start; None when nothing is missing."""
    missing, behind = session.missing, ORDER[ORDER.index(after) + 1 :]
    return next((kind for kind in (*behind, *ORDER) if kind in missing), None)


def recorded_indexes(session: CaptureSession) -> tuple[Position, ...]:
    """Return the index fingers that can be compared: what was kept of them is a reference."""
    kept = {ref.position for _, ref in session.kept}
    return tuple(position for position in INDEX_FINGERS if position in kept)


def pictures(session: CaptureSession, current: StepKind, positions: tuple[Position, ...]) -> tuple[Finger, ...]:
    """Return fingers or eyes with what is known of each."""
    found = []
    for step in session.steps:
        for position in CAPTURED_AT[step.kind]:
            if position in positions:
                found.append(_finger(session, step, position, is_current=step.kind is current))
    return tuple(sorted(found, key=lambda f: positions.index(f.position)))


def _finger(session: CaptureSession, step: CaptureStep, position: Position, *, is_current: bool) -> Finger:
    outcome, best = step.outcomes[position], step.best(position)
    if isinstance(outcome, Excepted):
        return Finger(position, FingerMark.EXCEPTED)
    if isinstance(outcome, FailedToAcquire):
        return Finger(position, FingerMark.FAILED, best.quality.value if best else None, Tone.BAD)
    if best is not None:
        tone = TONE_OF[session.policy.verdict(position, best.quality.value)]
        return Finger(position, FingerMark.SCORED, best.quality.value, tone)
    return Finger(position, FingerMark.WANTED if is_current else FingerMark.PENDING)


def quality_rows(session: CaptureSession, kind: StepKind) -> tuple[QualityRow, ...]:
    """Return a line per position of a step, with its best score."""
    step = session.step(kind)
    portrait = step.best(Position.PORTRAIT) if kind is StepKind.PHOTO else None
    if portrait is not None and portrait.quality.algorithm == PORTRAIT_ALGORITHM:  # a device tells its score only
        return _portrait_rows(portrait)
    verdicts = step.verdicts(session.policy)
    rows = []
    for position in CAPTURED_AT[kind]:
        outcome, best = step.outcomes[position], step.best(position)
        if isinstance(outcome, Excepted):
            tag = Tag(message("verdict.excepted"), Tone.CAUTION)
        elif isinstance(outcome, FailedToAcquire):
            tag = Tag(message("verdict.failed"), Tone.BAD)
        elif isinstance(outcome, Accepted) and position.modality is Modality.SIGNATURE:
            tag = Tag(message("verdict.accepted"), Tone.GOOD)
        else:
            tag = verdict_tag(verdicts[position])
        number = str(best.quality.value) if best and position.modality is not Modality.SIGNATURE else ""
        rows.append(QualityRow(position_words(position), number, tag, _device_score(best)))
    return tuple(rows)


def judged_by(session: CaptureSession, kind: StepKind) -> Message:
    """Return whose the two scores of a print are, when the kit measured beside the device."""
    step = session.step(kind)
    kept = (step.best(position) for position in step.outcomes)
    return message("rekam.judged_by") if any(ref is not None and ref.device_quality for ref in kept) else ""


def _portrait_rows(portrait: SampleRef) -> tuple[QualityRow, ...]:
    """Return a line per check that failed or that a person has to look at, and how many hold."""
    good, bad = Tag(message("common.good"), Tone.GOOD), Tag(message("common.repeat"), Tone.BAD)
    lines = checked(portrait.hints)
    failed = tuple(QualityRow(_check_words(c), "", bad) for c, ok in lines.items() if ok is False)
    own = Tag(message("verdict.look"), Tone.CAUTION)
    unseen = tuple(QualityRow(_check_words(c), "", own) for c, look in LOOK.items() if look in portrait.hints)
    if not (passed := sum(ok is True for ok in lines.values())):
        return (*failed, *unseen)
    words = message("rekam.other_checks" if failed or unseen else "rekam.all_checks", count=passed)
    return (*failed, *unseen, QualityRow(words, "", good, _device_score(portrait)))


def _device_score(ref: SampleRef | None) -> Message:
    own = ref.device_quality if ref else None
    return message("rekam.device_score", score=own.value) if own else ""


def _check_words(check: PortraitCheck) -> Message:
    return message(f"face.check.{check.value}")


def attempt_lines(session: CaptureSession, kind: StepKind) -> tuple[Attempt, ...]:
    """Return a line per attempt, the last ones: how many of how many were good enough, and which one was best."""
    attempts = session.step(kind).attempts
    counts = [_enough(session, attempt) for attempt in attempts]
    lines = []
    for attempt, enough in zip(attempts, counts, strict=True):
        asked = len(attempt.samples) + len(attempt.faults)
        tone = Tone.GOOD if enough == asked else Tone.CAUTION if enough else Tone.BAD
        tag = Tag(message("rekam.attempt_result", enough=enough, asked=asked), tone)
        is_best = len(attempts) > 1 and enough > 0 and counts.index(max(counts)) == attempt.number - 1
        note: Message = message("rekam.best_so_far") if is_best else ""
        lines.append(Attempt(message("rekam.attempt", number=attempt.number), tag, note))
    return tuple(lines[-_ATTEMPTS_SHOWN:])


def _enough(session: CaptureSession, attempt: CaptureAttempt) -> int:
    return sum(session.policy.verdict(s.position, s.quality.value) is not Verdict.REPEAT for s in attempt.samples)


def advice(session: CaptureSession, kind: StepKind) -> tuple[Message, Message]:
    """Return what is wrong and what helps: the worst position, and the hint of the last attempt at it."""
    step = session.step(kind)
    verdicts = step.verdicts(session.policy)
    lacking = [p for p in step.wanted if step.attempts_at(p) and verdicts[p] in (None, Verdict.REPEAT)]
    if step.is_closed or not lacking:
        return "", ""
    last = step.attempts[-1]
    worst = min(lacking, key=lambda p: best.quality.value if (best := step.best(p)) else -1)
    fault = next((f for f in last.faults if f.position is worst), None)
    if fault is not None:
        return position_words(worst), _fault_words(fault.code, worst.modality)
    sample = next((s for s in last.samples if s.position is worst), None)
    tries = step.attempts_at(worst)
    if sample is not None and sample.hints and not _is_spent(sample.hints[0], tries):
        return position_words(worst), message(sample.hints[0])
    if (best := step.best(worst)) is None:  # it was excepted since it did not come
        return position_words(worst), message(f"rekam.not_seen.{worst.modality.value}")
    enough = session.policy.thresholds(worst.modality).enough
    way, score = min(tries, HINTS[worst.modality]), best.quality.value
    return position_words(worst), message(f"rekam.hint.{worst.modality.value}_{way}", score=score, enough=enough)


def _is_spent(hint: str, tries: int) -> bool:
    """Return whether other advice helps more: what is unclear is tried in turn, what did not help may be worn."""
    return hint == "finger.unclear" or (hint.startswith("finger.") and tries > HINTS[Modality.FINGER])


HINTS: dict[Modality, int] = {Modality.FINGER: 3, Modality.IRIS: 2, Modality.FACE: 1, Modality.SIGNATURE: 1}
"""How many different things are advised in turn while a score stays low."""

# Codes of a device whose sentences need nothing to be filled in, and what the kit itself saw; whatever else a fault may
# be reads as "not seen".
_SPEAKS_ALONE = re.compile(r"device\.sbi\.(\d+|missing)")
_UNSEEN = ("device.sbi.101", "device.sbi.missing")  # nothing there: what to do then is known better here
_SEEN_HERE = re.compile(r"(finger|sample)\.[a-z_.]+")


def _fault_words(code: str, modality: Modality) -> Message:
    if _SEEN_HERE.fullmatch(code):
        return message(code)
    speaks = code not in _UNSEEN and _SPEAKS_ALONE.fullmatch(code)
    return Problem(code) if speaks else message(f"rekam.not_seen.{modality.value}")


def elapsed(worked_ms: int, standard_minutes: int) -> tuple[str, Tone]:
    """Return the time that was worked as mm:ss, in caution beyond the standard time."""
    seconds = max(0, worked_ms) // 1000
    tone = Tone.CAUTION if seconds > standard_minutes * 60 else Tone.NEUTRAL
    return f"{seconds // 60:02d}:{seconds % 60:02d}", tone


def at_new_step(state: RecordingState) -> RecordingState:
    """Return the state without panels, pictures and troubles of the step before."""
    return replace(
        state,
        panel=None,
        problem=None,
        ink=None,
        ink_round=state.ink_round + 1,
        restored="",
        stills=(),
        so_far=(),
        live=None,
        is_capturing=False,
        is_away=False,
        trouble=None,
    )


def best_of(session: CaptureSession, kind: StepKind) -> tuple[SampleRef, ...]:
    """Return the best sample so far of each position of a step that has one."""
    best = map(session.step(kind).best, CAPTURED_AT[kind])
    return tuple(ref for ref in best if ref is not None)


def needs_nothing(session: CaptureSession, kind: StepKind) -> bool:
    """Return whether a step needs nothing more from its device."""
    step = session.step(kind)
    return step.is_closed or step.may_accept(session.policy)


# From the session to the state of the recording screen: words, rows, buttons. Pure.

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
