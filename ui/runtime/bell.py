"""What is told to ears: a sound for captured, repeat and done, and where it is wanted a voice for the resident.

Where no sound file can be played, the plain bell of the desktop rings so often that the three sound unlike each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from ui.presenters.parts import Chime, Sound

STROKES: Mapping[Sound, int] = {Sound.CAPTURED: 1, Sound.REPEAT: 2, Sound.DONE: 3}
GAP_MS = 180
AFTER_SOUND_MS = 600


class Bell(QObject):
    """Sounds each chime once. `has_voice` says whether sentences are spoken."""

    def __init__(
        self,
        parent: QObject,
        beep: Callable[[], None] = QApplication.beep,
        play: Callable[[str], bool] | None = None,
        has_voice: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(parent)
        self._beep, self._given, self._has_voice = beep, play, has_voice
        self._heard: Chime | None = None
        self._left = 0
        self._spoken = ""
        self._timer, self._pause = QTimer(self), QTimer(self)
        self._timer.setInterval(GAP_MS)
        self._timer.timeout.connect(self._strike)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._speak)

    @cached_property
    def _play(self) -> Callable[[str], bool]:
        from ui.runtime.sounds import Sounds  # on demand: the sign-in screen stands before anything sounds

        return self._given or Sounds(self).play

    def pass_over(self, chime: Chime | None) -> None:
        """Take a chime as heard: it belongs to what a screen said before it came back to the front."""
        self._heard = chime

    def ring(self, chime: Chime | None) -> None:
        """Sound a chime that was not heard yet; it takes the place of one that still sounds."""
        if chime is None or chime == self._heard:
            return
        self._heard, self._spoken = chime, chime.spoken if self._has_voice() else ""
        self._timer.stop()
        self._pause.stop()
        if chime.sound is None:
            self._speak()
            return
        if self._play(chime.sound.value):
            self._pause.start(AFTER_SOUND_MS)
            return
        self._left = STROKES[chime.sound]
        self._strike()

    def _speak(self) -> None:
        if self._spoken:
            self._play(f"say_{self._spoken}")

    def _strike(self) -> None:
        self._beep()
        self._left -= 1
        if self._left > 0:
            self._timer.start()
        else:
            self._timer.stop()
