"""The hands and eyes of a scripted person: keys into a window, looks at what its screens show, pictures of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from fieldkit.domain.errors import KnownError
from fieldkit.services.context.app_context import AppContext
from ui.presenters.list_presenter import ListPresenter
from ui.presenters.parts import Stage, ViewState
from ui.presenters.presenter import Presenter
from ui.runtime.typist import Typist, grab
from ui.views.window.application import Application

_PATIENCE_S = 30.0
P = TypeVar("P", bound=Presenter[Any])


class Hands:
    """Works the window by keyboard. Raise `KnownError("demo.stuck")` where a screen does not come."""

    def __init__(self, application: Application, pictures: Path) -> None:
        self.application, self.pictures = application, pictures
        self.typist = Typist(application.shell)
        self.screenshots: list[Path] = []
        self.picture_seconds = 0.0  # taking pictures is the demo's own work, not the program's
        pictures.mkdir(parents=True, exist_ok=True)

    @property
    def keystrokes(self) -> int:
        """Return how many keys were pressed so far."""
        return self.typist.keystrokes

    @property
    def context(self) -> AppContext:
        """Return the context of who is signed in."""
        return self.application.program.signed_in().context

    def front(self) -> Presenter[Any]:
        """Return the presenter of the screen in front. Raise `KeyboardInterrupt` when somebody pressed Ctrl-C."""
        if self.application.shell.navigation.page is None:  # it closed the window under these hands
            raise KeyboardInterrupt
        return self.application.presenter

    def arrive(self, kind: type[P]) -> P:
        """Wait until a screen of this kind stands in front with its content."""

        def is_there() -> bool:
            state = self.front().state
            is_ready = not isinstance(state, ViewState) or state.stage in (Stage.CONTENT, Stage.EMPTY)
            return isinstance(self.front(), kind) and is_ready

        self.wait(kind.__name__, is_there)
        front = self.front()
        assert isinstance(front, kind)
        return front

    def arrive_at(self, screen: str) -> ListPresenter[Any]:
        """Wait until the list of this name stands in front with its content."""
        self.wait(screen, lambda: self.application.screen == screen)
        return self.arrive(ListPresenter)

    def press_until(self, key: str, is_so: Callable[[], bool]) -> None:
        """Press a key again and again until something is so."""
        for _ in range(12):
            if is_so():
                return
            self.typist.press(key)
            self.typist.wait_until(is_so, 0.4)
        self.fail(key)

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        """Serve the window until something is so."""

        def is_so_or_broken() -> bool:
            self.front()
            return bool(self.application.bugs) or is_so()

        if not self.typist.wait_until(is_so_or_broken, _PATIENCE_S):
            self.fail(what)
        if self.application.bugs:
            raise self.application.bugs[0]

    def fail(self, what: str) -> None:
        """Give up with a picture of where it got stuck."""
        self.shoot("macet")
        raise KnownError("demo.stuck", screen=type(self.front()).__name__, what=what)

    def shoot(self, name: str, settle_s: float = 0.0, until: Callable[[], bool] = lambda: False) -> None:
        """Take a picture, once per name, when `until` is so or `settle_s` went by.

        Its number tells the order, also of others who work at this window.
        """
        if any(path.stem.partition("-")[2] == name for path in self.screenshots):
            return
        path = self.pictures / f"{len(list(self.pictures.glob('*.png'))) + 1:03}-{name}.png"
        begun = time.monotonic()
        self.typist.wait_until(until, settle_s)
        grab(self.application.shell, path)
        self.screenshots.append(path)
        self.picture_seconds += time.monotonic() - begun
