from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from ui.presenters.figures import StepMark
from ui.presenters.parts import Tag
from ui.presenters.planning.steps import TimelineStep
from ui.runtime.theme import ThemeContext
from ui.widgets.quality_panel import LINE, SopTimeline, _Lines

STEPS = tuple(TimelineStep(no, f"Langkah {no}", StepMark.PENDING, ("Kasi", "5 menit")) for no in range(1, 13))


@pytest.fixture
def timeline(qtbot: QtBot, theming: ThemeContext) -> SopTimeline:
    timeline = SopTimeline(theming)
    qtbot.addWidget(timeline)
    timeline.resize(640, 4 * LINE)
    timeline.render_timeline(STEPS, 1)
    timeline.show()
    return timeline


@pytest.mark.parametrize(("key", "by"), [(Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, -1)])
def test_arrows_ask_for_the_next_step(qtbot: QtBot, timeline: SopTimeline, key: Qt.Key, by: int) -> None:
    with qtbot.waitSignal(timeline.moved) as told:
        qtbot.keyClick(timeline.findChild(_Lines), key)
    assert told.args == [by]


def test_a_press_tells_the_step(qtbot: QtBot, timeline: SopTimeline) -> None:
    with qtbot.waitSignal(timeline.chosen) as told:
        qtbot.mouseClick(timeline.findChild(_Lines), Qt.MouseButton.LeftButton, pos=QPoint(50, 2 * LINE + 5))
    assert told.args == [3]


def test_the_cursor_comes_into_sight_below_a_whole_line(timeline: SopTimeline) -> None:
    timeline.render_timeline(STEPS, 9)
    bar = timeline.findChild(QScrollArea).verticalScrollBar()
    assert bar.value() % LINE == 0
    assert bar.value() <= 8 * LINE < bar.value() + 4 * LINE
    assert timeline.findChild(_Lines).accessibleName().startswith("9. Langkah 9")


def test_the_page_keys_are_the_screens(qtbot: QtBot, timeline: SopTimeline) -> None:
    qtbot.keyClick(timeline.findChild(_Lines), Qt.Key.Key_PageDown)
    assert timeline.findChild(QScrollArea).verticalScrollBar().value() == 0


def test_marks_and_tags_are_painted(timeline: SopTimeline) -> None:
    plain = timeline.grab().toImage()
    timeline.render_timeline((TimelineStep(1, "Langkah 1", StepMark.DONE, (), Tag("Giliran Anda")), *STEPS[1:]), 1)
    assert timeline.grab().toImage() != plain
