"""The chapter `Kode kedua` of the manual, followed by its own words and keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from support.app_context import PASSPHRASE, Kit

from fieldkit.vault.one_time_codes import TotpCodes


@pytest.mark.days
def test_a_second_code_is_set_up_used_and_ended_by_keys(window, kit: Kit, shoot) -> None:
    factor = window.door.context.second_factor
    window.sign_in()
    window.go("settings", section="kode")
    shoot("settings-kode")
    window.press(Qt.Key.Key_Return)
    window.reach("ReadingForm")
    window.wait(lambda: bool(window.view.state.beside.pages))
    window.type(TotpCodes().code_at(factor.offer().secret, int(kit.clock.now().timestamp()) // 30))
    window.press(Qt.Key.Key_Return)
    window.reach("SpareCodes")
    assert len(factor.fresh_spares) == 10
    shoot("spare_codes")
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    kit.clock.at += timedelta(minutes=2)
    window.go("settings", section="kode")
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    assert window.shell.navigation.name == "second_factor_change"
    window.press(Qt.Key.Key_Right, Qt.Key.Key_Space)  # Lepas
    window.press(Qt.Key.Key_Tab)
    window.type(factor.fresh_spares[0])
    window.press(Qt.Key.Key_Return)
    window.reach("Settings")
    assert not factor.standing().is_on
    window.program.sign_out()
    window.settle()
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
