from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card


def test_a_tone_colours_the_ground(qtbot: QtBot, theming: ThemeContext) -> None:
    card = Card(theming)
    qtbot.addWidget(card)
    card.resize(200, 100)
    assert card.grab().toImage().pixelColor(100, 50) == theming.theme.colour("surface")
    card.set_tone(Tone.CAUTION)
    assert card.grab().toImage().pixelColor(100, 50) == theming.theme.ground(Tone.CAUTION)


def test_the_title_stands_above_the_body_once(qtbot: QtBot, theming: ThemeContext) -> None:
    card = Card(theming)
    qtbot.addWidget(card)
    card.set_title("Mutu")
    card.set_title("Mutu per jari")
    assert card.body.count() == 1
