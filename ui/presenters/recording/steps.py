"""The steps of a recording and the devices behind them: which step is in front, what runs, what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, TypeAlias

from fieldkit.domain.errors import Problem
from fieldkit.domain.nik import age_gate
from fieldkit.domain.people import User
from fieldkit.domain.recording.capture import CAPTURED_AT, Excepted, FailedToAcquire, Sample, SampleFormat, StepKind
from fieldkit.domain.recording.positions import ExceptionMark, Modality
from fieldkit.domain.recording.session import ENDED, CaptureSession, Phase
from fieldkit.domain.typed import draft_of_recording
from fieldkit.ports.devices import LiveScore, PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.ports.recording import SlapSeen
from fieldkit.services.context.app_context import AppContext, Door
from fieldkit.services.recording.capture import FINGER_STEPS, Captured
from fieldkit.services.recording.find_again import Found, OperatorsFinger
from fieldkit.services.recording.run_session import RunSession
from ui.presenters.amounts import day_text
from ui.presenters.form import DraftedPresenter, Drafting, Left
from ui.presenters.parts import Bar, Chime, Sound, Stage, Tag, Toast, Tone, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, message
from ui.presenters.recording.biodata_form import BiodataForm
from ui.presenters.recording.capturing import Capturing, Stills
from ui.presenters.recording.state import (
    ORDER,
    RecordingState,
    Still,
    at_new_step,
    best_of,
    elapsed,
    needs_nothing,
    next_step,
    recorded_indexes,
)
from ui.presenters.tasks import COMPUTE, STORE, Tasks, untold
from ui.presenters.viewfinder import draw_ahead
from ui.presenters.wording import comparison_words, position_words, tone_of_comparison

# What the review says is there: a line per part of the record, whether it is whole, who was recorded before. Pure.


def first_marks(session: CaptureSession) -> tuple[ExceptionMark, ...]:
    """Return the marks, one per position: signature and confirmation share theirs."""
    return tuple({mark.position: mark for mark in reversed(session.exceptions)}.values())[::-1]


def checks_of(session: CaptureSession, today: date, twins: tuple[Message, Tag]) -> tuple[tuple[Message, Tag], ...]:
    """Return the lines of the completeness gate."""
    who = session.biodata
    assert who is not None
    gate = age_gate(who.birth_date, who.marital_status, today)
    age = (
        Tag(message("tinjau.card_at_once", age=gate.age), Tone.GOOD)
        if gate.card_from is None
        else Tag(message("tinjau.card_from", day=day_text(gate.card_from)), Tone.CAUTION)
    )
    comparison = session.index_comparison
    index: tuple[tuple[Message, Tag], ...] = ()
    if comparison is not None:
        index = ((message("tinjau.index"), Tag(comparison_words(comparison), tone_of_comparison(comparison))),)
    return (
        (message("tinjau.biodata"), Tag(message("common.complete"), Tone.GOOD)),
        (message("common.photo"), counted(session, StepKind.PHOTO)),
        (message("tinjau.fingers"), counted(session, StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS)),
        (message("tinjau.irises"), counted(session, StepKind.IRIS)),
        (message("common.signature"), counted(session, StepKind.SIGNATURE)),
        (message("tinjau.confirmation"), counted(session, StepKind.CONFIRMATION)),
        *index,
        twins,
        *_inks(session),
        (message("tinjau.age"), age),
    )


def _inks(session: CaptureSession) -> tuple[tuple[Message, Tag], ...]:
    """Return the line of those who saw exceptions, of which there may be none."""
    given, wanted = len(session.inks), len(session.inks_open)
    if not given + wanted:
        return ()
    tone = Tone.BAD if session.inks_demanded else Tone.CAUTION if wanted else Tone.GOOD
    words = message("tinjau.inks_of", given=given, wanted=given + wanted) if wanted else message("common.complete")
    return ((message("tinjau.inks"), Tag(words, tone)),)


def counted(session: CaptureSession, *kinds: StepKind) -> Tag:
    """Return how much of some steps is there, excepted or failed."""
    outcomes = [outcome for kind in kinds for outcome in session.step(kind).outcomes.values()]
    excepted = sum(isinstance(outcome, Excepted) for outcome in outcomes)
    failed = sum(isinstance(outcome, FailedToAcquire) for outcome in outcomes)
    taken = len(outcomes) - excepted - failed
    if not excepted and not failed:
        return Tag(message("common.complete"), Tone.GOOD)
    if len(outcomes) == 1:
        return Tag(message("common.exception"), Tone.CAUTION) if excepted else Tag(message("verdict.failed"), Tone.BAD)
    if failed:
        return Tag(message("tinjau.with_failed", taken=taken, failed=failed, excepted=excepted), Tone.BAD)
    return Tag(message("tinjau.with_exceptions", taken=taken, excepted=excepted), Tone.CAUTION)


def others_who_may_allow(leads: Sequence[User], user: User) -> tuple[User, ...]:
    """Return the team leads of this kit besides the one who records: two persons decide."""
    return tuple(lead for lead in leads if lead.user_id != user.user_id)


def found_problem(before: Found, local: Callable[[datetime], datetime], has_second: bool) -> Problem:
    """Return the banner: when, which record, whose NIK, or which operator, and what to do."""
    if isinstance(before, OperatorsFinger):
        alone = "" if has_second else "_alone"
        return Problem(f"recording.operators_finger{alone}", {"name": before.name})
    kind = "same_nik" if before.is_same_nik else "other_nik"
    return Problem(
        f"recording.found_again_{kind}" if has_second else "recording.found_again_alone",
        {
            "day": day_text(local(before.sealed_at).date()),
            "record": before.record_id,
            "name": before.masked_name,
            "nik": before.masked_nik,
            "fingers": before.fingers,
        },
    )


def found_row(before: Sequence[Found] | None, is_allowed: bool) -> tuple[Message, Tag]:
    """Return the line of the completeness; None while fingers are still being compared."""
    if before is None:
        tag = Tag(message("tinjau.comparing"), Tone.NEUTRAL)
    elif not before:
        tag = Tag(message("tinjau.no_twin"), Tone.GOOD)
    elif is_allowed:
        tag = Tag(message("tinjau.found_allowed"), Tone.CAUTION)
    elif isinstance(before[0], OperatorsFinger):
        tag = Tag(position_words(before[0].position), Tone.BAD)
    else:
        tag = Tag(message("tinjau.found_again"), Tone.BAD)
    return message("tinjau.twins"), tag


# How long somebody works at a recording: what counts is the time at its screen, not the time since it was opened.

IDLE_S = 180  # without a key, a press or an answer of a device nobody works any more
NOTE_EVERY_MS = 10_000
_LONGEST_STEP_S = 5.0  # between two looks; a longer gap is a lid that was closed


class SessionWork:
    """Counts milliseconds of work at one recording while a screen shows it, and notes them every few seconds.

    It stands still while the screen is locked, left, asleep or untouched. A kill costs no more than those seconds.
    """

    def __init__(
        self,
        recording: RunSession,
        tasks: Tasks,
        session_id: str,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        looked: Callable[[], None] = lambda: None,
    ) -> None:
        """`looked` is told every second of the time that is shown."""
        self._recording, self._tasks, self._session_id, self._monotonic = recording, tasks, session_id, monotonic
        self._looked, self._stop_clock = looked, _none
        self._seen_at: float | None = None
        self._touched_at = monotonic()
        self._counted_ms, self._noted_ms = 0.0, 0

    @property
    def counted_ms(self) -> int:
        """Return what was counted since the screen was opened, noted or not."""
        return int(self._counted_ms)

    def run(self) -> None:
        """Begin to count, or go on."""
        self._stop_clock()
        self._stop_clock = self._tasks.every(1_000, self.look)
        self._seen_at = self._touched_at = self._monotonic()

    def rest(self) -> None:
        """Count up to now, stand still and note what was counted."""
        self._stop_clock()
        self._count()
        self._seen_at = None
        self._note()

    def touch(self) -> None:
        """Note that somebody is there; after a rest without a hand on it the count goes on from here."""
        self._count()
        self._touched_at = self._monotonic()

    def look(self) -> None:
        """Count on; called every second while it runs."""
        self._count()
        if self.counted_ms - self._noted_ms >= NOTE_EVERY_MS:
            self._note()
        self._looked()

    def _count(self) -> None:
        if self._seen_at is None:
            return
        before, now = self._seen_at, self._monotonic()
        self._seen_at = now
        until = min(now, self._touched_at + IDLE_S)
        if now - before <= _LONGEST_STEP_S:
            self._counted_ms += max(0.0, until - before) * 1000

    def _note(self) -> None:
        ms = self.counted_ms - self._noted_ms
        if ms:
            self._noted_ms += ms
            self._tasks.write(lambda: self._recording.note_work(self._session_id, ms), _unnoted)


class AtWork:
    """A presenter at whose screen somebody works at a recording; `_work` runs from its start to its stop."""

    _work: SessionWork

    def touch(self) -> None:
        """Note that somebody works here."""
        self._work.touch()

    def rest(self) -> None:
        """Let the timer stand still."""
        self._work.rest()

    def go_on(self) -> None:
        """Let the timer go on."""
        self._work.run()


def _none() -> None:
    """Stop a clock that does not run."""


def _unnoted(_problem: Problem) -> None:
    """Some seconds less on the timer trouble nobody; a disk that takes nothing is told where it matters."""


SPOKEN = (*CAPTURED_AT, StepKind.INDEX_VERIFICATION)  # what the voice tells the resident to do
Loaded: TypeAlias = tuple[CaptureSession, BiodataForm | None, Left | None]


class StepsPresenter(AtWork, DraftedPresenter[RecordingState]):
    """Runs the steps; what a person decides stands in the subclass.

    `frames` and `ink` receive what is live, `screen` is a field of the window that takes signatures.
    """

    def __init__(
        self,
        context: AppContext,
        door: Door,
        tasks: Tasks,
        navigator: Navigator,
        frames: PreviewSink,
        ink: StrokeSink,
        session_id: str,
        screen: SignaturePad | None = None,
    ) -> None:
        keyed = (
            Command("capture", message("act.capture"), Action.CAPTURE, runs=self.capture),
            Command("next_step", message("common.next_step"), Action.NEXT_STEP, runs=partial(self.turn, 1)),
            Command("previous_step", message("act.previous_step"), Action.PREVIOUS_STEP, runs=partial(self.turn, -1)),
        )
        has_matcher, bar = context.recording.has_matcher, Bar(leave(self.back))
        state = RecordingState(stage=Stage.LOADING, bar=bar, keyed=keyed, has_matcher=has_matcher)
        super().__init__(state, tasks, Drafting(context, tasks, draft_of_recording(session_id)))
        self._context, self._door, self._tasks, self._navigator = context, door, tasks, navigator
        self._session_id = session_id
        self._session: CaptureSession | None = None
        self._form: BiodataForm | None = None
        self._current = StepKind.BIODATA
        self._devices = Capturing(context.capture, tasks, frames, ink, self, screen)
        self._stills = Stills(context, tasks)
        self._work = SessionWork(context.recording, tasks, session_id, looked=self._show_clock)
        self._worked_before_ms = 0
        self._is_away = False

    # --- coming and going

    def start(self) -> None:
        """Load the session and go to its first missing step."""
        self._is_away = False
        self._tasks.write(self._load, self._failed, self._loaded)
        self._work.run()

    def stop(self) -> None:
        """Keep what was typed and worked; let go of devices and clocks."""
        self._work.rest()
        self.settle()
        self._devices.release()

    def _load(self) -> Loaded:
        session = self._context.recording.find(self._session_id)
        if session.phase in (Phase.REVIEWING, Phase.SEALING):  # the program ended there
            session = self._context.recording.leave_review(self._session_id)
        if session.phase in ENDED:
            return session, None, None
        biodata = session.biodata or self._context.visits.target(session.target_id).biodata
        return session, BiodataForm.of(biodata, self._context.tables), self._drafting.read()

    def _loaded(self, found: Loaded) -> None:
        self._session, self._form, left = found
        self._worked_before_ms = self._session.worked_ms - self._work.counted_ms
        if self._form is None:
            self._navigator.restart("home")
            return
        self._become(replace(self.state, stage=Stage.CONTENT))
        self._show_clock()
        self._go(next_step(self._session, StepKind.INDEX_VERIFICATION) or self._current)
        self._restore(left)

    def rest(self) -> None:
        """Let the timer stand still, and nothing look at the person while nobody looks at the screen."""
        super().rest()
        self._is_away = True
        self._devices.rest()

    def go_on(self) -> None:
        """Let timer and device of the step in front go on."""
        super().go_on()
        self._is_away = False
        self._devices.go_on()
        if self._session is not None and not self._devices.is_busy and self.state.panel is None:
            self._wake(self._session)

    def _show_clock(self) -> None:
        if self._session is not None:
            worked_ms = self._worked_before_ms + self._work.counted_ms
            clock, tone = elapsed(worked_ms, self._session.policy.standard_minutes)
            self._become(replace(self.state, clock=clock, clock_tone=tone))

    # --- steps

    def choose_step(self, name: str) -> None:
        """Go to a step of the rail."""
        if self._session is None:
            return
        if self._session.biodata is None and StepKind(name) is not StepKind.BIODATA:
            self._say(message("rekam.biodata_first"))
        elif self._current is StepKind.BIODATA and self._form is not None and self._form.is_changed:
            self._say(message("rekam.biodata_unconfirmed"))
        else:
            self._go(StepKind(name))

    def turn(self, by: int) -> None:
        """Go one step down (1) or up (-1) the rail."""
        self.choose_step(ORDER[max(0, min(ORDER.index(self._current) + by, len(ORDER) - 1))])

    def _go(self, kind: StepKind) -> None:
        """Show a step and wake its device; whatever ran before is let go."""
        assert self._session is not None
        self._devices.release()
        self._stills.forget()
        self._current = kind
        state = at_new_step(self.state)
        if kind in SPOKEN and not self._is_done():
            state = replace(state, chime=Chime(None, spoken=kind.value))
        self._show_state(state)
        if self._is_done():
            self._show_kept()
        else:
            self._wake(self._session)

    def _wake(self, session: CaptureSession) -> None:
        """Let the device of the step in front show what it sees or take a signature, if it needs either."""
        if self._current not in CAPTURED_AT or self._is_done():
            return
        if self._is_signature():
            self._sign()
        else:
            self._devices.preview(session, self._current)

    def _is_done(self) -> bool:
        """Return whether the step in front needs nothing more from its device."""
        assert self._session is not None
        return self._current in CAPTURED_AT and needs_nothing(self._session, self._current)

    def _is_signature(self) -> bool:
        return self._current in CAPTURED_AT and CAPTURED_AT[self._current][0].modality is Modality.SIGNATURE

    # --- devices

    def capture(self) -> None:
        """Capture what the step still wants, compare the index fingers, or sign again."""
        if self._session is None or self.state.panel is not None or self._is_operating:
            return
        if self._current is StepKind.INDEX_VERIFICATION:
            self._compare(self._session)
            return
        if self._is_signature():
            self._sign()
            return
        is_asked = self._current in CAPTURED_AT and bool(self._session.step(self._current).wanted)
        if self.state.is_capturing or not is_asked:
            return
        self._stills.forget()
        self._show_with(is_capturing=True, stills=(), live=None, problem=None, trouble=None)
        self._devices.take(self._session, self._current)

    def _compare(self, session: CaptureSession) -> None:
        """Let the index fingers that were recorded be given again, and compare them."""
        positions = recorded_indexes(session)
        if not self.state.has_matcher or self.state.is_capturing or not positions:
            return

        def came(probes: tuple[Sample, ...]) -> None:
            verify = self._context.recording.verify_indexes
            self._decide(lambda: verify(self._session_id, probes), lambda _: self._show_with(is_capturing=False))

        self._show_with(is_capturing=True, problem=None)
        recording, run = self._context.recording, self._tasks.run
        # What is wrong with one that was given, the comparison tells.
        gave = lambda probe: run(COMPUTE, lambda: recording.read_ahead(probe), untold, untold)  # noqa: E731
        self._devices.probe(positions, came, self._not_kept, gave)
        run(COMPUTE, lambda: recording.prepare_indexes(self._session_id), untold, self._not_kept)

    def decide_mismatch(self) -> None:
        """Note that the index fingers are not those recorded, as two touches in a row seemed to be."""
        decide = self._context.recording.decide_mismatch
        self._decide(lambda: decide(self._session_id), lambda _: self._show_with())

    def sign_here(self) -> None:
        """Take the signature on the screen, where somebody began to sign, while one is awaited."""
        if self._session is not None and self._is_signature() and self.state.is_capturing:
            self._devices.sign_here(self._session, self._current)

    def _sign(self) -> None:
        assert self._session is not None
        self._show_with(is_capturing=True, ink=None, ink_round=self.state.ink_round + 1)
        self._devices.sign(self._session, self._current)

    def device_answers(self) -> None:
        """Take back what was said about a device that was away."""
        if self.state.is_away:
            self._become(replace(self.state, is_away=False, trouble=None))

    def live_seen(self, step: StepKind, seen: SlapSeen | LiveScore) -> None:
        """Say how many fingers lie there and of which hand, or what would help the picture."""
        if step is self._current and not self.state.is_capturing:
            self._show_with(live=seen)

    def at_rest(self, step: StepKind) -> None:
        """Capture without a key, as long as somebody works here and attempts are left."""
        session = self._session
        if session is None or step is not self._current or self._is_away or self._is_done():
            return
        if len(session.step(step).attempts) < session.policy.max_attempts:
            self.capture()

    def device_is_away(self, problem: Problem) -> None:
        """Say so; it is tried again by itself."""
        self._show_with(is_capturing=False, is_away=True, trouble=problem)

    def capture_failed(self, problem: Problem) -> None:
        """Say so; what was kept before stays."""
        self._show_with(is_capturing=False, trouble=problem, chime=Chime(Sound.REPEAT))

    def captured(self, captured: Captured) -> None:
        """Keep what came, whichever step is in front by now."""
        self._work.touch()
        self._stills.came(captured.result.samples)
        for ink in (each for each in captured.result.samples if each.format is SampleFormat.SIGNATURE_STROKES):
            draw_ahead(self._context, self._tasks, ink)
        keep, c = self._context.recording.keep_attempt, captured
        # Written and not only run: what somebody gave is on disk even if the program is closed at this moment.
        self._tasks.write(
            lambda: keep(self._session_id, c.step, c.device, c.asked, c.result, c.firmware),
            self._not_kept,
            lambda session: self._kept(captured.step, session),
        )

    def _kept(self, step: StepKind, session: CaptureSession) -> None:
        self._session = session
        chime = Chime(Sound.CAPTURED) if needs_nothing(session, step) else Chime(Sound.REPEAT, spoken="again")
        if step is not self._current or self.state.panel is not None or self._devices.is_busy:
            self._show_with(chime=chime)
            return
        self._show_with(chime=chime, is_capturing=False, problem=None, trouble=None)
        if self._is_done():
            self._show_kept()
        elif not self._is_signature():
            self._stills.load(session, best_of(session, step), self._show_so_far, self._problem)
            self._devices.preview(session, step)

    def _not_kept(self, problem: Problem) -> None:
        self._show_with(is_capturing=False, problem=problem)

    # --- deciding

    def _decide(
        self,
        func: Callable[[], CaptureSession],
        done: Callable[[CaptureSession], None],
        left: Mapping[str, str] | None = None,
    ) -> None:
        """Let the services decide, one thing at a time: a key pressed twice decides once.

        With `left` they accept what was typed, and this much of it stays a draft.
        """
        step = self._current

        def finish(session: CaptureSession) -> None:
            self._session = session
            self._work.touch()
            if step is self._current:
                done(session)
            else:  # the rail was used meanwhile
                self._show_with()

        decision = Operation(work=func, done=finish)
        if left is None:
            self._operate(decision)
        else:
            self._keep_typed(decision, left)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        is_capturing = self.state.is_capturing and self._current is not StepKind.INDEX_VERIFICATION
        self._show_with(is_capturing=is_capturing)

    def _advance(self, session: CaptureSession) -> None:
        """Go to the next missing step, or to the review when nothing is missing."""
        following = next_step(session, self._current)
        if self._current in FINGER_STEPS and following not in FINGER_STEPS:
            again = self._context.again  # what it takes would be waited for before the seal
            self._tasks.run(COMPUTE, lambda: again.look_ahead(self._session_id), untold, untold)
        if following is not None:
            self._go(following)
            return
        self._devices.release()
        self._navigator.push("review", session_id=self._session_id)

    # --- showing

    def _say(self, words: Message) -> None:
        self._become(replace(self.state, toast=Toast(words, Tone.CAUTION)))

    def _problem(self, problem: Problem) -> None:
        self._show_with(problem=problem)

    def _show_kept(self) -> None:
        """Show the pictures of the best samples in the place of the live one, or the kept signature."""
        assert self._session is not None
        refs = best_of(self._session, self._current)
        if refs and self._is_signature():
            self._show_signature(self._current, refs[0].sample_id)
        elif refs:
            show = lambda best: self._become(replace(self.state, stills=best))  # noqa: E731
            self._stills.load(self._session, refs, show, self._problem)

    def _show_so_far(self, stills: tuple[Still, ...]) -> None:
        self._become(replace(self.state, so_far=stills))

    def _show_signature(self, kind: StepKind, sample_id: str) -> None:
        def show(ink: Signature) -> None:
            if kind is self._current and not self.state.is_capturing:
                self._become(replace(self.state, ink=ink))

        context = self._context
        self._tasks.run(
            STORE, lambda: context.signatures.from_sample(context.recording.sample(sample_id)), show, self._problem
        )

    def _show_with(self, **changes: Any) -> None:
        """Show the session as it is now, and what changed besides."""
        self._show_state(replace(self.state, **changes))

    def _show_state(self, state: RecordingState) -> None:
        """Show the session as it is now in a state, at once: the whole screen is measured and painted each time."""
        raise NotImplementedError

    def back(self) -> None:
        """Close what is open, or leave."""
        raise NotImplementedError
