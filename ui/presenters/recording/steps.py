"""The steps of a recording and the devices behind them: which step is in front, what runs, what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from fieldkit.domain.drafts import draft_of_recording
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import Modality
from fieldkit.domain.recording.samples import Sample, SampleFormat
from fieldkit.domain.recording.session import ENDED, CaptureSession, Phase
from fieldkit.ports.devices import LiveScore, PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.ports.inspection import SlapSeen
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from fieldkit.services.recording.capture import FINGER_STEPS, Captured
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.pad_signing import draw_ahead
from ui.presenters.parts import Bar, Chime, Sound, Stage, Toast, Tone
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
from ui.presenters.recording.work_time import AtWork, SessionWork
from ui.presenters.tasks import COMPUTE, STORE, Tasks, untold
from ui.presenters.ways_out import leave

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
