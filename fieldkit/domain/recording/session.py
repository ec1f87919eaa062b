"""The capture session of one subject: a pure machine. `handle(event)` gives the next session and commands; no IO.

Opened → NoticeGiven → Capturing → Reviewing → Sealing → Sealed; side exits Suspended (resumable), Refused, Abandoned.
Whoever carries the commands out commits them together with the new session before a screen shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from fieldkit.domain.errors import RuleError
from fieldkit.domain.nik import age_gate
from fieldkit.domain.recording.biodata import Biodata, demand_facts, digest_of_biodata
from fieldkit.domain.recording.capture import (
    CAPTURED_AT,
    Accepted,
    Attempt,
    CapturePolicy,
    CaptureStep,
    Excepted,
    FailedToAcquire,
    SampleRef,
    StepKind,
)
from fieldkit.domain.recording.exceptions import DEMANDED, Act, InkGiven, InkWanted, SignedAct, inks_wanted
from fieldkit.domain.recording.positions import ABSENT, ExceptionMark, Position
from fieldkit.domain.recording.record import IndexComparison, Notice

# What can happen to a capture session.


class EndReason(StrEnum):
    """Why a session ended without a record; typed, so that outcomes can be counted."""

    DECLINED = "declined"
    FLED = "fled"
    TOO_ILL = "too_ill"
    DECEASED = "deceased"
    ALREADY_RECORDED = "already_recorded"
    WRONG_PERSON = "wrong_person"
    DEVICE_BROKEN = "device_broken"
    NIK_PROBLEM = "nik_problem"
    OPENED_BY_MISTAKE = "opened_by_mistake"


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """The subject or companion heard the information notice."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class BiodataConfirmed:
    """The biodata was read out and confirmed. `digest` (hex SHA-256) stands in the log instead of the data.

    `on` is the local calendar day, which decides the age.
    """

    biodata: Biodata
    digest: str
    on: date


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """A device answered. `device_hash` continues the device's chain."""

    step: StepKind
    attempt: Attempt
    device_hash: str


@dataclass(frozen=True, slots=True)
class StepAccepted:
    """A person took the best samples of a step."""

    step: StepKind


@dataclass(frozen=True, slots=True)
class ExceptionMarked:
    """Positions of a step cannot be given."""

    step: StepKind
    marks: tuple[ExceptionMark, ...]
    signed: tuple[SignedAct, ...]  # by each attendant, over the digests of the marks


@dataclass(frozen=True, slots=True)
class ExceptionTakenBack:
    """A mark was wrong."""

    step: StepKind
    position: Position


@dataclass(frozen=True, slots=True)
class InkTaken:
    """A witness or the second attendant signed the exceptions that name them."""

    ink: InkGiven


@dataclass(frozen=True, slots=True)
class FailureAllowed:
    """The team lead lets a step pass whose attempts are spent."""

    step: StepKind
    signed: SignedAct


@dataclass(frozen=True, slots=True)
class IndexesVerified:
    """The index fingers were asked for again."""

    comparison: IndexComparison
    algorithm: str = ""  # with its version; "" when nothing was compared
    scores: tuple[tuple[Position, float], ...] = ()


@dataclass(frozen=True, slots=True)
class MismatchDecided:
    """A petugas is sure: the fingers that were given again, twice, are not those recorded."""


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """Everything is looked at on one page."""


@dataclass(frozen=True, slots=True)
class ReviewLeft:
    """Back to capturing."""


@dataclass(frozen=True, slots=True)
class SealingStarted:
    """The petugas confirmed; from here only the seal or its repetition follows. `context` is `digest_of_context`."""

    record_id: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class RecordSealed:
    """The sealed file rests on disk. `sha256` is its hex digest."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SealFound:
    """A sealed file of this recording was found beside a store that did not know of it."""

    record_id: str


@dataclass(frozen=True, slots=True)
class Suspended:
    """A pause; everything captured stays."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause is over."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The subject does not want or cannot."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The team gave up."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Worked:
    """Somebody worked at it for so many milliseconds more."""

    ms: int


