from __future__ import annotations

from PySide6.QtCore import Qt

from fieldkit.domain.planning.outreach import TargetVerdict


def opened(window) -> None:
    window.sign_in()
    window.go("verify_targets", activity_id="a1")


def test_one_is_judged_by_tab_and_space(window, kit, shoot) -> None:
    opened(window)
    shoot("verify")
    window.view.judge.emit("pindah")
    window.wait(lambda: window.view.state.rows.count == 6)
    assert kit.desk.visits.target("t1").verdict is TargetVerdict.PINDAH


def test_all_that_are_shown_are_verified_by_one_key(window, kit, shoot) -> None:
    opened(window)
    window.press(Qt.Key.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: window.view.state.rows.count == 0)
    shoot("verify-done")
    assert kit.desk.office.verification.tally("a1") == {TargetVerdict.TERVERIFIKASI: 7}
    window.press(Qt.Key.Key_S, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: window.view.state.rows.count == 7)
    shoot("verify-all")
