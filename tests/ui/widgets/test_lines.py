from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.presenters.lines import Line
from ui.presenters.parts import Tag
from ui.runtime.theme_context import ThemeContext
from ui.widgets.lines import LineList

TEAM = (Line("s1", "Bagus", "Ketua tim", True, Tag("Ketua")), Line("s2", "Rina", "", False), Line("s3", "Agus"))


@pytest.fixture
def lines(qtbot: QtBot, theming: ThemeContext) -> LineList:
    lines = LineList(theming)
    qtbot.addWidget(lines)
    lines.resize(320, 200)
    lines.render_lines("Petugas", TEAM)
    lines.show()
    return lines


def test_the_arrows_select_and_space_ticks(qtbot: QtBot, lines: LineList) -> None:
    with qtbot.waitSignal(lines.selected) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Down)
    assert told.args == ["s2"]
    with qtbot.waitSignal(lines.toggled) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Space)
    assert told.args == ["s2"]


def test_a_line_without_a_box_is_not_ticked(qtbot: QtBot, lines: LineList) -> None:
    qtbot.keyClick(lines, Qt.Key.Key_End)
    with qtbot.assertNotEmitted(lines.toggled):
        qtbot.keyClick(lines, Qt.Key.Key_Space)


def test_alt_and_arrows_move_and_the_cursor_goes_along(qtbot: QtBot, lines: LineList) -> None:
    with qtbot.waitSignal(lines.moved) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told.args == ["s1", 1]
    lines.render_lines("Petugas", (TEAM[1], TEAM[0], TEAM[2]))
    assert (lines.current(), lines.currentIndex().row()) == ("s1", 1)


def test_the_cursor_stays_in_place_when_its_line_is_gone(qtbot: QtBot, lines: LineList) -> None:
    qtbot.keyClick(lines, Qt.Key.Key_End)
    with qtbot.waitSignal(lines.selected) as told:
        lines.render_lines("Petugas", TEAM[:2])
    assert told.args == ["s2"]
    lines.render_lines("Petugas", ())
    assert lines.current() == ""


def test_a_click_ticks_and_other_keys_belong_to_the_screen(qtbot: QtBot, lines: LineList) -> None:
    place = lines.visualRect(lines.model().index(1, 0)).center()
    with qtbot.waitSignal(lines.toggled) as told:
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == ["s2"]
    with qtbot.assertNotEmitted(lines.toggled):
        qtbot.keyClick(lines, Qt.Key.Key_Return)
        qtbot.keyClick(lines, Qt.Key.Key_A)
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=lines.viewport().rect().bottomLeft())


def test_each_line_is_painted_and_read(lines: LineList, picture: Callable[..., bytes]) -> None:
    seen = picture(lines)
    lines.render_lines("Petugas", (Line("s1", "Bagus", "Ketua tim", False), *TEAM[1:]))
    assert picture(lines) != seen
    index = lines.model().index(0, 0)
    lines.render_lines("Petugas", TEAM)
    told = lines.model().data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert told == "✓ Bagus Ketua tim Ketua"


def test_one_line_of_many_looks_unlike_several(lines: LineList, picture: Callable[..., bytes]) -> None:
    several = picture(lines)
    lines.render_lines("Petugas", tuple(replace(line, is_alone=True) for line in TEAM))
    assert picture(lines) != several
