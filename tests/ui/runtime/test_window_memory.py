from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ui.runtime.look import Look
from ui.runtime.theme import ThemeName
from ui.runtime.window_memory import WindowMemory


def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    return made


def test_the_first_window_is_maximised_and_the_next_stands_as_it_was_left(
    qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    path = tmp_path / "window.ini"
    first = window(qtbot)
    WindowMemory(path).restore(first, look)
    assert first.isMaximized()
    first.showNormal()
    first.setGeometry(40, 30, 700, 500)
    look.phrases.choose("en")
    look.theme.choose(ThemeName.MALAM)
    WindowMemory(path).keep(first, look)
    look.phrases.choose("id")
    look.theme.choose(ThemeName.TERANG)
    second = window(qtbot)
    WindowMemory(path).restore(second, look)
    assert (second.width(), second.height(), second.isMaximized()) == (700, 500, False)
    assert (look.phrases.language, look.theme.name) == ("en", ThemeName.MALAM)
    WindowMemory(path, "id").restore(window(qtbot), look)
    assert look.phrases.language == "id"


def test_a_spoilt_file_is_passed_over(qtbot: QtBot, look: Look, tmp_path: Path) -> None:
    look.theme.choose(ThemeName.TERANG)
    path = tmp_path / "window.ini"
    path.write_text("[General]\nlanguage=xx\ntheme=pink\ngeometry=@ByteArray(nonsense)\n")
    shown = window(qtbot)
    WindowMemory(path).restore(shown, look)
    assert shown.isMaximized()
    assert (look.phrases.language, look.theme.name) == ("id", ThemeName.TERANG)
