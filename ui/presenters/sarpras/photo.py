"""A photo of an item: the camera of the kit shows it live, or a file is named."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import PreviewSink
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, ViewState
from ui.presenters.readers import read_file
from ui.presenters.tasks import COMPUTE, Tasks
from ui.presenters.viewfinder import Sight, Viewfinder
from ui.presenters.ways_out import leave

_UNREADABLE = "sarpras.photo_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoState(ViewState):
    """The path as typed, and whether the camera shows something."""

    path: str = ""
    is_live: bool = False
    away: Message = ""  # why the camera shows nothing


class PhotoPresenter(OperatingPresenter[PhotoState]):
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
        take = Command("take", message("act.capture"), Action.CAPTURE, runs=self.accept)  # Space, as while recording
        super().__init__(PhotoState(bar=self._bar("", is_live=False), keyed=(take,)), tasks)
        self._context, self._navigator = context, navigator
        self._way, self._list_id, self._item_id = way, list_id, item_id
        self._camera = Viewfinder(context, tasks, lambda: frames, self._seen)

    def start(self) -> None:
        """Show what the camera sees."""
        self._camera.look()

    def stop(self) -> None:
        """Let go of the camera."""
        self._camera.release()

    def type(self, path: str) -> None:
        """Take a keystroke of the path."""
        self._become(replace(self.state, path=path, problem=None, bar=self._bar(path, is_live=self.state.is_live)))

    def accept(self) -> None:
        """Take the photo."""
        path = self.state.path.strip()
        if path:
            clean = self._context.office.sarpras.photos.clean
            self._tasks.run(COMPUTE, lambda: clean(*read_file(path, _UNREADABLE)), self._keep, self._stopped)
        elif self.state.is_live:
            self._camera.take()

    def _seen(self, sight: Sight) -> None:
        bar = self._bar(self.state.path, is_live=sight.is_live)
        self._become(replace(self.state, is_live=sight.is_live, away=sight.away, bar=bar))
        if sight.jpeg:
            self._keep(sight.jpeg)

    def _keep(self, jpeg: bytes) -> None:
        self._operate(Operation(work=lambda: self._kept(jpeg), done=lambda _: self._navigator.back()))

    def _kept(self, jpeg: bytes) -> object:
        office = self._context.office
        if self._way == "item":
            return office.inventory.photograph(self._item_id, jpeg)
        return office.sarpras.lists(self._way).add_photo(self._list_id, self._item_id, jpeg)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if not self.state.is_live:  # the camera was let go for this photo
            self.start()

    def _bar(self, path: str, *, is_live: bool) -> Bar:
        words = message("sarpras.take_file") if path.strip() else message("sarpras.take_photo")
        refused: Message = "" if is_live or path.strip() else message("sarpras.no_picture")
        return Bar(leave(self.back), (enter(words, self.accept, refused),))
