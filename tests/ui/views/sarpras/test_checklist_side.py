from __future__ import annotations

from pytestqt.qtbot import QtBot
from support.samples import INK
from support.sarpras import line

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.inventory import Condition
from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.checklist_state import Attention, ChecklistState, CounterShown, line_shown
from ui.runtime.theme_context import ThemeContext
from ui.views.sarpras.checklist_side import AttentionCard, IzinCard, LineCard
from ui.widgets.button import ActionButton
from ui.widgets.text import Text
from ui.widgets.toggle import ToggleButton


def told(card) -> str:
    return " ".join(text.text() for text in card.findChildren(Text) if not text.isHidden())


def test_the_line_shows_its_condition_and_a_press_chooses_another(qtbot: QtBot, theming: ThemeContext) -> None:
    card = LineCard(theming)
    qtbot.addWidget(card)
    card.show_state(ChecklistState(line=line_shown(line(is_clean=True).answered(Condition.RUSAK_BERAT))))
    buttons = card.findChildren(ToggleButton)
    assert [button.is_on for button in buttons[:6]] == [False, False, True, False, False, True]
    with qtbot.waitSignal(card.condition_chosen) as chosen:
        buttons[3].click()
    assert chosen.args == ["hilang"]
    with qtbot.waitSignal(card.completed):
        buttons[4].click()
    with qtbot.waitSignals([card.noted, card.pictured]):
        buttons[6].click()
        buttons[7].click()
    card.show_state(ChecklistState(counter=CounterShown("Masker", 20, "lembar", "stok 100"), is_closed=True))
    assert "20 lembar" in told(card)
    assert not buttons[0].isEnabled()
    card.show_state(ChecklistState(counter=CounterShown("Masker", 20, "lembar", "stok 100")))
    with qtbot.waitSignal(card.counted) as counted:
        buttons[9].click()
    assert counted.args == [1]
    card.show_state(ChecklistState())
    assert card.isHidden()


def test_a_concern_says_what_helps_and_offers_the_way_around(qtbot: QtBot, theming: ThemeContext) -> None:
    card = AttentionCard(theming)
    qtbot.addWidget(card)
    attention = Attention(
        (Problem("sarpras.item_lost", {"item": "Laptop"}),), Tone.BAD, message("sarpras.more", count=2)
    )
    card.show_state(ChecklistState(attention=attention, override=Command("override", "Tetap")))
    assert "Laptop" in told(card)
    with qtbot.waitSignal(card.commanded):
        card.findChild(ActionButton).click()
    card.show_state(ChecklistState())
    assert card.isHidden()


def test_the_signature_and_whose_it_is(qtbot: QtBot, theming: ThemeContext) -> None:
    card = IzinCard(theming)
    qtbot.addWidget(card)
    card.show_state(ChecklistState(ink=INK, izin=message("sarpras.izin_given", name="Sri", at="07.12")))
    assert "Sri · 07.12" in told(card)
