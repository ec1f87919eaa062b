from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.app_context import PASSPHRASE
from support.clock import NOW

from fieldkit.domain.trusted_time import TimeSource, TrustedTime, judge


@pytest.mark.days
def test_a_clock_that_is_behind_stands_before_everything_and_is_mended_by_keyboard(window, kit, shoot) -> None:
    kit.context.time.learn(NOW, TimeSource.CENTER)
    kit.clock.jump(days=-3)
    window.door.clock = judge(kit.clock.now(), TrustedTime(NOW, TimeSource.CENTER))
    window.program.sign_out()
    window.wait(lambda: window.view.state.clock != "")
    shoot("sign-in-clock")
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    window.settle()
    shoot("clock")
    window.press(Qt.Key.Key_Tab)
    window.type("21-11-2026 09.05")
    window.press(Qt.Key.Key_Tab)
    window.type("baterai jam habis")
    shoot("clock-typed")
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    assert (kit.clock.now() - NOW).total_seconds() == 300
    window.settle()
    shoot("home-clock-corrected")
