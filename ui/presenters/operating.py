"""A screen that acts: one operation at a time, told by one toast or by the problem that stopped it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Clip, Progress, Stage, Toast, Tone, ViewState, unread
from ui.presenters.presenter import Action, Command, Navigator, Operation, Presenter, message
from ui.presenters.tasks import STORE, Tasks

V = TypeVar("V", bound=ViewState)


class OperatingPresenter(Presenter[V]):
    """Base of the screens whose commands carry operations, and that can be left."""

    _navigator: Navigator

    def __init__(self, state: V, tasks: Tasks) -> None:
        super().__init__(state)
        self._tasks = tasks
        self._is_operating = False

    def perform(self, command: Command) -> None:
        """Do what a command means; a second press while its work is under way does nothing."""
        if command.refused:
            return
        if isinstance(command.runs, Operation):
            self._operate(command.runs)
        else:
            if self.state.stage is not Stage.ERROR:  # what stands above the content is answered by what is done next
                self._become(replace(self.state, problem=None, retry=None))
            super().perform(command)

    def refresh(self) -> None:
        """Read the screen anew, as when it comes to the front."""
        self.start()

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    def _failed(self, problem: Problem) -> None:
        """Say what went wrong in place of what could not be read."""
        self._become(unread(self.state, problem, self))

    def _operate(self, operation: Operation[Any]) -> None:
        if self._is_operating:
            return
        self._is_operating = True
        self._begin(operation)

    def _begin(self, operation: Operation[Any]) -> None:
        def done(result: Any) -> None:
            if operation.then is not None:
                follow: Callable[[Any], Operation[Any]] = operation.then
                self._begin(follow(result))
                return
            self._is_operating = False
            self._rest()
            words = operation.told(result)
            toast = Toast(words, Tone.GOOD, self._undo(operation, result)) if words else self.state.toast
            clip = Clip(operation.copies) if operation.copies else self.state.clip
            self._become(replace(self.state, problem=None, retry=None, toast=toast, clip=clip))
            operation.done(result)

        if operation.busy:
            self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(operation.busy), problem=None))
        if operation.executor == STORE:  # what somebody asked for is on disk though the window closes at once
            self._tasks.write(operation.work, self._stopped, done)
        else:
            self._tasks.run(operation.executor, operation.work, done, self._stopped)

    def _rest(self) -> None:
        if self.state.stage is Stage.BUSY:
            self._become(replace(self.state, stage=Stage.CONTENT, progress=None))

    def _undo(self, operation: Operation[Any], result: Any) -> Command | None:
        if operation.undo is None:
            return None
        undo: Callable[[Any], Operation[Any]] = operation.undo
        return Command("undo", message("common.undo"), Action.UNDO, runs=undo(result))

    def _stopped(self, problem: Problem) -> None:
        self._is_operating = False
        self._rest()
        self._become(replace(self.state, problem=problem))
