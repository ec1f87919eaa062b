"""What the photo camera sees, live, until somebody takes it: of an item, a thumb mark, a paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.ports.devices import DeviceKind, PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices import MOST_PX
from fieldkit.services.recording.capture import Captured
from ui.presenters.cancellable_task import CancellableTask, FirstFrame
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Stage, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message
from ui.presenters.tasks import COMPUTE, CancelFlag, Tasks, device_executor, untold

# Somebody signs on the pad, or on the screen while no pad is there: first who stands here, then the ink.

_PAD_EXECUTOR = device_executor(DeviceKind.SIGNATURE_PAD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningState(ViewState):
    """First who it is, then the signature."""

    title: Message = ""
    people: tuple[Choice, ...] = ()
    chosen: str = ""
    signer: str = ""  # the name, once it is known who stands here
    hint: Message = ""
    signed: tuple[tuple[Message, Message], ...] = ()  # what it is that they sign: each thing and what is said of it
    ink: Signature | None = None
    asks_passphrase: bool = False
    wrong: Problem | None = None  # about the passphrase
    clear_serial: int = 0  # the passphrase empties whenever it changes


def draw_ahead(context: AppContext, tasks: Tasks, sample: Sample) -> None:
    """Draw ink while somebody looks at it: its papers and its record show it, and would be waited for."""
    signatures = context.signatures
    tasks.run(COMPUTE, lambda: signatures.to_png(signatures.from_sample(sample)), untold, untold)


class PadSigning(OperatingPresenter[SigningState]):
    """What all who sign have in common; who it is and what becomes of the ink is told by the classes below it."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        ink: StrokeSink,
        screen: SignaturePad | None,
        state: SigningState,
        accept: Message,
    ) -> None:
        super().__init__(replace(state, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator = context, navigator
        self._sink, self._screen, self._words = ink, screen, accept
        self._task = CancellableTask(tasks)
        self._again = Command("repeat", message("common.repeat"), Action.REPEAT, runs=self.repeat)
        self._captured: Captured | None = None

    def stop(self) -> None:
        """Let go of the pad."""
        self._task.release()

    def choose(self, name: str) -> None:
        """Choose who stands here."""
        self._become(replace(self.state, chosen=name, wrong=None))

    def choose_next(self, by: int) -> None:
        """Move the choice."""
        names = [choice.name for choice in self.state.people]
        if names:
            self.choose(names[(names.index(self.state.chosen) + by) % len(names)])

    def repeat(self) -> None:
        """Sign again."""
        if self.state.signer:
            self._captured = None
            self._await_signature()

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        screen = self._screen
        if self.state.signer and screen is not None and self._captured is None:
            sign = self._context.capture.sign_on
            self._task.run(
                _PAD_EXECUTOR,
                lambda cancel: sign(screen, StepKind.SIGNATURE, self._sink, cancel),
                self._signed,
                lambda _: self._await_signature(),
            )

    def _keep_sample(self, sample: Sample) -> object:
        """Keep the ink, on the executor of the store."""
        raise NotImplementedError

    def _kept(self) -> None:
        """Go on after the ink was kept."""
        self._navigator.back()

    def _take(self, name: str) -> None:
        """Let whoever stands here sign."""
        self._captured = None
        self._become(replace(self.state, signer=name, wrong=None, people=()))
        self._await_signature()

    def _await_signature(self) -> None:
        accept = enter(self._words, self._keep, message("sarpras.sign_first"))
        bar = Bar(leave(self.back), (self._again, accept))
        self._become(replace(self.state, hint=message("sarpras.izin_sign"), ink=None, bar=bar))
        sign = self._context.capture.sign
        self._task.run(
            _PAD_EXECUTOR,
            lambda cancel: sign(StepKind.SIGNATURE, self._sink, cancel, self._screen),
            self._signed,
            self._pad_failed,
        )

    def _signed(self, captured: Captured) -> None:
        self._captured = captured
        sample = captured.result.samples[0]
        self._tasks.run(COMPUTE, lambda: self._context.signatures.from_sample(sample), self._drawn, self._refused)
        draw_ahead(self._context, self._tasks, sample)

    def _drawn(self, ink: Signature) -> None:
        bar = Bar(leave(self.back), (self._again, enter(self._words, self._keep)))
        self._become(replace(self.state, hint=message("sarpras.izin_check"), ink=ink, problem=None, bar=bar))

    def _keep(self) -> None:
        if self._captured is not None:
            sample = self._captured.result.samples[0]
            self._operate(Operation(work=lambda: self._keep_sample(sample), done=lambda _: self._kept()))

    def _pad_failed(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem, retry=self._again))

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, problem=problem, retry=None))


_EXECUTOR = device_executor(DeviceKind.CAMERA.value)


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is of a photo: nothing yet, a live picture, the photo, or why there is none."""

    is_live: bool = False
    away: Message = ""  # why the camera shows nothing
    jpeg: bytes = field(default=b"", repr=False)  # what was taken


class Viewfinder:
    """Drives the camera of the kit. `changed` gets each new sight; what comes after `release` is not told.

    `frames` is asked for where the live picture is shown when it is needed. A photo is at most `most_px` long.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        frames: Callable[[], PreviewSink],
        changed: Callable[[Sight], None],
        most_px: int = MOST_PX,
    ) -> None:
        self._context, self._tasks, self._frames, self._changed = context, tasks, frames, changed
        self._most_px = most_px
        self._cancel: CancelFlag | None = None
        self._is_wanted = False

    def look(self) -> None:
        """Show what the camera sees; a look that was under way ends."""
        self.release()
        cancel = self._cancel = CancelFlag()
        look, most_px = self._context.office.sarpras.photos.look, self._most_px
        frames = FirstFrame(self._frames(), lambda: self._tasks.post(lambda: self._tell(Sight(is_live=True), cancel)))
        self._tasks.run(
            _EXECUTOR,
            lambda: look(frames, cancel, most_px, lambda: self._is_wanted),
            lambda jpeg: self._seen(jpeg, cancel),
            lambda problem: self._tell(Sight(away=problem), cancel),
        )

    def take(self) -> None:
        """Take what it shows now."""
        if self._cancel is not None:
            self._is_wanted = True
            self._cancel.cancel()

    def release(self) -> None:
        """Let go of the camera."""
        if self._cancel is not None:
            self._cancel.cancel()
        self._cancel, self._is_wanted = None, False

    def _seen(self, jpeg: bytes, cancel: CancelFlag) -> None:
        if self._is_wanted:
            self._tell(Sight(jpeg=jpeg), cancel)

    def _tell(self, sight: Sight, cancel: CancelFlag) -> None:
        if cancel is self._cancel:
            self._changed(sight)
