"""How the window stood when it was closed: its place, the language, the theme. Nothing about anybody."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from ui.runtime.look import Look
from ui.runtime.theme import ThemeName


class WindowMemory:
    """Kept in an INI file beside the kit; one that cannot be read or written is passed over."""

    def __init__(self, path: Path, language: str = "") -> None:
        """Name the file, and a language that was asked for at this start."""
        self._kept, self._language = QSettings(str(path), QSettings.Format.IniFormat), language

    def restore(self, window: QMainWindow, look: Look) -> None:
        """Show the window as it stood, the first time maximised."""
        wanted = self._language or str(self._kept.value("language", ""))
        if wanted in look.phrases.languages:
            look.phrases.choose(wanted)
        theme = str(self._kept.value("theme", ""))
        if theme in set(ThemeName):
            look.theme.choose(ThemeName(theme))
        stood = self._kept.value("geometry")
        if not isinstance(stood, QByteArray) or not window.restoreGeometry(stood):
            window.showMaximized()

    def keep(self, window: QMainWindow, look: Look) -> None:
        """Write down how the window stands now."""
        self._kept.setValue("language", look.phrases.language)
        self._kept.setValue("theme", look.theme.name.value)
        self._kept.setValue("geometry", window.saveGeometry())
        self._kept.sync()
