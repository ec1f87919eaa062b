"""What is told to ears: a sound for captured, repeat and done, and where it is wanted a voice for the resident.

Where no sound file can be played, the plain bell of the desktop rings so often that the three sound unlike each other.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from assets import FOLDER
from ui.presenters.parts import Chime, Sound

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")  # PipeWire, PulseAudio, ALSA, macOS
Play = Callable[[Path], None]
STROKES: Mapping[Sound, int] = {Sound.CAPTURED: 1, Sound.REPEAT: 2, Sound.DONE: 3}
GAP_MS = 180
AFTER_SOUND_MS = 600


class Sounds:
    """One sound at a time; the next takes the place of the one that still sounds."""

    def __init__(self, parent: QObject, play: Play | None = None) -> None:
        self._parent, self._play, self._is_sought = parent, play, play is not None

    def play(self, name: str) -> bool:
        """Play a sound by its name and return whether it can be heard here."""
        if not self._is_sought:
            self._play, self._is_sought = find_player(self._parent), True
        path = FOLDER / "sounds" / f"{name}.wav"
        if self._play is None or not path.is_file():
            return False
        self._play(path)
        return True


def find_player(parent: QObject) -> Play | None:
    """Return what plays a file here; None without anything, and for a window that nobody sees."""
    if QGuiApplication.platformName() == "offscreen":
        return None
    return _by_qt(parent) or _by_windows() or _by_program(parent)


def _by_qt(parent: QObject) -> Play | None:
    """Return Qt's player, where its part with sounds (PySide6-Addons) is installed."""
    from PySide6.QtCore import QUrl  # on demand, as below: the sign-in screen sounds nothing

    try:
        multimedia = importlib.import_module("PySide6.QtMultimedia")
    except ImportError:
        return None
    effect = multimedia.QSoundEffect(parent)

    def play(path: Path) -> None:
        effect.stop()
        effect.setSource(QUrl.fromLocalFile(str(path)))
        effect.play()

    return play


def _by_windows() -> Play | None:
    if sys.platform != "win32":
        return None
    import winsound

    return lambda path: winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC)


def _by_program(parent: QObject) -> Play | None:
    found = next((found for name in PLAYERS if (found := shutil.which(name))), None)
    if found is None:
        return None
    from PySide6.QtCore import QProcess

    process, program = QProcess(parent), found

    def stop() -> None:
        if process.state() is not QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(200)

    def play(path: Path) -> None:
        stop()
        process.start(program, [str(path)])

    if (application := QGuiApplication.instance()) is not None:
        application.aboutToQuit.connect(stop)

    return play


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
