from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ui.runtime.theme import ThemeContext, ThemeName
from ui.runtime.window_memory import WindowMemory


def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


def test_the_first_window_is_maximised_and_the_next_stands_as_it_was_left(
    qtbot: QtBot, theming: ThemeContext, tmp_path: Path
) -> None:
    path = tmp_path / "window.ini"
    first = window(qtbot)
    WindowMemory(path).restore(first, theming)
    assert first.isMaximized()
    first.showNormal()
    first.setGeometry(40, 30, 700, 500)
    theming.catalog.choose("en")
    theming.theme.choose(ThemeName.MALAM)
    theming.theme.wanted_scale = 1.15
    theming.voice.is_on = True
    WindowMemory(path).keep(first, theming)
    theming.catalog.choose("id")
    theming.theme.choose(ThemeName.TERANG)
    theming.voice.is_on = False
    second = window(qtbot)
    WindowMemory(path).restore(second, theming)
    assert (second.width(), second.height(), second.isMaximized()) == (700, 500, False)
    assert (theming.catalog.language, theming.theme.name, theming.theme.scale) == ("en", ThemeName.MALAM, 1.15)
    assert theming.voice.is_on
    WindowMemory(path, "id").restore(window(qtbot), theming)
    assert theming.catalog.language == "id"


def test_a_spoilt_file_is_passed_over(qtbot: QtBot, theming: ThemeContext, tmp_path: Path) -> None:
    theming.theme.choose(ThemeName.TERANG)
    path = tmp_path / "window.ini"
    path.write_text("[General]\nlanguage=xx\ntheme=pink\ngeometry=@ByteArray(nonsense)\n")
    shown = window(qtbot)
    WindowMemory(path).restore(shown, theming)
    assert shown.isMaximized()
    assert (theming.catalog.language, theming.theme.name) == ("id", ThemeName.TERANG)
