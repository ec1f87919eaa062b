from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.field_office import half_a_day

from ui.presenters.lists import Numbers

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


@pytest.mark.days
def test_the_recap_leads_to_the_evaluation(window, kit, shoot) -> None:
    window.sign_in()
    window.go("recap", activity_id="a1")
    assert window.view.state.rows.count == 0
    window.press(ESC)
    window.reach("Home")
    half_a_day(kit)
    window.go("recap", activity_id="a1")
    shoot("recap")
    assert [type(panel) for panel in window.view.state.panels] == [Numbers] * 2
    window.press(ENTER)
    window.reach("Evaluation")
