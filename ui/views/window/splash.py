"""What stands on the screen before the program's own window comes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QSplashScreen, QWidget

from assets import FOLDER
from ui.runtime.qt_application import qt_application

if TYPE_CHECKING:  # to load the class takes a splash of its own
    from PySide6.QtCore import QEvent

_WIDTH, _HEIGHT = 560, 180
_LONGEST_S = 0.5  # a desktop that does not show it must not keep the program waiting


class Splash(QSplashScreen):
    """Painted as soon as it is made, and then left as it is: nothing is served meanwhile.

    Dressed by stylesheets alone: a painter or the class `Qt` would first build a hundred Python enums, 12 ms.
    """

    def __init__(self, brand: str, words: str = "") -> None:
        qt = qt_application()
        ground = QPixmap(_WIDTH, _HEIGHT)
        ground.fill()
        super().__init__(ground)
        tokens = json.loads((FOLDER / "tokens.json").read_text("utf-8"))
        colours = next(iter(tokens["theme"].values()))  # the strip is dark with white letters in every theme
        edges, half = f"{tokens['space']['sm']}px {tokens['space']['xl']}px", _HEIGHT // 2
        title, below = QLabel(brand, self), QLabel(words, self)
        below.setObjectName("below")
        self.setStyleSheet(f"""
            QLabel {{ background: {colours["strip"]}; color: {colours["strip_text"]}; padding: {edges};
                font: bold {tokens["font"]["title"]}px; qproperty-alignment: AlignBottom; }}
            #below {{ font: {tokens["font"]["lead"]}px; qproperty-alignment: AlignTop; }}""")
        below.setWordWrap(True)
        title.setGeometry(0, 0, _WIDTH, half)
        below.setGeometry(0, half, _WIDTH, half)
        self.show()
        until = time.monotonic() + _LONGEST_S
        handle = self.windowHandle()
        while handle is not None and not handle.isExposed() and time.monotonic() < until:
            qt.processEvents()
        self.repaint()

    def event(self, event: QEvent) -> bool:
        """Behave as any widget: Qt's splash waits up to a second for a desktop that maps it, and spins meanwhile."""
        return QWidget.event(self, event)
