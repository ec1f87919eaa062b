from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.choice_grid import ChoiceGrid
from ui.widgets.toggle import ToggleButton

CHOICES = tuple(Choice(name, name.upper()) for name in "abcde")


def test_arrows_walk_space_chooses_and_tab_stops_once(qtbot: QtBot, theming: ThemeContext) -> None:
    grid = ChoiceGrid(theming, columns=2)
    qtbot.addWidget(grid)
    grid.render_choices(CHOICES, ("b",))
    with qtbot.waitExposed(grid):
        grid.show()
    grid.activateWindow()
    buttons = grid.findChildren(ToggleButton)
    assert [button.focusPolicy() for button in buttons].count(Qt.FocusPolicy.TabFocus) == 1
    chosen: list[str] = []
    grid.chosen.connect(chosen.append)
    buttons[1].setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):  # d, c, a, a, c
        QTest.keyClick(grid.window().focusWidget(), key)
    QTest.keyClick(grid.window().focusWidget(), Qt.Key.Key_Space)
    assert chosen == ["c"]


def test_it_shows_what_is_chosen_and_hides_what_is_gone(qtbot: QtBot, theming: ThemeContext) -> None:
    grid = ChoiceGrid(theming)
    qtbot.addWidget(grid)
    grid.render_choices(CHOICES, ("a", "c"))
    buttons = grid.findChildren(ToggleButton)
    assert [button.is_on for button in buttons] == [True, False, True, False, False]
    grid.render_choices(CHOICES[:2], ())
    assert [button.isHidden() for button in buttons] == [False, False, True, True, True]
