from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from ui.presenters.figures import BigAction, Number
from ui.presenters.parts import Tone
from ui.presenters.planning.steps import Fact
from ui.presenters.presenter import Action, Command, Weight
from ui.runtime.theme import ThemeContext
from ui.widgets.layout import Text
from ui.widgets.numbers import BigActionCard, FactList, NumberCard, NumberLabel, NumberRow, WayList


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


WAYS = (Command("complete", "Nyatakan selesai", Action.CHOICE_1), Command("note", "Tulis catatan", Action.CHOICE_2))


def test_a_press_and_a_digit_tell_the_intent(qtbot: QtBot, theming: ThemeContext) -> None:
    ways = WayList(theming)
    qtbot.addWidget(ways)
    ways.render_ways(WAYS)
    ways.show()
    lines = ways.findChildren(QAbstractButton)
    with qtbot.waitSignal(ways.commanded) as told:
        qtbot.mouseClick(lines[1], Qt.MouseButton.LeftButton)
    assert told.args[0].name == "note"
    with qtbot.waitSignal(ways.commanded) as told:
        assert ways.perform(Action.CHOICE_1, WAYS)
    assert told.args[0].name == "complete"
    assert not ways.perform(Action.CHOICE_3, WAYS)
    ways.render_ways(WAYS[:1])
    assert [line.isVisible() for line in lines] == [True, False]
    assert not ways.grab().isNull()


def test_facts_stand_below_their_heads(qtbot: QtBot, theming: ThemeContext) -> None:
    facts = FactList(theming)
    qtbot.addWidget(facts)
    facts.render_facts((Fact("Surat tugas", Tone.GOOD, "Kelengkapan"), Fact("Kalender", Tone.CAUTION)))
    facts.show()
    assert [text.text() for text in facts.findChildren(Text) if text.isVisible()] == [
        "Kelengkapan",
        "Surat tugas",
        "Kalender",
    ]
    facts.render_facts((Fact("Surat tugas"),))
    assert [text.text() for text in facts.findChildren(Text) if text.isVisible()] == ["Surat tugas"]
    assert not facts.grab().isNull()