SessionEvent = (
    NoticeGiven
    | BiodataConfirmed
    | AttemptMade
    | StepAccepted
    | ExceptionMarked
    | ExceptionTakenBack
    | InkTaken
    | FailureAllowed
    | IndexesVerified
    | MismatchDecided
    | ReviewOpened
    | ReviewLeft
    | SealingStarted
    | RecordSealed
    | SealFound
    | Suspended
    | Resumed
    | Refused
    | Abandoned
    | Worked
)


class Phase(StrEnum):
    """Where a session is."""

    OPENED = "opened"
    NOTICE_GIVEN = "notice_given"
    CAPTURING = "capturing"
    REVIEWING = "reviewing"
    SEALING = "sealing"
    SEALED = "sealed"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    ABANDONED = "abandoned"


ENDED = frozenset({Phase.SEALED, Phase.REFUSED, Phase.ABANDONED})
UNFINISHED = frozenset(Phase) - ENDED
_IN_DOUBT = frozenset({IndexComparison.DOUBTED, IndexComparison.DOUBTED_TWICE, IndexComparison.NOT_MATCHED})


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Command: append this to the event log. The payload carries ids and digests, never a name or a number."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DropSamples:
    """Command: forget the bytes of samples that a better one replaced."""

    sample_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EraseSession:
    """Command: erase every sample and the biodata of the session from the store."""


Command = LogEvent | DropSamples | EraseSession


@dataclass(frozen=True, slots=True)
class CaptureSession:
    """The whole state of one recording."""

    session_id: str
    activity_id: str
    target_id: str
    attendant: str
    opened_at: datetime
    policy: CapturePolicy
    phase: Phase = Phase.OPENED
    before_pause: Phase | None = None
    reason: str = ""
    notice: Notice | None = None
    biodata: Biodata | None = None
    steps: tuple[CaptureStep, ...] = tuple(CaptureStep.fresh(kind) for kind in CAPTURED_AT)
    index_comparison: IndexComparison | None = None
    device_hash: str = ""
    record_id: str = ""
    inks: tuple[InkGiven, ...] = ()  # of those who saw exceptions
    worked_ms: int = 0  # at the screen of this session, without the time it lay locked, closed or untouched

    @property
    def is_begun(self) -> bool:
        """Return whether the notice was given: before that nothing of the person was asked for."""
        return self.notice is not None

    @property
    def last_at(self) -> datetime:
        """Return when something of it was kept last."""
        kept = [attempt.at for step in self.steps for attempt in step.attempts]
        kept += [*(mark.at for mark in self.exceptions), *(ink.at for ink in self.inks)]
        return max([self.opened_at, *([self.notice.at] if self.notice else []), *kept])

    def step(self, kind: StepKind) -> CaptureStep:
        """Return a capture step."""
        return next(step for step in self.steps if step.kind is kind)

    @property
    def missing(self) -> tuple[StepKind, ...]:
        """Return what still stands between the session and its seal, in the proposed order."""
        found = [] if self.biodata is not None else [StepKind.BIODATA]
        found += [step.kind for step in self.steps if not step.is_closed]
        if self.index_comparison is None:
            found.append(StepKind.INDEX_VERIFICATION)
        return tuple(found)

    @property
    def exceptions(self) -> tuple[ExceptionMark, ...]:
        """Return every mark, in the order of the steps."""
        return tuple(o.mark for step in self.steps for o in step.outcomes.values() if isinstance(o, Excepted))

    @property
    def inks_open(self) -> tuple[InkWanted, ...]:
        """Return whose ink is not here, witnesses first."""
        given = {ink.wanted for ink in self.inks}
        return tuple(wanted for wanted in inks_wanted(self.exceptions) if wanted not in given)

    @property
    def inks_demanded(self) -> tuple[InkWanted, ...]:
        """Return whose ink is not here though the policy demands it."""
        return tuple(each for each in self.inks_open if each.role in DEMANDED[self.policy.exception_ink])

    @property
    def failed(self) -> tuple[Position, ...]:
        """Return the positions that failed to be acquired."""
        return tuple(p for s in self.steps for p, o in s.outcomes.items() if isinstance(o, FailedToAcquire))

    @property
    def kept(self) -> tuple[tuple[StepKind, SampleRef], ...]:
        """Return the samples that go into the record."""
        found = []
        for step in self.steps:
            for outcome in step.outcomes.values():
                if isinstance(outcome, Accepted | FailedToAcquire) and outcome.best is not None:
                    found.append((step.kind, outcome.best))
        return tuple(found)

    @property
    def tried(self) -> tuple[tuple[StepKind, SampleRef, ExceptionMark], ...]:
        """Return the best sample of fingers and eyes that were excepted after an attempt: it goes along too."""
        found = []
        for step in self.steps:
            for position, outcome in step.outcomes.items():
                best = step.best_tried(position)
                if isinstance(outcome, Excepted) and best is not None and position is not Position.SIGNATURE:
                    found.append((step.kind, best, outcome.mark))
        return tuple(found)

    def attendants(self, signer: str) -> tuple[str, ...]:
        """Return the ids of all who took part: who signs the record, and who signed an exception."""
        witnesses = (user_id for mark in self.exceptions for user_id in mark.attendants)
        return tuple(dict.fromkeys((signer, *witnesses)))

    def handle(self, event: SessionEvent) -> tuple[CaptureSession, tuple[Command, ...]]:
        """Return the session after the event and what to carry out. Raise `RuleError` when it does not fit now."""
        session, commands = _HANDLERS[type(event)](self, event)
        return session, tuple(commands)

    def _with_step(self, step: CaptureStep) -> CaptureSession:
        return replace(self, steps=tuple(step if s.kind is step.kind else s for s in self.steps))

    def _demand(self, *phases: Phase) -> None:
        if self.phase not in phases:
            raise RuleError("session.not_now", phase=self.phase.value)


