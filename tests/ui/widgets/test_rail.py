from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Place, Rail
from ui.presenters.presenter import PLACES, Action
from ui.runtime.theme import ThemeContext, ThemeName
from ui.widgets.rail import PlaceButton, RailWidget

HOME = Place("home", "Beranda", "home")
ACTIVITIES = Place("activities", "Kegiatan", "calendar", 2)
SETTINGS = Place("settings", "Pengaturan", "gear")
RAIL = Rail((HOME, ACTIVITIES), SETTINGS)


@pytest.fixture
def rail(qtbot: QtBot, theming: ThemeContext) -> RailWidget:
    widget = RailWidget(theming)
    qtbot.addWidget(widget)
    widget.resize(200, 500)
    widget.render_rail(RAIL, "home")
    widget.show()
    return widget


def buttons(rail: QWidget) -> list[PlaceButton]:
    found = [button for button in rail.findChildren(PlaceButton) if button.isVisible()]
    return sorted(found, key=lambda button: button.y())


def test_each_place_tells_its_word_and_what_waits_there(rail: RailWidget) -> None:
    assert [button.accessibleName() for button in buttons(rail)] == [
        *("Beranda", "Kegiatan, 2 menunggu", "Pengaturan", "Bantuan")
    ]
    assert [button.is_here for button in buttons(rail)] == [True, False, False, False]
    rail._theming.catalog.choose("en")
    assert buttons(rail)[1].accessibleName() == "Kegiatan, 2 waiting"
    rail._theming.catalog.choose("id")


def test_a_click_and_enter_lead_there_and_arrows_walk(qtbot: QtBot, rail: RailWidget) -> None:
    home, activities, settings, help_button = buttons(rail)
    heard = list[object]()
    rail.chosen.connect(heard.append)
    rail.asked.connect(heard.append)
    QTest.mouseClick(activities, Qt.MouseButton.LeftButton)
    QTest.mouseClick(settings, Qt.MouseButton.LeftButton)
    QTest.mouseClick(help_button, Qt.MouseButton.LeftButton)
    assert heard == ["activities", "settings", Action.HELP]
    assert not activities.hasFocus(), "a click leaves the keyboard with the screen"
    rail.activateWindow()
    qtbot.waitUntil(rail.isActiveWindow)
    home.setFocus()
    QTest.keyClick(home, Qt.Key.Key_Down)
    assert activities.hasFocus()
    QTest.keyClick(activities, Qt.Key.Key_Return)
    assert heard[-1] == "activities"
    QTest.keyClick(activities, Qt.Key.Key_Up)
    assert home.hasFocus()


def test_folded_the_numbers_stay_and_the_word_is_told_on_hovering(rail: RailWidget) -> None:
    wide = rail.width()
    rail.fold(True)
    assert rail.width() == 60 < wide
    assert buttons(rail)[1].toolTip() == "Kegiatan, 2 menunggu"
    rail.fold(False)
    assert (rail.width(), buttons(rail)[1].toolTip()) == (wide, "")


def test_a_key_leads_to_the_place_that_stands_there(rail: RailWidget) -> None:
    assert [rail.place_of(act) for act in (*PLACES[:3], Action.ACCEPT)] == [HOME, ACTIVITIES, None, None]


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize("is_folded", [False, True])
def test_what_waits_is_painted(
    rail: RailWidget, picture: Callable[..., bytes], theme: ThemeName, is_folded: bool
) -> None:
    rail._theming.theme.choose(theme)
    rail.fold(is_folded)
    button = buttons(rail)[1]
    seen = [picture(button)]
    for waiting in (3, 100, 0):
        rail.render_rail(Rail((HOME, ACTIVITIES._replace(waiting=waiting))), "home")
        seen.append(picture(button))
    rail.render_rail(Rail((HOME, ACTIVITIES)), "activities")
    seen.append(picture(button))
    assert len(set(seen)) == 5
    rail._theming.theme.choose(ThemeName.TERANG)
