"""The device side of a recording: preview, capture and signing of the step in front, and pictures of kept samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import CAPTURED_AT, Sample, SampleRef, StepKind
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.devices import Cancel, LiveScore, PreviewSink, SignaturePad, StrokeSink
from fieldkit.ports.recording import SlapSeen
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.capture import DEVICE_FOR, Capture, Captured
from ui.presenters.cancellable_task import CancellableTask, FirstFrame
from ui.presenters.recording.state import Still
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor
from ui.presenters.wording import TONE_OF

if TYPE_CHECKING:
    from ui.presenters.recording.steps import StepsPresenter


T = TypeVar("T")

RETRY_MS = 1_500
_STILL_PX = 640


class Capturing:
    """Asks the device of a step and tells `listener`, on the thread of the window. A new call replaces the one before.

    `screen` stands in for a pad that is away.
    """

    def __init__(
        self,
        capture: Capture,
        tasks: Tasks,
        frames: PreviewSink,
        ink: StrokeSink,
        listener: StepsPresenter,
        screen: SignaturePad | None = None,
    ) -> None:
        self._capture, self._tasks, self._listener = capture, tasks, listener
        self._frames, self._ink, self._screen = frames, ink, screen
        self._task = CancellableTask(tasks)
        self._is_resting = self._is_waiting = self._is_wanted = False

    @property
    def is_busy(self) -> bool:
        """Return whether a preview, capture or signing is under way."""
        return self._task.is_busy

    def preview(self, session: CaptureSession, step: StepKind) -> None:
        """Show live frames until something else is asked for; a device that is away is tried again and again."""
        if self._is_resting:
            return
        sink = FirstFrame(self._frames, lambda: self._tasks.post(self._listener.device_answers))

        def seen(live: SlapSeen | LiveScore) -> None:
            self._tasks.post(lambda: self._listener.live_seen(step, live))

        def rested() -> None:
            self._tasks.post(lambda: self._listener.at_rest(step))

        self._run(
            _executor(step),
            lambda cancel: self._capture.preview(session, step, sink, cancel, seen, rested),
            lambda _: None,
            lambda problem: self._try_again(problem, session, step),
            waits=True,
        )

    def take(self, session: CaptureSession, step: StepKind) -> None:
        """Capture what the step still wants; the preview comes back by itself when that fails."""

        def failed(problem: Problem) -> None:
            self._listener.capture_failed(problem)
            self._task.retry_in(RETRY_MS, lambda: self.preview(session, step))

        self._run(
            _executor(step),
            lambda cancel: self._capture.take(session, step, self._frames, cancel),
            self._listener.captured,
            failed,
            keeps_late_result=True,
        )

    def sign(self, session: CaptureSession, step: StepKind) -> None:
        """Wait for a signature. One that was broken off by leaving the step is no signature and is let go."""
        if self._is_resting:
            return

        def sign(cancel: Cancel) -> Captured:
            self._capture.wake(step, cancel, self._screen)
            self._tasks.post(self._listener.device_answers)
            return self._capture.sign(step, self._ink, cancel, self._screen)

        def failed(problem: Problem) -> None:
            self._listener.device_is_away(problem)
            self._task.retry_in(RETRY_MS, lambda: self.sign(session, step))

        self._run(_executor(step), sign, self._listener.captured, failed, waits=True)

    def sign_here(self, session: CaptureSession, step: StepKind) -> None:
        """Wait for the signature on the screen, because somebody began to sign there."""
        screen = self._screen
        if screen is None:
            return

        def failed(_problem: Problem) -> None:  # nothing more came; back to whichever pad there is
            self.sign(session, step)

        self._run(
            _executor(step),
            lambda cancel: self._capture.sign_on(screen, step, self._ink, cancel),
            self._listener.captured,
            failed,
            waits=True,
        )

    def probe(
        self,
        positions: Sequence[Position],
        came: Callable[[tuple[Sample, ...]], None],
        failed: Callable[[Problem], None],
        gave: Callable[[Sample], None],
    ) -> None:
        """Capture fingers one by one, only to compare them with kept ones; `gave` hears of each as it comes."""

        def one(position: Position, cancel: Cancel) -> tuple[Sample, ...]:
            samples = self._capture.probe(position, self._frames, cancel).samples
            for sample in samples:
                self._tasks.post(partial(gave, sample))
            return samples

        def one_by_one(cancel: Cancel) -> tuple[Sample, ...]:
            return tuple(sample for position in positions for sample in one(position, cancel))

        self._run(device_executor(DEVICE_FOR[Modality.FINGER].value), one_by_one, came, failed)

    def photograph(self, came: Callable[[bytes], None], failed: Callable[[Problem], None]) -> None:
        """Show what an exception is about, live, until `take_photo`."""
        self._is_wanted = False

        def look(cancel: Cancel) -> bytes:
            return self._capture.photograph(cancel, self._frames, lambda: self._is_wanted)

        self._run(device_executor(DEVICE_FOR[Modality.FACE].value), look, came, failed, waits=True)

    def take_photo(self) -> None:
        """Take the photo of what is shown."""
        self._is_wanted = True

    def release(self) -> None:
        """Let go of the device."""
        self._task.release()

    def rest(self) -> None:
        """Show nothing and wait for nothing until `go_on`; what somebody asked for comes to its end."""
        self._is_resting = True
        if self._is_waiting:
            self._task.release()

    def go_on(self) -> None:
        """Take previews and signatures again; whoever wants one asks for it."""
        self._is_resting = False

    def _run(
        self,
        executor: str,
        func: Callable[[Cancel], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None],
        *,
        waits: bool = False,
        keeps_late_result: bool = False,
    ) -> None:
        self._is_waiting = waits
        self._task.run(executor, func, done, failed, keeps_late_result=keeps_late_result)

    def _try_again(self, problem: Problem, session: CaptureSession, step: StepKind) -> None:
        self._listener.device_is_away(problem)
        self._task.retry_in(RETRY_MS, lambda: self.preview(session, step))


def _executor(step: StepKind) -> str:
    return device_executor(DEVICE_FOR[CAPTURED_AT[step][0].modality].value)


class Stills:
    """Loads pictures; only the newest wish is answered."""

    def __init__(self, context: AppContext, tasks: Tasks) -> None:
        self._context, self._tasks = context, tasks
        self._wish = 0
        self._given: dict[str, Sample] = {}  # by the digest of its bytes
        self._loaded: dict[str, Still] = {}  # by the id of the sample, whose bytes never change

    def forget(self) -> None:
        """Let an answer that is still to come go."""
        self._wish += 1

    def came(self, samples: Sequence[Sample]) -> None:
        """Remember what a device just gave: its pictures need not wait for the store."""
        self._given = {sha256(sample.data).hexdigest(): sample for sample in samples}

    def load(
        self,
        session: CaptureSession,
        refs: Sequence[SampleRef],
        done: Callable[[tuple[Still, ...]], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Load the pictures of samples."""
        self.forget()
        wish, wanted = self._wish, tuple(ref.sample_id for ref in refs)
        fresh = tuple(ref for ref in refs if ref.sample_id not in self._loaded)

        def decode(samples: tuple[Sample, ...]) -> None:
            self._tasks.run(COMPUTE, lambda: self._decode(session, samples), show, failed)

        def show(stills: tuple[Still, ...]) -> None:
            self._loaded.update(zip((ref.sample_id for ref in fresh), stills, strict=True))
            if wish == self._wish:
                done(tuple(self._loaded[sample_id] for sample_id in wanted))

        if all(ref.sha256 in self._given for ref in fresh):
            decode(tuple(self._given[ref.sha256] for ref in fresh))
        else:
            sample = self._context.recording.sample
            self._tasks.run(STORE, lambda: tuple(sample(ref.sample_id) for ref in fresh), decode, failed)

    def _decode(self, session: CaptureSession, samples: Sequence[Sample]) -> tuple[Still, ...]:
        picture, verdict = self._context.pictures.jpeg, session.policy.verdict
        return tuple(
            Still(s.position, picture(s, _STILL_PX), TONE_OF[verdict(s.position, s.quality.value)]) for s in samples
        )
