from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fieldkit.ports.backups import Drive
from fieldkit.ports.data_center import CarryReport, NotCarried
from ui.presenters.messages import message


@pytest.mark.days
def test_a_stick_of_another_laptop_goes_from_kirim_to_the_data_center(window, kit, tmp_path: Path, shoot) -> None:
    stick = tmp_path / "KINGSTON"
    stick.mkdir()
    kit.sticks.listed = [Drive(str(stick), "KINGSTON", 14_000_000_000)]
    ids = [f"0199a1f2-7c3d-7e11-9a0b-00000000000{n}" for n in range(6)]
    kit.courier.finds(*ids)
    kit.courier.report = CarryReport(
        held_already=(ids[0],),
        refused=(NotCarried(ids[1], "sync.no_manifest"), NotCarried(ids[2], "sync.kit_revoked")),
    )
    window.sign_in()
    window.press(Qt.Key.Key_3)
    window.wait(lambda: window.name == "Queue" and window.view.state.nothing.title == message("kirim.empty"))
    shoot("queue-empty-hand-in")
    window.press(Qt.Key.Key_Insert)
    window.reach("HandIn")
    window.wait(lambda: bool(window.view.state.fields))
    shoot("hand-in")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(window.view.state.counts))
    shoot("hand-in-done")
    assert [number.value for number in window.view.state.counts] == ["6", "3", "1", "2"]
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.name == "Queue")
