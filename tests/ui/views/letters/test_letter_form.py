from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.letters.letter import LetterField
from ui.presenters.parts import Choice
from ui.runtime.theme import ThemeContext
from ui.views.letters import LetterFormPanel

FIELDS = (
    LetterField("place", "Tempat", "Desa"),
    LetterField("dasar", "Dasar", "satu", is_long=True),
    LetterField("signing", "Cara", "b", choices=(Choice("a", "Tangan"), Choice("b", "TTE"))),
)


def shown(qtbot: QtBot, theming: ThemeContext) -> tuple[LetterFormPanel, list[tuple[str, str]]]:
    panel = LetterFormPanel(theming)
    qtbot.addWidget(panel)
    told: list[tuple[str, str]] = []
    panel.edited.connect(lambda name, text: told.append((name, text)))
    panel.render_fields(FIELDS)
    panel.resize(500, 400)
    panel.show()
    return panel, told


def test_each_field_tells_its_name(qtbot: QtBot, theming: ThemeContext) -> None:
    panel, told = shown(qtbot, theming)
    QTest.keyClicks(panel.findChild(QLineEdit), "x")
    box = panel.findChild(QComboBox)
    assert box.currentText() == "TTE"
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert told == [("place", "Desax"), ("signing", "a")]


def test_the_widgets_stay_while_the_fields_are_the_same(qtbot: QtBot, theming: ThemeContext) -> None:
    panel, told = shown(qtbot, theming)
    first = panel.first()
    panel.render_fields((LetterField("place", "Tempat", "Kota", problem="wajib"), *FIELDS[1:]))
    assert panel.first() is first
    assert panel.findChild(QLineEdit).text() == "Kota"
    panel.render_fields(FIELDS[1:])
    assert panel.first() is not first
    assert told == []


def test_enter_in_a_line_goes_to_the_next_field(qtbot: QtBot, theming: ThemeContext) -> None:
    panel, _ = shown(qtbot, theming)
    panel.focus_field("place")
    panel.focus_field("stranger")
    line = panel.findChild(QLineEdit)
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert panel.window().focusWidget() is not line


def test_no_fields_are_no_error(qtbot: QtBot, theming: ThemeContext) -> None:
    panel, _ = shown(qtbot, theming)
    panel.render_fields(())
    assert panel.first() is None
