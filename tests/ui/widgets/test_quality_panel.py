from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ui.presenters.commands import Command
from ui.presenters.figures import Attempt, QualityRow
from ui.presenters.parts import Tag, Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.quality_panel import Advice, Attempts, FactGrid, QualityRows
from ui.widgets.tag import TagLabel
from ui.widgets.text import Text

ROWS = (QualityRow("Telunjuk", "72", Tag("Baik", Tone.GOOD)), QualityRow("Tengah", "31", Tag("Ulangi", Tone.BAD)))


def texts(widget: QualityRows | Attempts | Advice) -> list[str]:
    return [text.text() for text in widget.findChildren(Text) if text.isVisible()]


def test_rows_show_label_number_and_word(qtbot: QtBot, theming: ThemeContext) -> None:
    rows = QualityRows(theming)
    qtbot.addWidget(rows)
    rows.show()
    rows.render_rows(ROWS)
    assert texts(rows) == ["Telunjuk", "72", "Tengah", "31"]
    assert [tag.accessibleName() for tag in rows.findChildren(TagLabel)] == ["Baik", "Ulangi"]
    rows.render_rows(ROWS[:1])
    assert texts(rows) == ["Telunjuk", "72"]


def test_attempts_follow_each_other_with_their_notes(qtbot: QtBot, theming: ThemeContext) -> None:
    attempts = Attempts(theming)
    qtbot.addWidget(attempts)
    attempts.show()
    best = Attempt("Percobaan 2", Tag("3 dari 4 baik", Tone.CAUTION), "terbaik sejauh ini")
    attempts.render_attempts((Attempt("Percobaan 1", Tag("2 dari 4 baik", Tone.BAD)), best))
    assert texts(attempts) == ["Percobaan 1", "Percobaan 2\nterbaik sejauh ini"]
    attempts.render_attempts(())
    assert texts(attempts) == []


def test_advice_goes_when_there_is_none_and_offers_what_helps(qtbot: QtBot, theming: ThemeContext) -> None:
    advice = Advice(theming)
    qtbot.addWidget(advice)
    advice.show()
    advice.render_advice("Jari tengah terlalu kering", "Usap dengan tisu.", action=Command("repeat", "Ulangi"))
    assert texts(advice) == ["Jari tengah terlalu kering", "Usap dengan tisu."]
    with qtbot.waitSignal(advice.commanded) as told:
        advice.findChild(ActionButton).click()
    assert told.args[0].name == "repeat"
    advice.render_advice("")
    assert advice.isHidden()


def test_facts_come_and_go(theming: ThemeContext, qtbot: QtBot) -> None:
    grid = FactGrid(theming)
    qtbot.addWidget(grid)
    grid.render_facts((("Nomor", "470/1"), ("Dibuat", "hari ini")))
    grid.render_facts((("Nomor", "470/2"),))
    shown = [label.text() for label in grid.findChildren(QLabel) if label.text()]
    assert shown == ["Nomor", "470/2"]
    grid.render_facts(())
    assert grid.isHidden()