_Result = tuple[CaptureSession, list[Command]]


def _notice(session: CaptureSession, event: NoticeGiven) -> _Result:
    session._demand(Phase.OPENED)
    payload = {"language": event.notice.language, "has_companion": bool(event.notice.companion)}
    return replace(session, phase=Phase.NOTICE_GIVEN, notice=event.notice), [LogEvent("notice_given", payload)]


def _biodata(session: CaptureSession, event: BiodataConfirmed) -> _Result:
    session._demand(Phase.NOTICE_GIVEN, Phase.CAPTURING)
    gate = age_gate(event.biodata.birth_date, event.biodata.marital_status, event.on)
    if not gate.may_record:
        raise RuleError("session.too_young", age=gate.age).at("birth_date")
    after = replace(session, phase=Phase.CAPTURING, biodata=event.biodata)
    payload = {"digest": event.digest, "biodata": digest_of_biodata(event.biodata)}
    return after, [LogEvent("biodata_confirmed", payload)]


def _attempt(session: CaptureSession, event: AttemptMade) -> _Result:
    session._demand(Phase.CAPTURING)
    before = session.step(event.step).reopened()
    after = before.with_attempt(event.attempt)
    kept = {ref.sample_id for p in after.outcomes if (ref := after.best(p)) is not None}
    came = [ref for attempt in after.attempts for ref in attempt.samples]
    # A marked position keeps what came before: taking the mark back must find the sample again.
    marked = {ref.sample_id for ref in came if ref.position in after.excepted}
    dropped = tuple(
        ref.sample_id for ref in came if ref.sample_id not in kept | marked and ref.position in after.wanted
    )
    payload = {
        "step": event.step.value,
        "attempt": event.attempt.number,
        "device": event.attempt.device,
        "samples": [
            {"position": s.position.value, "quality": s.quality.value, "sha256": s.sha256, "chain": s.chain_hash}
            for s in event.attempt.samples
        ],
        "faults": [{"position": f.position.value, "code": f.code} for f in event.attempt.faults],
    }
    commands: list[Command] = [LogEvent("attempt_made", payload)]
    if dropped:
        commands.append(DropSamples(dropped))
    return replace(session._with_step(after), device_hash=event.device_hash or session.device_hash), commands


def _accept(session: CaptureSession, event: StepAccepted) -> _Result:
    session._demand(Phase.CAPTURING)
    step = session.step(event.step).accepted(session.policy)
    samples = [ref.sha256 for ref in (step.best(p) for p in step.outcomes) if ref is not None]
    return session._with_step(step), [LogEvent("step_accepted", {"step": event.step.value, "samples": samples})]


