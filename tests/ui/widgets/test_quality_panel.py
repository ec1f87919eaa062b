from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from support.clock import NOW, HandClock

from fieldkit.ports.vault import SignatureSeen, conclude
from ui.presenters.figures import Attempt, QualityRow, Step, StepMark
from ui.presenters.letters.letters import shown
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Command
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.layout import Text
from ui.widgets.quality_panel import Advice, Attempts, FactGrid, QualityRows, StepLine, StepRail, Timeline, VerdictCard
from ui.widgets.tags import TagLabel

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


STEPS = tuple(Step(mark.value, mark.value.title(), mark, "Petugas · 24 mnt") for mark in StepMark)

Picture = Callable[..., bytes]


def test_the_rail_tells_each_step_and_which_was_chosen(qtbot: QtBot, theming: ThemeContext) -> None:
    rail = StepRail(theming)
    qtbot.addWidget(rail)
    rail.render_steps(STEPS)
    rail.show()
    lines = rail.findChildren(StepLine)
    assert [line.accessibleName() for line in lines][:2] == ["1. Pending, belum", "2. Current, sedang dikerjakan"]
    with qtbot.waitSignal(rail.chosen) as told:
        qtbot.mouseClick(lines[2], Qt.MouseButton.LeftButton)
    assert told.args == ["done"]
    lines[3].setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(rail.chosen) as told:
        qtbot.keyClick(lines[3], Qt.Key.Key_Space)
    assert told.args == ["excepted"]


def test_every_mark_has_its_own_circle(qtbot: QtBot, theming: ThemeContext, picture: Picture) -> None:
    line = StepLine(theming)
    qtbot.addWidget(line)
    line.resize(236, 54)
    circles = set()
    for step in STEPS:
        line.render_step(4, step)
        circles.add(picture(line, QRect(24, 14, 26, 26)))
    assert len(circles) == len(StepMark)


def test_fewer_steps_hide_the_rest(qtbot: QtBot, theming: ThemeContext) -> None:
    timeline = Timeline(theming)
    qtbot.addWidget(timeline)
    timeline.show()
    timeline.render_steps(STEPS)
    timeline.render_steps(STEPS[:2])
    assert sum(line.isVisible() for line in timeline.findChildren(StepLine)) == 2
    assert timeline.findChildren(StepLine)[0].focusPolicy() is Qt.FocusPolicy.NoFocus


def test_steps_that_stand_there_are_not_shown_again(
    qtbot: QtBot, theming: ThemeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    rail, shown = StepRail(theming), list[str]()
    qtbot.addWidget(rail)
    monkeypatch.setattr(StepLine, "render_step", lambda _self, _number, step: shown.append(step.name))
    rail.render_steps(STEPS)
    rail.render_steps(tuple(STEPS))
    assert len(shown) == len(STEPS)
    theming.catalog.choose_next()
    rail.render_steps(STEPS)
    assert len(shown) == 2 * len(STEPS)


SEEN = SignatureSeen("Endang", NOW, True, True, True, True, "CA BSrE")


def test_the_card_follows_the_verdict(theming: ThemeContext, qtbot: QtBot) -> None:
    card = VerdictCard(theming)
    qtbot.addWidget(card)
    card.show()

    def seen() -> set[str]:
        return {label.text() for label in card.findChildren(QLabel) if label.isVisible()}

    card.render_verdict(shown(conclude((SEEN, replace(SEEN, signer="Agus"))), HandClock().local))
    assert {"Endang", "Agus"} <= seen()
    card.render_verdict(shown(conclude((SEEN,)), HandClock().local))
    assert "Agus" not in seen()
    card.render_verdict(None)
    assert card.isHidden()
