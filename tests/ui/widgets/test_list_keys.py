from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.acts import Act
from ui.presenters.commands import Command
from ui.runtime.look import Look
from ui.widgets.button import ActionButton
from ui.widgets.list_keys import ListKeys

WAYS = (Command("next_filter", "Saringan", Act.FILTER), Command("schedule", "Jadwal", Act.CALENDAR, refused="Belum"))


def test_keys_and_buttons_say_the_same(qtbot: QtBot, look: Look) -> None:
    keys = ListKeys(look)
    qtbot.addWidget(keys)
    keys.render_keys("Spasi memilih", WAYS)
    with qtbot.waitSignal(keys.commanded) as told:
        assert keys.perform(Act.FILTER)
    assert told.args[0].name == "next_filter"
    with qtbot.waitSignal(keys.refused) as told:
        assert keys.perform(Act.CALENDAR)
    assert told.args == ["Belum"]
    assert not keys.perform(Act.NEW)
    keys.render_keys("", WAYS[:1])
    assert [button.isHidden() for button in keys.findChildren(ActionButton)] == [False, True]