def _except(session: CaptureSession, event: ExceptionMarked) -> _Result:
    session._demand(Phase.CAPTURING)
    step, commands = session.step(event.step), list[Command]()
    captured = step.captured(session.policy)
    for mark in event.marks:
        if mark.reason in ABSENT and mark.position in captured:
            raise RuleError("session.captured_position", position=mark.position.value)
        step = step.with_exception(mark)
        payload: dict[str, object] = {"step": event.step.value, "position": mark.position.value}
        payload |= {"attempts": mark.attempts, "mark": mark.digest}
        commands.append(LogEvent("exception_marked", payload))
    seen = {"step": event.step.value, "marks": [mark.digest for mark in event.marks]}
    commands += [LogEvent(Act.EXCEPTION, {**seen, **act.payload}) for act in event.signed]
    return _settled(session, session._with_step(step), commands)


def _unexcept(session: CaptureSession, event: ExceptionTakenBack) -> _Result:
    session._demand(Phase.CAPTURING)
    step = session.step(event.step).without_exception(event.position)
    payload = {"step": event.step.value, "position": event.position.value}
    return _settled(session, session._with_step(step), [LogEvent("exception_taken_back", payload)])


def _settled(before: CaptureSession, after: CaptureSession, commands: list[Command]) -> _Result:
    """Drop the photos that no exception names any more, and the ink of whoever signed other exceptions than these."""
    wanted = inks_wanted(after.exceptions)
    stale = [ink for ink in before.inks if ink.wanted not in wanted]
    kept = {mark.evidence_sample_id for mark in after.exceptions}
    gone = {mark.evidence_sample_id for mark in before.exceptions} - kept - {""} | {ink.sample_id for ink in stale}
    commands += [LogEvent("ink_dropped", {"ink": ink.digest}) for ink in stale]
    if gone:
        commands.append(DropSamples(tuple(sorted(gone))))
    return replace(after, inks=tuple(ink for ink in before.inks if ink not in stale)), commands


def _ink(session: CaptureSession, event: InkTaken) -> _Result:
    session._demand(Phase.CAPTURING, Phase.REVIEWING)
    ink = event.ink
    if ink.wanted not in inks_wanted(session.exceptions):
        raise RuleError("session.ink_unwanted")
    before = [each for each in session.inks if each.wanted == ink.wanted]
    payload = {"role": ink.wanted.role.value, "marks": list(ink.wanted.marks), "sha256": ink.sha256, "ink": ink.digest}
    commands: list[Command] = [LogEvent("ink_dropped", {"ink": each.digest}) for each in before]
    if before:
        commands.append(DropSamples(tuple(each.sample_id for each in before)))
    kept = tuple(each for each in session.inks if each not in before)
    return replace(session, inks=(*kept, ink)), [*commands, LogEvent("ink_taken", payload)]


def _override(session: CaptureSession, event: FailureAllowed) -> _Result:
    session._demand(Phase.CAPTURING)
    step = session.step(event.step).failed(session.policy, event.signed.by)
    told = {"step": event.step.value, "allowed_by": event.signed.by, **event.signed.payload}
    return session._with_step(step), [LogEvent(Act.FAILURE, told)]


def _verify(session: CaptureSession, event: IndexesVerified) -> _Result:
    session._demand(Phase.CAPTURING)
    comparison = event.comparison
    if comparison is IndexComparison.DOUBTED and session.index_comparison in _IN_DOUBT:
        comparison = IndexComparison.DOUBTED_TWICE
    noted: dict[str, object] = {"result": comparison.value}
    if event.algorithm:
        noted |= {"algorithm": event.algorithm, "scores": {position.value: score for position, score in event.scores}}
    return replace(session, index_comparison=comparison), [LogEvent("indexes_verified", noted)]


def _mismatch(session: CaptureSession, _: MismatchDecided) -> _Result:
    session._demand(Phase.CAPTURING)
    if session.index_comparison is not IndexComparison.DOUBTED_TWICE:
        raise RuleError("session.touch_again")
    decided = IndexComparison.NOT_MATCHED
    return replace(session, index_comparison=decided), [LogEvent("indexes_verified", {"result": decided.value})]


