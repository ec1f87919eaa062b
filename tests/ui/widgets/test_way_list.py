from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.parts import Tone
from ui.presenters.planning.sop_figures import Fact
from ui.runtime.theme_context import ThemeContext
from ui.widgets.text import Text
from ui.widgets.way_list import FactList, WayList

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
