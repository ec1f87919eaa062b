from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ui.presenters.acts import Act
from ui.presenters.commands import Command, Weight
from ui.presenters.parts import Bar
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.widgets.bottom_bar import BottomBar

BACK = Command("back", phrase("act.back"), Act.BACK, Weight.PLAIN)
REPEAT = Command("repeat", phrase("act.repeat"), Act.REPEAT)
ACCEPT = Command("accept", phrase("act.accept"), Act.ACCEPT, Weight.PRIMARY)


def seen(bar: BottomBar) -> list[str]:
    buttons = [button for button in bar.findChildren(QPushButton) if button.isVisible()]
    return [button.text() for button in sorted(buttons, key=lambda button: button.x())]


def shown(qtbot: QtBot, look: Look, state: Bar) -> BottomBar:
    bar = BottomBar(look)
    qtbot.addWidget(bar)
    bar.resize(1366, 76)
    bar.render_bar(state)
    bar.show()
    return bar


def test_back_stands_left_and_the_primary_right(qtbot: QtBot, look: Look) -> None:
    bar = shown(qtbot, look, Bar(BACK, (REPEAT, ACCEPT), "Terakhir terhubung kemarin"))
    assert seen(bar) == ["Kembali", "Ulangi", "Terima dan lanjut"]
    primary = max((b for b in bar.findChildren(QPushButton) if b.isVisible()), key=lambda button: button.x())
    assert primary.geometry().right() == 1366 - 24 - 1
    bar.render_bar(Bar(None, (ACCEPT,)))
    assert seen(bar) == ["Terima dan lanjut"]


def test_a_key_does_what_its_button_does(qtbot: QtBot, look: Look) -> None:
    bar = shown(qtbot, look, Bar(BACK, (REPEAT,)))
    with qtbot.waitSignal(bar.commanded) as told:
        assert bar.perform(Act.REPEAT)
    assert told.args[0].name == "repeat"
    assert not bar.perform(Act.ACCEPT)


def test_a_key_of_a_refused_action_says_why(qtbot: QtBot, look: Look) -> None:
    refused = Command("accept", "Segel", Act.ACCEPT, refused="Foto belum ada.")
    bar = shown(qtbot, look, Bar(BACK, (refused,)))
    with qtbot.waitSignal(bar.refused) as told, qtbot.assertNotEmitted(bar.commanded):
        assert bar.perform(Act.ACCEPT)
    assert told.args == ["Foto belum ada."]


def test_buttons_live_on_between_states(qtbot: QtBot, look: Look) -> None:
    bar = shown(qtbot, look, Bar(BACK, (REPEAT, ACCEPT)))
    before = bar.findChildren(QPushButton)
    bar.render_bar(Bar(BACK, (ACCEPT, REPEAT)))
    assert bar.findChildren(QPushButton) == before
