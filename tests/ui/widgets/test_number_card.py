from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.figures import Number
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.number_card import NumberCard
from ui.widgets.text import Text


def told(card: NumberCard) -> list[str]:
    return [text.text() for text in card.findChildren(Text) if text.isVisible()]


def test_counts_stand_below_the_head_and_nothing_is_said_in_words(theming: ThemeContext, qtbot: QtBot) -> None:
    card = NumberCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_numbers("Status pusat", (), "Belum ada kabar.")
    assert told(card) == ["Belum ada kabar.", "Status pusat"]
    card.render_numbers("Status pusat", (Number("9", "Menunggu usia 17", Tone.SOFT),), "Belum ada kabar.")
    assert sorted(told(card)) == ["9", "Menunggu usia 17", "Status pusat"]
