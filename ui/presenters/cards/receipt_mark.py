"""What proves that somebody took a document: a signature on the pad, or the picture of a thumb mark or signed paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fieldkit.domain.cards.card import MarkKind
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.ports.devices import DeviceKind, PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import MOST_PX, PAPER_PX
from fieldkit.services.recording.capture import Captured
from fieldkit.services.sop.evidence import UNREADABLE, evidence_of
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.messages import Message
from ui.presenters.readers import read_file
from ui.presenters.tasks import COMPUTE, Tasks, device_executor
from ui.presenters.viewfinder import Sight, Viewfinder

_PAD = device_executor(DeviceKind.SIGNATURE_PAD.value)


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark as far as it is there. `content` is what is kept: PNG, JPEG or PDF."""

    kind: MarkKind = MarkKind.SIGNATURE
    content: bytes = b""
    ink: Signature | None = None
    name: str = ""  # of the file it came from
    path: str = ""  # as typed
    is_live: bool = False  # the camera shows something
    away: Message = ""  # why pad or camera give nothing
    problem: Problem | None = None


NO_MARK = Mark()


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where ink and frames are shown; `screen` takes signatures while no pad is there."""

    ink: StrokeSink
    frames: PreviewSink
    screen: SignaturePad | None = None


class MarkTaking:
    """Drives pad and camera. `changed` gets each new state of the mark."""

    def __init__(self, context: AppContext, tasks: Tasks, sinks: Sinks, changed: Callable[[Mark], None]) -> None:
        self._context, self._tasks, self._sinks, self._changed = context, tasks, sinks, changed
        self._task = CancellableTask(tasks)
        self._camera: Viewfinder | None = None
        self._turn = 0  # what was begun before the last change of mind comes too late
        self.mark = NO_MARK

    def sign(self) -> None:
        """Wait for a signature."""
        self.release()
        self._tell(NO_MARK)
        capture, sinks = self._context.capture, self._sinks
        self._task.run(
            _PAD,
            lambda cancel: capture.sign(StepKind.SIGNATURE, sinks.ink, cancel, sinks.screen),
            self._signed,
            lambda problem: self._tell(replace(self.mark, away=problem, problem=problem)),
        )

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        screen, capture, ink = self._sinks.screen, self._context.capture, self._sinks.ink
        if screen is None or self.mark.content or self.mark.kind is not MarkKind.SIGNATURE:
            return
        self._task.run(
            _PAD,
            lambda cancel: capture.sign_on(screen, StepKind.SIGNATURE, ink, cancel),
            self._signed,
            lambda _: self.sign(),
        )

    def picture(self, kind: MarkKind) -> None:
        """Show what the camera sees, to photograph a thumb mark or a signed paper."""
        self.release()
        self._tell(Mark(kind, path=self.mark.path))
        most_px = PAPER_PX if kind is MarkKind.SCAN else MOST_PX
        self._camera = Viewfinder(self._context, self._tasks, lambda: self._sinks.frames, self._seen, most_px)
        self._camera.look()

    def again(self) -> None:
        """Take the mark once more, the same way."""
        if self.mark.kind is MarkKind.SIGNATURE:
            self.sign()
        else:
            self.picture(self.mark.kind)

    def type(self, path: str) -> None:
        """Take a keystroke of the path of a file."""
        self._tell(replace(self.mark, path=path, problem=None))

    def take(self) -> None:
        """Take what the camera shows, or the file whose path was typed."""
        path, pictures = self.mark.path.strip(), self._context.pictures
        if path:

            def read() -> Mark:
                file = evidence_of(*read_file(path, UNREADABLE), pictures)
                return replace(self.mark, content=file.content, name=file.name, is_live=False, problem=None)

            self._compute(read)
        elif self._camera is not None and self.mark.is_live:
            self._camera.take()

    def release(self) -> None:
        """Let go of pad and camera."""
        self._task.release()
        self._turn += 1
        if self._camera is not None:
            self._camera.release()
            self._camera = None

    def _signed(self, captured: Captured) -> None:
        sample, signatures = captured.result.samples[0], self._context.signatures

        def draw() -> Mark:
            ink = signatures.from_sample(sample)
            return Mark(MarkKind.SIGNATURE, signatures.to_png(ink), ink)

        self._compute(draw)

    def _compute(self, make: Callable[[], Mark]) -> None:
        turn = self._turn

        def done(mark: Mark) -> None:
            if turn == self._turn:
                self._taken(mark)

        self._tasks.run(COMPUTE, make, done, self._refused)

    def _seen(self, sight: Sight) -> None:
        if sight.jpeg:
            self._taken(replace(self.mark, content=sight.jpeg, is_live=False, problem=None))
        else:
            self._tell(replace(self.mark, is_live=sight.is_live, away=sight.away))

    def _taken(self, mark: Mark) -> None:
        self.release()
        self._tell(mark)

    def _refused(self, problem: Problem) -> None:
        self._tell(replace(self.mark, problem=problem))

    def _tell(self, mark: Mark) -> None:
        self.mark = mark
        self._changed(mark)
