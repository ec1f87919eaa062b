"""What the photo camera sees, live, until somebody takes it: of an item, a thumb mark, a paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fieldkit.ports.devices import DeviceKind, PreviewSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import MOST_PX
from ui.presenters.cancel import CancelFlag
from ui.presenters.cancellable_task import FirstFrame
from ui.presenters.messages import Message
from ui.presenters.tasks import Tasks, device_executor

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
