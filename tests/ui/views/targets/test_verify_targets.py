from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from fieldkit.domain.planning.outreach import TargetVerdict

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.mark.days
def test_all_that_are_shown_are_ticked_and_verified_by_keys(window, kit, shoot) -> None:
    window.sign_in()
    window.go("verify_targets", activity_id="a1")
    shoot("verify")
    window.press(Qt.Key.Key_A, to=CTRL)
    shoot("verify-ticked")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.rows.count == 0)
    shoot("verify-done")
    assert kit.context.office.verification.tally("a1") == {TargetVerdict.TERVERIFIKASI: 7}
    window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: window.view.state.rows.count == 7)
    shoot("verify-all")
