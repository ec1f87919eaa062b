from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.activities import add_activity
from support.app_context import TARGETS, Kit

from fieldkit.app.bootstrap.sop_profiles import own_profiles

SOPS = {profile.sop_id: profile for profile in own_profiles()}


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    add_activity(kit, "jimbe", SOPS["blitar_si_jaran_ijo"], done=6)
    yield kit
    kit.store.close()


@pytest.mark.days
def test_the_sop_of_an_activity_is_read_and_turned_by_keys(window, kit, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="jimbe")
    window.press(Qt.Key.Key_Space, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("SopDocument")
    window.wait(lambda: bool(window.view.state.side))
    shoot("sop-document")
    bar = window.view.area.verticalScrollBar()
    assert bar.maximum()
    window.press(Qt.Key.Key_PageDown)
    assert bar.value() > 0
    window.press(Qt.Key.Key_PageUp)
    assert bar.value() == 0
    window.press(Qt.Key.Key_Escape)
    window.reach("Activity")
