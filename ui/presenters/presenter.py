"""What every presenter has in common: one immutable state, shown whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ui.presenters.commands import Command

S = TypeVar("S")


class Presenter(Generic[S]):
    """Hold the state of one screen. `show` is called with each new state on the thread of the window."""

    def __init__(self, state: S) -> None:
        self._state = state
        self._show: Callable[[S], None] | None = None

    @property
    def state(self) -> S:
        """Return what the screen shows now."""
        return self._state

    def listen(self, show: Callable[[S], None]) -> None:
        """Show the state now and whenever it changes."""
        self._show = show
        show(self._state)

    def deafen(self) -> None:
        """Forget the view; late results change the state and nothing else."""
        self._show = None

    def perform(self, command: Command) -> None:
        """Do what a command of the screen means. Only an `OperatingPresenter` has operations."""
        if command.refused:
            return
        if not callable(command.runs):
            raise TypeError(f"{type(self).__name__} has no way to do {command.name!r}")
        command.runs()

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of things that the screen shows: when one of them is written it is told to `refresh`."""
        return frozenset()

    def refresh(self) -> None:
        """Read anew what the screen shows; the screen stays as it is meanwhile."""

    def start(self) -> None:
        """Act when the screen comes to the front, for the first time or again."""

    def stop(self) -> None:
        """Act when the screen leaves the front: let go of previews and clocks."""

    def touch(self) -> None:
        """Act when somebody pressed a key or the mouse anywhere."""

    def rest(self) -> None:
        """Act when the screen is locked."""

    def go_on(self) -> None:
        """Act when the screen is unlocked."""

    def settle(self) -> None:
        """Act when a field is left, the screen locked or the program closed: keep what was typed."""

    def _become(self, state: S) -> None:
        if state == self._state:
            return
        self._state = state
        if self._show is not None:
            self._show(state)
