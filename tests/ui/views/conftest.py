"""The whole window over a real store, with real executors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.app_context import PASSPHRASE, TARGETS, Kit, OpenDoor
from support.recording import RecordingKit
from support.recording_window import RecordingWindow
from support.room import Keys, make_keys

from fieldkit.ports.exchange import WaysBack
from ui.presenters.home.gauges import Gauges
from ui.presenters.parts import Stage
from ui.runtime.printing import LaptopPrinting
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import ThemeContext
from ui.runtime.typist import grab
from ui.views.form import WorkFormView
from ui.views.list_screen import ListView
from ui.views.screen import Screen
from ui.views.shell import Shell
from ui.views.window.window import Laptop, Program, build_window


class Window:
    """A window at the sign-in screen, and hands that only type."""

    def __init__(
        self, kit: Kit, theming: ThemeContext, qtbot: QtBot, folder: Path, ways: WaysBack | None = None
    ) -> None:
        self.kit, self.theming, self._qtbot = kit, theming, qtbot
        self.door = OpenDoor(kit.context)
        self.shell = Shell(theming)
        qtbot.addWidget(self.shell)
        self.bugs: list[BaseException] = []
        self.tasks = ExecutorTasks(on_bug=self.bugs.append)
        gauges = Gauges(lambda: 64, lambda: 212_000_000_000)
        laptop = Laptop(gauges, LaptopPrinting(folder / "papers"), ways_back=ways)
        self.program: Program = build_window(self.shell, self.door, self.tasks, theming, laptop)
        self.shell.show()
        qtbot.waitExposed(self.shell)
        self.shell.setUpdatesEnabled(False)  # a quarter of each test was painting; `shoot` paints
        self.settle()

    @property
    def view(self) -> Screen:
        page = self.shell.navigation.page
        assert page is not None
        return page.view

    @property
    def presenter(self) -> Any:
        """Return the presenter of the screen in front."""
        page = self.shell.navigation.page
        assert page is not None
        return page.presenter

    @property
    def name(self) -> str:
        """Return the screen in front: by its view, or by its name where all lists share one view."""
        if isinstance(self.view, (ListView, WorkFormView)):
            return self.shell.navigation.name.title().replace("_", "")
        return type(self.view).__name__.removesuffix("View")

    def wait(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition)
        assert not self.bugs

    def settle(self) -> None:
        """Wait until the screen in front shows something that stays."""
        self.wait(lambda: self.view.state.stage not in (Stage.LOADING, Stage.BUSY))

    def press(self, *keys: Qt.Key, to: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(self.shell.focusWidget() or self.shell, key, to)
            QApplication.processEvents()

    def type(self, text: str) -> None:
        for letter in text:
            QTest.keyClicks(self.shell.focusWidget() or self.shell, letter)
        QApplication.processEvents()  # after each letter the window would be painted, a quarter of the test

    def do(self, name: str) -> None:
        """Press a command that the screen in front offers."""
        state = self.view.state
        offered = (*state.bar.actions, *((state.empty.action,) if state.empty and state.empty.action else ()))
        self.view.command(next(command for command in offered if command.name == name))

    def sign_in(self) -> None:
        self.settle()  # keys typed before the names are there are typed at nobody
        self.type(PASSPHRASE)
        self.press(Qt.Key.Key_Return)
        self.reach("Home")

    def reach(self, name: str) -> None:
        """Wait for a screen."""
        self.wait(lambda: self.name == name)
        self.settle()

    def go(self, name: str, **params: str) -> None:
        self.shell.navigation.push(name, **params)
        self.settle()

    def close(self) -> None:
        self.shell.close()
        self.tasks.shutdown()
        assert not self.bugs


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def window(kit: Kit, theming: ThemeContext, qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    window = Window(kit, theming, qtbot, tmp_path)
    yield window
    window.close()


@pytest.fixture
def make_window() -> type[Window]:
    """Return what makes a window, for who wants one that is made otherwise."""
    return Window


@pytest.fixture
def shoot(window: Window) -> Callable[[str], None]:
    """Show the window in both languages and paint it; `FIELDKIT_SHOTS=/tmp/shots make test` keeps the pictures."""
    folder = os.environ.get("FIELDKIT_SHOTS", "")

    def take(name: str) -> None:
        window.shell.setUpdatesEnabled(True)
        for language in ("en", "id"):
            window.theming.catalog.choose(language)
            QApplication.processEvents()
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
                grab(window.shell, Path(folder) / f"{name}-{language}.png")
        window.shell.grab()
        window.shell.setUpdatesEnabled(False)

    return take


@pytest.fixture(scope="session")
def seal_keys() -> Keys:
    return make_keys()


@pytest.fixture
def recording_window(qtbot: QtBot, theming: ThemeContext, seal_keys: Keys, tmp_path: Path) -> Iterator[RecordingWindow]:
    """A window with a recording in front."""
    window = RecordingWindow(qtbot, theming, RecordingKit(tmp_path, seal_keys))
    yield window
    window.close()
