from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

ENTER, ESC = Qt.Key.Key_Return, Qt.Key.Key_Escape


def test_the_recording_begins_from_the_card(window, kit) -> None:
    window.sign_in()
    window.go("visit", activity_id="a1", target_id="t1")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields))
    window.press(ENTER)
    window.reach("Notice")
    assert kit.context.office.visits.card("t1").open_visit is not None
    assert window.view.state.name == "MISINEM"


@pytest.mark.days
def test_a_child_is_refused_on_the_card_and_a_record_needs_no_visit(window, kit, shoot) -> None:
    kit.seal(1, kit.context.visits.target("t1"))
    window.sign_in()
    window.go("visit", activity_id="a1", target_id="t4")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields))
    window.press(ENTER)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "session.too_young"
    window.press(ESC)
    window.go("visit", activity_id="a1", target_id="t1")
    window.press(ENTER)
    shoot("visit-recorded")
    assert window.view.state.fields == ()
    assert window.view.state.bar.actions[-1].refused
