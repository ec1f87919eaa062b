from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.lines import LineList
from ui.widgets.text import Text
from ui.widgets.tick_list import TickList

CHOICES = tuple(Choice(f"i{number}", f"Benda {number}") for number in range(500))


def test_the_keyboard_walks_and_ticks_and_the_count_follows(qtbot: QtBot, theming: ThemeContext) -> None:
    ticks = TickList(theming)
    qtbot.addWidget(ticks)
    ticks.show_field(FormField("items", "Barang", "i0 i7", choices=CHOICES, is_many=True))
    ticks.show()
    lines = ticks.findChild(LineList)
    assert lines is not None
    told: list[str] = []
    ticks.chosen.connect(told.append)
    qtbot.keyClick(lines, Qt.Key.Key_End)
    qtbot.keyClick(lines, Qt.Key.Key_Space)
    assert told == ["i499"]
    ticks.show_field(FormField("items", "Barang", "i0 i7 i499", choices=CHOICES, is_many=True))
    assert lines.current() == "i499"
    assert any(text.text().startswith("3 dari 500") for text in ticks.findChildren(Text))
