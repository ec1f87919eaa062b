"""Collects garbage on the thread of the window.

Python looks for garbage on whichever thread just made something. A closed screen is a circle of references, so an
executor could come to destroy a widget, and Qt's widgets may only die where they live.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1_000


class WindowGarbage(QObject):
    """Takes over from Python's own collector until `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_due)
        self._timer.start(_EVERY_MS)

    def end(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()


def collect_due() -> None:
    """Collect the generations that Python would collect by now, the oldest of them last."""
    for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
        if count <= threshold:
            break
        gc.collect(generation)
