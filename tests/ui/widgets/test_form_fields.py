from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField, Pick
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.form_fields import FormFields, TickList
from ui.widgets.lines import LineList
from ui.widgets.text import Text
from ui.widgets.toggle import ToggleButton

NAME = FormField("name", "Nama", "Siti")
TO = FormField("to", "Kepada", "a", choices=(Choice("a", "A"), Choice("b", "B")))


def test_a_field_that_is_not_asked_any_more_takes_no_place(qtbot: QtBot, theming: ThemeContext) -> None:
    fields = FormFields(theming)
    qtbot.addWidget(fields)
    fields.show()
    fields.render_fields((NAME,))
    fields.render_fields((TO, NAME))
    (edit,) = fields.findChildren(QLineEdit)
    assert edit.text() == "Siti"
    fields.take_keyboard("name")
    assert fields.focusWidget() is edit
    fields.render_fields((TO,))
    assert not edit.isVisible()


def test_what_waits_out_of_sight_keeps_its_turn_and_digits_are_shown(qtbot: QtBot, theming: ThemeContext) -> None:
    fields = FormFields(theming, {"name": 2})
    qtbot.addWidget(fields)
    fields.show()
    fields.render_fields((replace(TO, pick=Pick.DIGITS), replace(NAME, is_asked=False)))
    (edit,) = fields.findChildren(QLineEdit)
    assert not edit.isVisible()
    plain = ToggleButton(theming)
    plain.render_toggle("A", is_on=False)
    assert fields.findChildren(ToggleButton)[0].sizeHint().width() > plain.sizeHint().width()
    fields.render_fields((TO, NAME))
    assert (edit.isVisible(), edit.text()) == (True, "Siti")


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
