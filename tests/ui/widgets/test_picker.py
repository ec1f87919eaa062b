from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Choice
from ui.presenters.picking import Recent
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.widgets.form_fields import Picker
from ui.widgets.table import LineList

Key = Qt.Key
JOBS = (Choice("1", "BELUM BEKERJA", "1"), Choice("9", "PETANI", "9"), Choice("88", "WIRASWASTA", "88"))


class Room:
    """A window with two fields, the first of which is chosen by typing."""

    def __init__(self, theming: ThemeContext) -> None:
        self.window, self.edit, self.next = QWidget(), QLineEdit(), QLineEdit()
        self.picked: list[str] = []
        column = QVBoxLayout(self.window)
        column.addWidget(self.edit)
        column.addWidget(self.next)
        column.addStretch(1)
        self.picker = Picker(theming, self.edit, "job")
        self.picker.offer(JOBS)
        self.picker.picked.connect(self.picked.append)
        self.edit.textEdited.connect(self.picker.suggest)

    @property
    def shown(self) -> list[str]:
        lines = self.window.findChild(LineList)
        if lines is None or not lines.isVisible():
            return []
        return [str(lines.model().index(row, 0).data()) for row in range(lines.model().rowCount())]


@pytest.fixture
def room(qtbot: QtBot, theming: ThemeContext) -> Room:
    room = Room(ThemeContext(theming.theme, theming.catalog, Recent()))
    qtbot.addWidget(room.window)
    room.window.resize(700, 500)
    room.window.show()
    room.window.activateWindow()
    qtbot.waitUntil(room.window.isActiveWindow)
    room.edit.setFocus()
    return room


def test_typing_narrows_and_enter_takes_what_is_under_the_cursor(room: Room) -> None:
    QTest.keyClicks(room.edit, "a")
    assert len(room.shown) == 3
    QTest.keyClicks(room.edit, "s")
    assert room.shown == ["WIRASWASTA 88"]
    QTest.keyClick(room.edit, Key.Key_Return)
    assert (room.picked, room.shown) == (["88"], [])


def test_arrows_walk_and_all_choices_are_shown_on_alt_down(room: Room) -> None:
    QTest.keyClick(room.edit, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert len(room.shown) == 3
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Up):
        QTest.keyClick(room.edit, key)
    QTest.keyClick(room.edit, Key.Key_Return)
    assert room.picked == ["9"]
    room.picker.suggest("")
    assert room.shown[0] == "PETANI 9", "picked lately, so it stands first"


def test_a_click_takes_and_the_field_keeps_the_keyboard(room: Room) -> None:
    room.picker.suggest("")
    lines = room.window.findChild(LineList)
    assert lines is not None
    place = lines.visualRect(lines.model().index(2, 0)).center()
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert room.picked == ["88"]
    assert room.edit.hasFocus()


@pytest.mark.parametrize(
    "leave",
    [lambda room: QTest.keyClick(room.edit, Key.Key_Escape), lambda room: room.next.setFocus()],
    ids=["esc", "elsewhere"],
)
def test_esc_or_another_field_closes_and_takes_nothing(room: Room, leave: Callable[[Room], None]) -> None:
    QTest.keyClicks(room.edit, "wira")
    leave(room)
    assert (room.picked, room.shown) == ([], [])


def test_tab_takes_and_goes_on(room: Room) -> None:
    QTest.keyClicks(room.edit, "tani")
    QTest.keyClick(room.edit, Key.Key_Tab)
    assert room.picked == ["9"]
    assert room.next.hasFocus()


def test_without_a_line_under_the_cursor_tab_takes_nothing(room: Room) -> None:
    room.picker.suggest("tani", -1)
    QTest.keyClick(room.edit, Key.Key_Tab)
    assert (room.picked, room.shown) == ([], [])
    room.edit.setFocus()
    room.picker.suggest("tani", -1)
    QTest.keyClick(room.edit, Key.Key_Down)
    QTest.keyClick(room.edit, Key.Key_Return)
    assert room.picked == ["9"]


def test_a_list_near_the_lower_edge_stands_above_its_field(room: Room) -> None:
    room.window.resize(700, 130)
    room.picker.suggest("")
    lines = room.window.findChild(LineList)
    assert lines is not None
    assert room.window.rect().contains(lines.geometry())


def test_what_nobody_offers_is_said_and_enter_does_not_pass_over_it(room: Room, theming: ThemeContext) -> None:
    QTest.keyClicks(room.edit, "zzz")
    assert room.shown == [theming.say(message("common.not_found", text="zzz"))]
    QTest.keyClick(room.edit, Key.Key_Return)
    assert (room.picked, len(room.shown)) == ([], 1)
    QTest.keyClick(room.edit, Key.Key_Escape)
    assert (room.picked, room.shown) == ([], [])
    room.picker.suggest("zzz", -1)
    assert room.shown == [], "a field in which it may be typed says nothing"
