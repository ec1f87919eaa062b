"""Plays the small sound files of the program with what there is: Qt's sounds, Windows, or a player of the system."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QUrl
from PySide6.QtGui import QGuiApplication

from assets import FOLDER

PLAYERS = ("pw-play", "paplay", "aplay", "afplay")  # PipeWire, PulseAudio, ALSA, macOS
Play = Callable[[Path], None]


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
