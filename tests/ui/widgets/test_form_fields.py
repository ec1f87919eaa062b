from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField, Pick
from ui.presenters.parts import Choice
from ui.runtime.theme import ThemeContext
from ui.widgets.buttons import ToggleButton
from ui.widgets.form_fields import FormFields, PickField, TickList
from ui.widgets.layout import Text
from ui.widgets.table import LineList

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


Key = Qt.Key
PEOPLE = (Choice("u1", "Rina Wulandari", "Operator"), Choice("u2", "Bagus Santoso", "Ketua tim"))
ACCOUNT = FormField("account", "Akun", "u1", choices=PEOPLE, pick=Pick.TYPED)
VILLAGE = FormField("village", "Desa", "", choices=(Choice("Jimbe", "Jimbe"),), pick=Pick.OPEN)


@pytest.fixture
def field(qtbot: QtBot, theming: ThemeContext) -> PickField:
    field = PickField(theming, "test")
    qtbot.addWidget(field)
    field.resize(600, 400)
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    field.setFocus()
    return field


def edit_of(field: PickField) -> QLineEdit:
    edit = field.findChild(QLineEdit)
    assert isinstance(edit, QLineEdit)
    return edit


def test_what_is_chosen_stands_with_its_words_and_its_detail(field: PickField) -> None:
    field.show_field(ACCOUNT)
    assert edit_of(field).text() == "Rina Wulandari · Operator"
    field.show_field(replace(ACCOUNT, text=""))
    assert edit_of(field).text() == ""


def test_a_part_of_a_word_and_enter_choose(field: PickField) -> None:
    chosen: list[str] = []
    field.chosen.connect(chosen.append)
    field.show_field(ACCOUNT)
    edit_of(field).selectAll()
    QTest.keyClicks(edit_of(field), "sant")
    field.show_field(ACCOUNT)  # the state comes round meanwhile
    assert edit_of(field).text() == "sant"
    QTest.keyClick(edit_of(field), Key.Key_Return)
    assert chosen == ["u2"]


def test_what_leads_to_no_choice_goes_again(field: PickField) -> None:
    field.show_field(ACCOUNT)
    edit_of(field).selectAll()
    QTest.keyClicks(edit_of(field), "sant")
    QTest.keyClick(edit_of(field), Key.Key_Escape)
    assert edit_of(field).text() == "Rina Wulandari · Operator"


def test_an_emptied_field_is_chosen_no_more(field: PickField) -> None:
    chosen: list[str] = []
    field.chosen.connect(chosen.append)
    field.show_field(ACCOUNT)
    edit_of(field).selectAll()
    QTest.keyClick(edit_of(field), Key.Key_Delete)
    assert chosen == [""]


def test_an_open_field_keeps_what_nobody_offered(field: PickField) -> None:
    typed: list[str] = []
    field.typed.connect(typed.append)
    field.show_field(VILLAGE)
    QTest.keyClicks(edit_of(field), "Ji")
    assert typed == ["J", "Ji"]
    field.show_field(replace(VILLAGE, text="Ji"))
    QTest.keyClick(edit_of(field), Key.Key_Down)
    QTest.keyClick(edit_of(field), Key.Key_Return)
    assert (typed[-1], edit_of(field).text()) == ("Jimbe", "Jimbe")
    field.show_field(replace(VILLAGE, text="Jimbe"))
    QTest.keyClicks(edit_of(field), " Kidul")
    assert typed[-1] == "Jimbe Kidul"


def test_the_button_shows_all_by_mouse(field: PickField, qtbot: QtBot) -> None:
    chosen: list[str] = []
    field.chosen.connect(chosen.append)
    field.show_field(ACCOUNT)
    button = field.findChild(QAbstractButton)
    assert isinstance(button, QAbstractButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert field._picker.is_open
    QTest.keyClick(edit_of(field), Key.Key_Down)
    QTest.keyClick(edit_of(field), Key.Key_Return)
    assert len(chosen) == 1
