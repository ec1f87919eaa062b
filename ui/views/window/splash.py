"""What stands on the screen while something takes its time before the program's own window comes."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fieldkit.ports.messages import Messages
from ui.presenters.messages import Message, message
from ui.runtime.qt_application import qt_application
from ui.runtime.theme import Theme
from ui.runtime.theme_context import Catalog, ThemeContext
from ui.widgets.text import Role, Text

_WIDTH, _HEIGHT = 560, 180
_LONGEST_S = 0.5  # a desktop that does not show it must not keep the program waiting


class Splash:
    """Painted as soon as it is made, and then left as it is: nothing is served meanwhile."""

    def __init__(self, messages: Mapping[str, Messages], language: str, words: Message) -> None:
        self._qt = qt_application()
        theming = ThemeContext(Theme(self._qt), Catalog(messages))
        theming.catalog.choose(language)
        space = theming.tokens.space
        self.window = window = QWidget(None, Qt.WindowType.SplashScreen)
        window.setProperty("role", "page")
        window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        window.setFixedSize(_WIDTH, _HEIGHT)
        column = QVBoxLayout(window)
        column.setContentsMargins(space["xl"], space["xl"], space["xl"], space["xl"])
        column.addStretch(1)
        column.addWidget(Text(Role.TITLE, theming.say(message("ui.brand"))))
        column.addWidget(Text(Role.LEAD, theming.say(words), wraps=True))
        column.addStretch(1)
        window.show()
        self._paint()

    def close(self) -> None:
        """Take it away."""
        self.window.close()
        self.window.deleteLater()

    def _paint(self) -> None:
        until = time.monotonic() + _LONGEST_S
        handle = self.window.windowHandle()
        while handle is not None and not handle.isExposed() and time.monotonic() < until:
            self._qt.processEvents()
        self.window.repaint()
        self._qt.processEvents()
