from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from support.drawn_text import drawn_by

from ui.presenters.lists import Chip
from ui.presenters.parts import Choice, Tone
from ui.runtime.theme import ThemeContext
from ui.widgets.buttons import ChipRows, ChoiceGrid, Flow, Mark, ToggleButton


def chip(name: str, count: int, *, is_on: bool = False) -> Chip:
    return Chip(name, name.title(), count, Tone.SOFT, is_on)


def test_a_press_names_group_and_chip_and_groups_come_and_go(qtbot: QtBot, theming: ThemeContext) -> None:
    chips, told = ChipRows(theming), list[tuple[int, str]]()
    qtbot.addWidget(chips)
    chips.chosen.connect(lambda group, name: told.append((group, name)))
    chips.render_chips(((chip("now", 2, is_on=True), chip("later", 0)), (chip("jimbe", 1),)))
    buttons = chips.findChildren(ToggleButton)
    assert [button.text() for button in buttons] == ["Now · 2", "Later · 0", "Jimbe · 1"]
    for button in buttons:
        button.click()
    assert told == [(0, "now"), (0, "later"), (1, "jimbe")]
    chips.render_chips(((chip("now", 2, is_on=True),),))
    assert [button.isHidden() for button in buttons] == [False, True, True]
    chips.render_chips(())
    assert chips.isHidden()


def test_a_full_line_goes_on_in_the_next_and_hidden_ones_take_no_place(qtbot: QtBot) -> None:
    frame, flow = QWidget(), Flow(4)
    frame.setLayout(flow)
    qtbot.addWidget(frame)
    labels = [QLabel() for _ in range(4)]
    for label in labels:
        label.setFixedSize(100, 20)
        flow.addWidget(label)
    frame.resize(320, 200)
    frame.show()
    assert [(label.x(), label.y()) for label in labels] == [(0, 0), (104, 0), (208, 0), (0, 24)]
    assert (flow.heightForWidth(320), flow.heightForWidth(100), flow.heightForWidth(1000)) == (44, 92, 20)
    labels[1].hide()
    flow.activate()
    assert [(label.x(), label.y()) for label in labels if not label.isHidden()] == [(0, 0), (104, 0), (208, 0)]
    assert (flow.minimumSize().width(), flow.count()) == (100, 4)
    taken = flow.takeAt(0)
    assert taken is not None
    assert taken.widget() is labels[0]
    assert (flow.itemAt(9), flow.takeAt(9)) == (None, None)


def test_it_shows_what_it_is_told_and_leaves_the_deciding_to_others(
    qtbot: QtBot, theming: ThemeContext, picture: Callable[..., bytes]
) -> None:
    toggle = ToggleButton(theming)
    qtbot.addWidget(toggle)
    toggle.resize(300, 52)
    toggle.render_toggle("Telunjuk", is_on=False, cap="2")
    off = picture(toggle)
    with qtbot.waitSignal(toggle.clicked):
        qtbot.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert not toggle.is_on
    toggle.render_toggle("Telunjuk", is_on=True, cap="2")
    assert picture(toggle) != off
    assert (toggle.text(), toggle.accessibleDescription()) == ("Telunjuk", "✓")
    wide = toggle.sizeHint().width()
    toggle.render_toggle("Telunjuk", is_on=True)
    assert toggle.sizeHint().width() < wide


def test_one_of_many_looks_unlike_several_of_many(
    qtbot: QtBot, theming: ThemeContext, picture: Callable[..., bytes]
) -> None:
    pictures = set()
    for mark in Mark:
        toggle = ToggleButton(theming, mark)
        qtbot.addWidget(toggle)
        toggle.resize(300, 52)
        for is_on in (False, True):
            toggle.render_toggle("Mudah", is_on=is_on)
            pictures.add(picture(toggle))
    assert len(pictures) == 2 * len(Mark)


@pytest.mark.parametrize("mark", [Mark.BOX, Mark.CIRCLE])
def test_at_its_own_width_the_whole_word_is_read(qtbot: QtBot, theming: ThemeContext, mark: Mark) -> None:
    toggle = ToggleButton(theming, mark)
    qtbot.addWidget(toggle)
    toggle.render_toggle("Kepala bidang", is_on=True)
    toggle.resize(toggle.sizeHint())
    assert [each.text for each in drawn_by(toggle)] == ["Kepala bidang"]


def test_a_sign_alone_is_read_in_a_button_narrower_than_its_padding(qtbot: QtBot, theming: ThemeContext) -> None:
    toggle = ToggleButton(theming, Mark.NONE)
    qtbot.addWidget(toggle)
    toggle.render_toggle("+", is_on=False)
    toggle.resize(40, 40)
    (sign,) = drawn_by(toggle)
    assert sign.text == "+"
    assert abs(sign.place.center().x() - 20) < 1


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
