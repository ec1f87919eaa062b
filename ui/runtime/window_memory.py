"""How the window stood when it was closed: its place, size, language, theme and voice. Nothing about anybody."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from ui.runtime.qt_application import kept_scale
from ui.runtime.theme import ThemeContext, ThemeName


class WindowMemory:
    """Kept in an INI file beside the kit; one that cannot be read or written is passed over."""

    def __init__(self, path: Path, language: str = "") -> None:
        """Name the file, and a language that was asked for at this start."""
        self._kept, self._language = QSettings(str(path), QSettings.Format.IniFormat), language

    def restore(self, window: QMainWindow, theming: ThemeContext) -> None:
        """Show the window as it stood, the first time maximised."""
        wanted = self._language or str(self._kept.value("language", ""))
        if wanted in theming.catalog.languages:
            theming.catalog.choose(wanted)
        theme = str(self._kept.value("theme", ""))
        if theme in set(ThemeName):
            theming.theme.choose(ThemeName(theme))
        theming.voice.is_on = str(self._kept.value("voice", "")) == "on"
        theming.theme.scale = theming.theme.wanted_scale = kept_scale(self._kept)
        stood = self._kept.value("geometry")
        if not isinstance(stood, QByteArray) or not window.restoreGeometry(stood):
            window.showMaximized()

    def keep(self, window: QMainWindow, theming: ThemeContext) -> None:
        """Write down how the window stands now."""
        self._kept.setValue("language", theming.catalog.language)
        self._kept.setValue("theme", theming.theme.name.value)
        self._kept.setValue("scale", str(theming.theme.wanted_scale))
        self._kept.setValue("voice", "on" if theming.voice.is_on else "off")
        self._kept.setValue("geometry", window.saveGeometry())
        self._kept.sync()
