"""The program as a whole on one machine: Qt, the look, the executors, the window."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from PySide6.QtCore import QTimer

from fieldkit.ports.messages import Messages
from fieldkit.services.context.door import Door
from ui.presenters.presenter import Presenter
from ui.runtime.process import Interrupts, WindowGarbage
from ui.runtime.qt_application import qt_application
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import Theme
from ui.runtime.theme_context import Catalog, ThemeContext
from ui.runtime.window_memory import WindowMemory
from ui.views.shell import Shell
from ui.views.window.window import Laptop, build_window

_PAINTED_MS = 200  # the names to pick from are there by then


class Application:
    """Built once per process; `close` lets go of threads and devices before the store is locked."""

    def __init__(self, door: Door, messages: Mapping[str, Messages], language: str, laptop: Laptop) -> None:
        self.qt = qt_application()
        self._interrupts = Interrupts(self._leave)  # first: what is half built cannot be left
        self.theming = ThemeContext(Theme(self.qt), Catalog(messages))
        self.theming.catalog.choose(language)
        self.shell = Shell(self.theming)
        self.tasks = ExecutorTasks(on_bug=self._show_bug)
        self._garbage = WindowGarbage()
        self._hook = sys.excepthook
        sys.excepthook = self._caught
        self.program = build_window(self.shell, door, self.tasks, self.theming, laptop)
        self.bugs: list[BaseException] = []

    @property
    def presenter(self) -> Presenter[Any]:
        """Return the presenter of the screen in front."""
        page = self.shell.navigation.page
        assert page is not None
        return page.presenter

    @property
    def screen(self) -> str:
        """Return the name of the screen in front."""
        return self.shell.navigation.name

    def exec(self, memory: WindowMemory, once_shown: Callable[[], None]) -> int:
        """Show the window as it stood last time and serve until it is closed; call `once_shown` when it is painted."""
        memory.restore(self.shell, self.theming)
        self.shell.closing.connect(lambda: memory.keep(self.shell, self.theming))
        self.shell.show()
        QTimer.singleShot(_PAINTED_MS, once_shown)
        gc.freeze()
        return self.qt.exec()

    def _leave(self) -> None:
        self.shell.close()
        self.qt.quit()

    def close(self) -> None:
        """Leave every screen and wait for the executors."""
        self.program.close()
        self.tasks.shutdown()
        self._interrupts.end()
        self._garbage.end()
        sys.excepthook = self._hook

    def _caught(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        self._show_bug(error)

    def _show_bug(self, error: BaseException) -> None:
        self.bugs.append(error)
        self.shell.show_bug(error)
