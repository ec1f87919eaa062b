from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from ui.presenters.figures import Step, StepMark
from ui.runtime.theme_context import ThemeContext
from ui.widgets.steps import StepLine, StepRail, Timeline

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
