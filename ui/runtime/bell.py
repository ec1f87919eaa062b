"""The plain bell of the desktop, rung so often that captured, repeat and done sound unlike each other.

Qt's sound library is not among the parts that are installed; where a desktop has no bell, nothing sounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from ui.presenters.parts import Chime, Sound

STROKES: Mapping[Sound, int] = {Sound.CAPTURED: 1, Sound.REPEAT: 2, Sound.DONE: 3}
GAP_MS = 180


class Bell(QObject):
    """Rings each chime once."""

    def __init__(self, parent: QObject, beep: Callable[[], None] = QApplication.beep) -> None:
        super().__init__(parent)
        self._beep = beep
        self._heard: Chime | None = None
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(GAP_MS)
        self._timer.timeout.connect(self._strike)

    def pass_over(self, chime: Chime | None) -> None:
        """Take a chime as heard: it belongs to what a screen said before it came back to the front."""
        self._heard = chime

    def ring(self, chime: Chime | None) -> None:
        """Ring a chime that was not heard yet; it takes the place of one that still sounds."""
        if chime is None or chime == self._heard:
            return
        self._heard, self._left = chime, STROKES[chime.sound]
        self._strike()

    def _strike(self) -> None:
        self._beep()
        self._left -= 1
        if self._left > 0:
            self._timer.start()
        else:
            self._timer.stop()
