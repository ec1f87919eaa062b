"""What the recording screen shows, made from the session alone: the same session gives the same picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind, Verdict
from fieldkit.domain.recording.capture_step import Accepted, CaptureStep, Excepted, FailedToAcquire, SampleRef
from fieldkit.domain.recording.capture_step import Attempt as CaptureAttempt
from fieldkit.domain.recording.portrait import ALGORITHM as PORTRAIT_ALGORITHM
from fieldkit.domain.recording.portrait import LOOK, PortraitCheck, checked
from fieldkit.domain.recording.positions import INDEX_FINGERS, Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import LiveScore, Signature
from fieldkit.ports.inspection import SlapSeen
from ui.presenters.figures import Attempt, Finger, FingerMark, Guide, QualityRow, Step, StepMark
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone, ViewState
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.panels import Panel
from ui.presenters.wording import TONE_OF, position_words, step_words, verdict_tag


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
