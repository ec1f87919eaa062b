"""A photo of an item: the camera of the kit shows it live, or a file is named."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import DeviceKind, PreviewSink
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cancel import CancelFlag
from ui.presenters.cancellable_task import FirstFrame
from ui.presenters.commands import enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.readers import read_file
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor
from ui.presenters.ways_out import leave

_EXECUTOR = device_executor(DeviceKind.CAMERA.value)
_UNREADABLE = "sarpras.photo_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoState(ViewState):
    """The path as typed, and whether the camera shows something."""

    path: str = ""
    is_live: bool = False
    away: Message = ""  # why the camera shows nothing


class PhotoPresenter(Presenter[PhotoState]):
    """Enter takes what the camera shows, or the file when a path was typed."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        frames: PreviewSink,
        way: str,
        list_id: str,
        item_id: str,
    ) -> None:
        super().__init__(PhotoState(bar=self._bar("", is_live=False)))
        self._context, self._tasks, self._navigator, self._frames = context, tasks, navigator, frames
        self._way, self._list_id, self._item_id = way, list_id, item_id
        self._cancel: CancelFlag | None = None
        self._is_wanted = False

    def start(self) -> None:
        """Show what the camera sees."""
        cancel = self._cancel = CancelFlag()
        self._is_wanted = False
        frames = FirstFrame(self._frames, lambda: self._tasks.post(lambda: self._live(cancel)))
        look = self._context.office.sarpras.photos.look
        self._tasks.run(
            _EXECUTOR,
            lambda: look(frames, cancel),
            lambda jpeg: self._taken(jpeg, cancel),
            lambda p: self._away(p, cancel),
        )

    def stop(self) -> None:
        """Let go of the camera."""
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None

    def back(self) -> None:
        """Go back without a photo."""
        self._navigator.back()

    def type(self, path: str) -> None:
        """Take a keystroke of the path."""
        self._become(replace(self.state, path=path, problem=None, bar=self._bar(path, is_live=self.state.is_live)))

    def accept(self) -> None:
        """Take the photo."""
        path = self.state.path.strip()
        if path:
            clean = self._context.office.sarpras.photos.clean
            self._tasks.run(COMPUTE, lambda: clean(*read_file(path, _UNREADABLE)), self._keep, self._refused)
        elif self._cancel is not None and self.state.is_live:
            self._is_wanted = True
            self._cancel.cancel()

    def _live(self, cancel: CancelFlag) -> None:
        if cancel is self._cancel:
            self._become(replace(self.state, is_live=True, away="", bar=self._bar(self.state.path, is_live=True)))

    def _taken(self, jpeg: bytes, cancel: CancelFlag) -> None:
        if cancel is self._cancel and self._is_wanted:
            self._keep(jpeg)

    def _away(self, problem: Problem, cancel: CancelFlag) -> None:
        if cancel is self._cancel:
            self._become(
                replace(self.state, is_live=False, away=problem, bar=self._bar(self.state.path, is_live=False))
            )

    def _keep(self, jpeg: bytes) -> None:
        self._tasks.run(STORE, lambda: self._kept(jpeg), lambda _: self._navigator.back(), self._refused)

    def _kept(self, jpeg: bytes) -> object:
        office = self._context.office
        if self._way == "out":
            return office.sarpras.out.add_photo(self._list_id, self._item_id, jpeg)
        if self._way == "in":
            return office.sarpras.back.add_photo(self._list_id, self._item_id, jpeg)
        return office.inventory.photograph(self._item_id, jpeg)

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))
        if self._is_wanted:  # the camera was let go for this photo
            self.start()

    def _bar(self, path: str, *, is_live: bool) -> Bar:
        words = message("sarpras.take_file") if path.strip() else message("sarpras.take_photo")
        refused: Message = "" if is_live or path.strip() else message("sarpras.no_picture")
        return Bar(leave(self.back), (enter(words, self.accept, refused),))
