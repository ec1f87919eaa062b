from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.lists import Chip
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.chips import ChipRows, Flow
from ui.widgets.toggle import ToggleButton


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
