from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.lists import Chip
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.chips import ChipRows
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
