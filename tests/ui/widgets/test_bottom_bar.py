from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.parts import Bar
from ui.runtime.theme_context import ThemeContext
from ui.widgets.bottom_bar import BottomBar

BACK = Command("back", message("act.back"), Action.BACK, Weight.PLAIN)
REPEAT = Command("repeat", message("common.repeat"), Action.REPEAT)
ACCEPT = Command("accept", message("act.accept"), Action.ACCEPT, Weight.PRIMARY)


def seen(bar: BottomBar) -> list[str]:
    buttons = [button for button in bar.findChildren(QPushButton) if button.isVisible()]
    return [button.text() for button in sorted(buttons, key=lambda button: button.x())]


def shown(qtbot: QtBot, theming: ThemeContext, state: Bar, width: int = 1366) -> BottomBar:
    bar = BottomBar(theming)
    qtbot.addWidget(bar)
    bar.resize(width, 76)
    bar.render_bar(state)
    bar.show()
    return bar


def test_what_has_no_room_folds_the_weakest_first_and_its_key_holds(qtbot: QtBot, theming: ThemeContext) -> None:
    quiet = [
        Command(f"q{at}", f"Perintah nomor {at}", act, Weight.PLAIN) for at, act in enumerate((Action.NEW, Action.ADD))
    ]
    bar = shown(qtbot, theming, Bar(BACK, (*quiet, REPEAT, ACCEPT)))
    assert len(seen(bar)) == 5
    bar.resize(1150, 76)
    assert seen(bar) == ["Kembali", "Lain (1)", "Perintah nomor 1", "Ulangi", "Terima dan lanjut"]
    bar.resize(500, 76)
    assert seen(bar) == ["Kembali", "Lain (3)", "Terima dan lanjut"]
    with qtbot.waitSignal(bar.commanded) as told:
        assert bar.perform(Action.NEW)
    assert told.args[0].name == "q0"
    more = next(button for button in bar.findChildren(QPushButton) if button.text() == "Lain (3)")
    more.click()
    menu = bar.findChild(QMenu)
    words = [entry.text().split("\t")[0] for entry in menu.actions()]
    assert words == ["Perintah nomor 0", "Perintah nomor 1", "Ulangi"]
    with qtbot.waitSignal(bar.commanded) as told:
        menu.actions()[2].trigger()
    assert told.args[0].name == "repeat"
    menu.close()
    bar.resize(1366, 76)
    assert len(seen(bar)) == 5


def test_what_is_shown_has_room_at_its_first_sight_too(qtbot: QtBot, theming: ThemeContext) -> None:
    """The button of the rest counts with the number that it will show, not with that of the time before."""
    quiet = [
        Command(f"q{at}", f"Perintah nomor {at}", act, Weight.PLAIN) for at, act in enumerate((Action.NEW, Action.ADD))
    ]
    for width in range(900, 1366, 9):
        bar = shown(qtbot, theming, Bar(BACK, (*quiet, REPEAT, ACCEPT)), width)
        buttons = sorted((b for b in bar.findChildren(QPushButton) if b.isVisible()), key=lambda b: b.x())
        assert all(a.geometry().right() < b.x() for a, b in pairwise(buttons)), width
        assert buttons[-1].geometry().right() < width


def test_back_stands_left_and_the_primary_right(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT, ACCEPT), "Terakhir terhubung kemarin"))
    assert seen(bar) == ["Kembali", "Ulangi", "Terima dan lanjut"]
    primary = max((b for b in bar.findChildren(QPushButton) if b.isVisible()), key=lambda button: button.x())
    assert primary.geometry().right() == 1366 - 24 - 1
    bar.render_bar(Bar(None, (ACCEPT,)))
    assert seen(bar) == ["Terima dan lanjut"]


def test_a_key_does_what_its_button_does(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT,)))
    with qtbot.waitSignal(bar.commanded) as told:
        assert bar.perform(Action.REPEAT)
    assert told.args[0].name == "repeat"
    assert not bar.perform(Action.ACCEPT)


def test_a_key_of_a_refused_action_says_why(qtbot: QtBot, theming: ThemeContext) -> None:
    refused = Command("accept", "Segel", Action.ACCEPT, refused="Foto belum ada.")
    bar = shown(qtbot, theming, Bar(BACK, (refused,)))
    with qtbot.waitSignal(bar.refused) as told, qtbot.assertNotEmitted(bar.commanded):
        assert bar.perform(Action.ACCEPT)
    assert told.args == ["Foto belum ada."]


def test_buttons_live_on_between_states(qtbot: QtBot, theming: ThemeContext) -> None:
    bar = shown(qtbot, theming, Bar(BACK, (REPEAT, ACCEPT)))
    before = bar.findChildren(QPushButton)
    bar.render_bar(Bar(BACK, (ACCEPT, REPEAT)))
    assert bar.findChildren(QPushButton) == before


def test_what_looks_the_same_and_runs_something_else_runs_the_new_one(qtbot: QtBot, theming: ThemeContext) -> None:
    first, second = (replace(REPEAT, runs=lambda: None) for _ in range(2))
    bar = shown(qtbot, theming, Bar(BACK, (first, ACCEPT)))
    bar.render_bar(Bar(BACK, (second, ACCEPT)))
    with qtbot.waitSignal(bar.commanded) as told:
        next(button for button in bar.findChildren(QPushButton) if button.text() == "Ulangi").click()
    assert told.args[0].runs is second.runs
    bar.resize(330, 76)
    bar.render_bar(Bar(BACK, (first, ACCEPT)))
    next(button for button in bar.findChildren(QPushButton) if button.text() == "Lain (1)").click()
    menu = bar.findChild(QMenu)
    with qtbot.waitSignal(bar.commanded) as told:
        menu.actions()[0].trigger()
    menu.close()
    assert told.args[0].runs is first.runs
