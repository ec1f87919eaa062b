from __future__ import annotations

from pytestqt.qtbot import QtBot
from support.samples import INK

from fieldkit.domain.errors import Problem
from ui.presenters.actions import CHOICES
from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.sarpras.checklist_state import Answer, Attention, ChecklistState, CounterShown, LineShown
from ui.runtime.theme_context import ThemeContext
from ui.views.sarpras.checklist_side import AttentionCard, IzinCard, LineCard
from ui.widgets.button import ActionButton
from ui.widgets.text import Text
from ui.widgets.toggle import ToggleButton


def told(card) -> str:
    return " ".join(text.text() for text in card.findChildren(Text) if not text.isHidden())


def answers(is_on: int) -> tuple[Answer, ...]:
    return tuple(Answer(Command(f"a{at}", f"A{at}", CHOICES[at]), at == is_on) for at in range(8))


def test_the_line_shows_its_answers_and_a_press_gives_another(qtbot: QtBot, theming: ThemeContext) -> None:
    card = LineCard(theming)
    qtbot.addWidget(card)
    pressed: list[str] = []
    card.commanded.connect(lambda command: pressed.append(command.name))
    card.show_state(ChecklistState(line=LineShown("Laptop", answers(2))))
    buttons = card.findChildren(ToggleButton)
    assert [button.is_on for button in buttons] == [at == 2 for at in range(8)] + [False, False]
    for button in buttons[3:8]:
        button.click()
    assert pressed == ["a3", "a4", "a5", "a6", "a7"]
    masks = CounterShown("Masker", 20, "lembar", "stok 100", Command("fewer", "−"), Command("more", "+"))
    card.show_state(ChecklistState(counter=masks, is_closed=True))
    assert "20 lembar" in told(card)
    assert not buttons[0].isEnabled()
    card.show_state(ChecklistState(counter=masks))
    for button in buttons[8:]:
        button.click()
    assert pressed[5:] == ["fewer", "more"]
    card.show_state(ChecklistState())
    assert card.isHidden()


def test_a_concern_says_what_helps_and_offers_the_way_around(qtbot: QtBot, theming: ThemeContext) -> None:
    card = AttentionCard(theming)
    qtbot.addWidget(card)
    attention = Attention(Problem("sarpras.item_lost", {"item": "Laptop"}), Tone.BAD, message("sarpras.more", count=2))
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
