from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField, Pick
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.pick_field import PickField

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
