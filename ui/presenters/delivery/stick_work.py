"""Work with a stick: the form on which one is chosen, how far the work is, and how it is stopped."""

from __future__ import annotations

import threading
from abc import abstractmethod
from dataclasses import replace
from typing import Any, Generic, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.backups import Drive
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.cancel import CancelFlag
from ui.presenters.commands import Command, Weight, enter
from ui.presenters.delivery.drives import place_of, stick_fields, with_text
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Progress, Stage
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STICK, Tasks
from ui.presenters.ways_out import leave, unread

F = TypeVar("F", bound=FormState)
P = TypeVar("P")


class StickWorkPresenter(Presenter[F], Generic[F, P]):
    """Enter works with the stick that is chosen, F5 looks for sticks again; who leaves stops the work first.

    It is a sink of progress too: what is offered comes on the executor and is shown on the thread of the window.
    """

    def __init__(self, state: F, words: Message, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(replace(state, stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._words, self._context, self._tasks, self._navigator = words, context, tasks, navigator
        self._drives: tuple[Drive, ...] = ()
        self._flag: CancelFlag | None = None  # of the work under way
        self._turn = threading.Lock()
        self._newest: P | None = None

    @abstractmethod
    def read_hints(self) -> tuple[Message, Message]:
        """Return what stands above the form, and below the field of the folder; on the executor."""

    @abstractmethod
    def work(self, place: str, flag: CancelFlag) -> None:
        """Begin the work with a folder; `_ended` ends it."""

    @abstractmethod
    def shown(self, step: P) -> Progress:
        """Return how far the work is."""

    def start(self) -> None:
        """Look for sticks."""
        self.refresh()

    def refresh(self) -> None:
        """Look for sticks again: one was plugged in or pulled out."""
        drives = self._context.backups.drives
        self._tasks.run(STICK, lambda: (tuple(drives()), self.read_hints()), self._found, self._unread)

    def type(self, name: str, text: str) -> None:
        """Take a keystroke of the other folder, or the choice of a stick; a folder that was typed gives way to it."""
        self._become(replace(self.state, fields=with_text(self.state.fields, name, text), problem=None))

    def accept(self) -> None:
        """Work with the folder that was typed, else with the stick that is chosen."""
        if self.state.stage is not Stage.CONTENT or self._refused():
            return
        if not (place := place_of(self.state.fields, self._drives)):
            self._failed(Problem("stick.none"))
            return
        self._flag, self._newest = CancelFlag(), None
        self.work(place, self._flag)

    def stop(self) -> None:
        """Stop the work under way after the piece that it is at."""
        if self._flag is not None:
            self._flag.cancel()
            self._become(replace(self.state, progress=Progress(message("cadangan.stopping"))))

    def back(self) -> None:
        """Go back; work under way must be stopped first."""
        if self._flag is None:
            self._navigator.back()

    def offer(self, progress: P) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first, self._newest = self._newest is None, progress
        if is_first:
            self._tasks.post(self._show_newest)

    def _show_newest(self) -> None:
        with self._turn:
            step, self._newest = self._newest, None
        if step is not None and self._flag is not None and not self._flag.is_cancelled():
            self._show_progress(self.shown(step))

    def _show_progress(self, progress: Progress) -> None:
        stop = Command("stop", message("cadangan.stop"), Action.BACK, Weight.PLAIN, runs=self.stop)
        shown = progress._replace(cancel=replace(stop, act=None))
        self._become(replace(self.state, stage=Stage.BUSY, progress=shown, bar=Bar(stop), problem=None, toast=None))

    def _found(self, found: tuple[tuple[Drive, ...], tuple[Message, Message]]) -> None:
        drives, (hint, place_hint) = found
        fields = stick_fields(drives, self.state.fields, self._drives, place_hint)
        self._drives = drives
        self._become(replace(self.state, fields=fields, hint=hint, retry=None))
        if self._flag is None:
            self._rest(problem=None if self.state.stage is Stage.ERROR else self.state.problem)

    def _ended(self, **changes: Any) -> None:
        """Show the form again; the work is over."""
        self._flag = None
        self._rest(**changes)

    def _rest(self, **changes: Any) -> None:
        look = Command("refresh", message("cadangan.look"), Action.REFRESH, runs=self.refresh)
        accept = enter(self._words, self.accept, self._refused())
        bar = Bar(leave(self.back), (look, accept))
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, bar=bar, **changes))

    def _failed(self, problem: Problem) -> None:
        self._ended(problem=problem)

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))

    def _refused(self) -> Message:
        return "" if self._context.user.may(Permission.SEND) else message("kirim.not_your_role")