def _review(session: CaptureSession, _: ReviewOpened) -> _Result:
    session._demand(Phase.CAPTURING, Phase.REVIEWING)
    if session.missing:
        raise RuleError("session.incomplete", missing=len(session.missing))
    assert session.biodata is not None
    demand_facts(session.biodata)  # an older program confirmed them empty
    return replace(session, phase=Phase.REVIEWING), []


def _back(session: CaptureSession, _: ReviewLeft) -> _Result:
    session._demand(Phase.REVIEWING, Phase.SEALING)
    return replace(session, phase=Phase.CAPTURING), []


def _sealing(session: CaptureSession, event: SealingStarted) -> _Result:
    # A kit that died while sealing starts again here: the record id stays, so nothing is sealed twice.
    session._demand(Phase.REVIEWING, Phase.SEALING)
    if session.missing:
        raise RuleError("session.incomplete", missing=len(session.missing))
    if session.inks_demanded:
        raise RuleError("session.ink_missing")
    record_id = session.record_id or event.record_id
    return replace(session, phase=Phase.SEALING, record_id=record_id), [
        LogEvent("sealing_started", {"record": record_id} | ({"context": event.context} if event.context else {}))
    ]


def _sealed(session: CaptureSession, event: RecordSealed) -> _Result:
    session._demand(Phase.SEALING)
    return replace(session, phase=Phase.SEALED), [
        LogEvent(
            "record_sealed", {"record": session.record_id, "sha256": event.sha256, "size_bytes": event.size_bytes}
        ),
        EraseSession(),
    ]


def _found_sealed(session: CaptureSession, event: SealFound) -> _Result:
    # The file proves the seal, whatever an older store thinks of the recording: nobody is recorded twice.
    if session.phase in ENDED:
        raise RuleError("session.not_now", phase=session.phase.value)
    after = replace(session, phase=Phase.SEALED, before_pause=None, record_id=event.record_id)
    return after, [LogEvent("seal_found", {"record": event.record_id}), EraseSession()]


def _suspend(session: CaptureSession, event: Suspended) -> _Result:
    session._demand(Phase.OPENED, Phase.NOTICE_GIVEN, Phase.CAPTURING, Phase.REVIEWING)
    after = replace(session, phase=Phase.SUSPENDED, before_pause=session.phase, reason=event.reason)
    return after, [LogEvent("suspended", {})]


def _resume(session: CaptureSession, _: Resumed) -> _Result:
    session._demand(Phase.SUSPENDED)
    after = replace(session, phase=session.before_pause or Phase.OPENED, before_pause=None, reason="")
    return after, [LogEvent("resumed", {})]


def _worked(session: CaptureSession, event: Worked) -> _Result:
    # What the clock of a screen tells late, after the seal, is nobody's fault and changes nothing.
    if session.phase in ENDED:
        return session, []
    return replace(session, worked_ms=session.worked_ms + max(0, event.ms)), []


def _end(phase: Phase, kind: str) -> Callable[[CaptureSession, Any], _Result]:
    def handler(session: CaptureSession, event: Refused | Abandoned) -> _Result:
        if session.phase in ENDED or session.phase is Phase.SEALING:
            raise RuleError("session.not_now", phase=session.phase.value)
        return replace(session, phase=phase, reason=event.reason.value), [
            LogEvent(kind, {"reason": event.reason.value}),
            EraseSession(),
        ]

    return handler


_HANDLERS: Mapping[type, Callable[[CaptureSession, Any], _Result]] = {
    NoticeGiven: _notice,
    BiodataConfirmed: _biodata,
    AttemptMade: _attempt,
    StepAccepted: _accept,
    ExceptionMarked: _except,
    ExceptionTakenBack: _unexcept,
    InkTaken: _ink,
    FailureAllowed: _override,
    IndexesVerified: _verify,
    MismatchDecided: _mismatch,
    ReviewOpened: _review,
    ReviewLeft: _back,
    SealingStarted: _sealing,
    RecordSealed: _sealed,
    SealFound: _found_sealed,
    Suspended: _suspend,
    Resumed: _resume,
    Worked: _worked,
    Refused: _end(Phase.REFUSED, "refused"),
    Abandoned: _end(Phase.ABANDONED, "abandoned"),
}
