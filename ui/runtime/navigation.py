"""The way through the screens: a stack of pages, each a presenter and its view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from PySide6.QtCore import QKeyCombination, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget

from ui.presenters.presenter import Action, Presenter
from ui.views.screen import Screen

_MOST_PATIENCE_MS = 300


class Page(NamedTuple):
    """A screen with its presenter; the factory has connected the view's signals to the presenter's intents."""

    presenter: Presenter[Any]
    view: Screen[Any]


Factory = Callable[[Mapping[str, str]], Page]


class Navigation(QObject):
    """A `Navigator` over a stack of widgets. `changed` tells that another page is in front."""

    changed = Signal()

    def __init__(self, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._stack = stack
        self._factories: dict[str, Factory] = {}
        self._pages: list[Page] = []
        self._names: list[str] = []  # beside the pages, as the parameters
        self._params: list[Mapping[str, str]] = []

    def register(self, name: str, factory: Factory) -> None:
        """Name a screen. Raise `ValueError` when the name is taken."""
        if name in self._factories:
            raise ValueError(f"screen {name} is there twice")
        self._factories[name] = factory

    @property
    def page(self) -> Page | None:
        """Return the page in front."""
        return self._pages[-1] if self._pages else None

    @property
    def name(self) -> str:
        """Return the name of the screen in front, "" without one."""
        return self._names[-1] if self._pages else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the screens, the lowest first."""
        return tuple(self._names)

    @property
    def activity_id(self) -> str:
        """Return the activity for which the screen in front, or the nearest below it, was opened; "" without one."""
        return next((found for params in reversed(self._params) if (found := params.get("activity_id"))), "")

    def tell(self, kinds: frozenset[str]) -> None:
        """Let the page in front read anew when it shows what was written; those below read when they come back."""
        page = self.page
        if page is not None and page.presenter.reads & kinds:
            page.presenter.refresh()

    def push(self, name: str, **params: str) -> None:
        """Open a screen on top; `back` returns here."""
        self._leave()
        self._open(name, params)

    def back(self) -> None:
        """Close the screen on top; the lowest one stays."""
        if len(self._pages) > 1:
            self._leave()
            self._drop()
            self._await_news(self._pages[-1].view)
            self._enter()

    def replace(self, name: str, **params: str) -> None:
        """Open a screen in the place of the one on top."""
        self._leave()
        self._drop()
        self._open(name, params)

    def restart(self, name: str, **params: str) -> None:
        """Close all screens and open this one."""
        self._leave()
        while self._pages:
            self._drop()
        self._open(name, params)

    def go_to(self, name: str, **params: str) -> None:
        """Close all screens but the lowest, and open this one on it where it is another."""
        self._leave()
        while len(self._pages) > 1:
            self._drop()
        if name == self.name:
            self._await_news(self._pages[-1].view)
            self._enter()
        else:
            self._open(name, params)

    def close(self) -> None:
        """Close all screens."""
        self._leave()
        while self._pages:
            self._drop()

    def _open(self, name: str, params: Mapping[str, str]) -> None:
        page = self._factories[name](params)
        self._pages.append(page)
        self._names.append(name)
        self._params.append(params)
        self._stack.addWidget(page.view)
        page.view.commanded.connect(page.presenter.perform)
        page.presenter.listen(page.view.render)
        self._enter()

    def _enter(self) -> None:
        page = self._pages[-1]
        self._stack.setCurrentWidget(page.view)
        self.changed.emit()
        page.presenter.start()

    def _await_news(self, view: Screen[Any]) -> None:
        """Paint nothing of a screen that is returned to until it has read anew: what it last showed is old."""

        def paint() -> None:
            view.setUpdatesEnabled(True)

        view.setUpdatesEnabled(False)
        view.rendered.connect(paint, Qt.ConnectionType.SingleShotConnection)
        QTimer.singleShot(_MOST_PATIENCE_MS, view, paint)  # for one that has nothing to read

    def _leave(self) -> None:
        if self._pages:
            self._pages[-1].presenter.stop()

    def _drop(self) -> None:
        if self._pages:
            page = self._pages.pop()
            self._names.pop()
            self._params.pop()
            page.presenter.deafen()
            self._stack.removeWidget(page.view)
            page.view.deleteLater()


# From a key press to an act of the table.

_IGNORED = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier


@cache
def _acts() -> dict[str, Action]:
    from PySide6.QtGui import QKeySequence  # on demand: dear to load, and not needed before the first key

    return {QKeySequence(act.key).toString(): act for act in Action}


def act_of(event: QKeyEvent) -> Action | None:
    """Return the act of a key press; the keypad's Enter and digits count as the others."""
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else Qt.Key(event.key())
    pressed = QKeyCombination(event.modifiers() & ~_IGNORED, key)
    from PySide6.QtGui import QKeySequence

    return _acts().get(QKeySequence(pressed).toString())
