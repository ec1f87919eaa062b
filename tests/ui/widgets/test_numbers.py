from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import BigAction, Number
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.numbers import BigActionCard, NumberCard, NumberLabel, NumberRow
from ui.widgets.text import Text


def test_numbers_stand_side_by_side_with_their_labels(qtbot: QtBot, theming: ThemeContext) -> None:
    row = NumberRow(theming)
    qtbot.addWidget(row)
    row.show()
    row.render_numbers((Number("12", "sasaran"), Number("2", "dengan pengecualian", Tone.CAUTION)))
    labels = [label for label in row.findChildren(NumberLabel) if label.isVisible()]
    assert [label.accessibleName() for label in labels] == ["12 sasaran", "2 dengan pengecualian"]
    row.render_numbers((Number("12", "sasaran"),))
    assert not labels[1].isVisible()


def test_no_label_is_cut_inside_a_word(qtbot: QtBot, theming: ThemeContext) -> None:
    label = NumberLabel(theming)
    qtbot.addWidget(label)
    label.render_number(Number("2", "dengan pengecualian"))
    assert label.minimumSizeHint().width() >= theming.theme.font("text").pixelSize() * 6


def test_a_big_card_is_a_button_or_says_why_not(qtbot: QtBot, theming: ThemeContext) -> None:
    card = BigActionCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_big(BigAction(Command("record", "Rekam", Action.CHOICE_1, Weight.PRIMARY), "Berikutnya", "4 menunggu"))
    with qtbot.waitSignal(card.commanded) as told:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert told.args[0].name == "record"
    primary = card.grab().toImage().pixelColor(8, 60)
    card.render_big(BigAction(Command("record", "Rekam", refused="Sarpras belum keluar."), "Berikutnya", "0 menunggu"))
    with qtbot.waitSignal(card.refused) as why, qtbot.assertNotEmitted(card.commanded):
        card.press()
    assert why.args == ["Sarpras belum keluar."]
    assert card.grab().toImage().pixelColor(8, 60) != primary


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
