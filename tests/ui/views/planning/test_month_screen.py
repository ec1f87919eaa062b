from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from support.activities import add_activity
from support.app_context import TODAY, Kit
from support.sops import SMALL

from ui.widgets.chart import MonthGrid

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kit(kit: Kit) -> Iterator[Kit]:
    for name in ("Dawuhan", "Dolopo"):
        add_activity(kit, name, SMALL, TODAY + timedelta(days=3))
    return kit


@pytest.mark.days
def test_the_month_and_a_day_with_two_activities(window, shoot) -> None:
    window.sign_in()
    window.go("activities")
    window.press(Qt.Key.Key_T, to=CTRL)
    window.reach("Month")
    assert isinstance(window.shell.focusWidget(), MonthGrid)
    shoot("month")
    window.press(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return)
    window.reach("Activities")
    assert window.view.state.rows.count == 2
    shoot("activities-day")
    window.press(Qt.Key.Key_Escape)
    window.reach("Month")
    window.press(Qt.Key.Key_PageDown)
    window.wait(lambda: window.view.state.month.first.month == 12)
    window.press(Qt.Key.Key_T, to=CTRL)
    window.reach("Activities")
