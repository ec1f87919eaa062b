"""From Beranda to a recovery sheet, by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.plans import ADMIN

from fieldkit.services.context.set_up import SetUpStep


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN,)) as kit:
        monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
        yield kit


@pytest.mark.days
def test_beranda_leads_through_what_a_new_kit_lacks(window, kit, shoot) -> None:
    window.sign_in()
    window.wait(lambda: bool(window.view.state.duties and window.view.state.duties.count))
    shoot("set-up-home")
    window.press(Qt.Key.Key_Return)
    window.reach("SetUp")
    shoot("set-up")
    window.press(Qt.Key.Key_Return)  # without a printer the sheet is kept as a PDF
    window.reach("Form")
    shoot("set-up-sheet")
    window.type("abcd efgh ijkl mnop qrst")
    window.press(Qt.Key.Key_Return)
    window.reach("SetUp")
    window.wait(lambda: SetUpStep.SHEET not in kit.context.set_up.missing())
    window.go("settings", section="penyedia")
    window.wait(lambda: window.view.state.section == "penyedia")
    shoot("set-up-providers")
    window.press(Qt.Key.Key_Escape)
    window.reach("SetUp")
    window.go("settings", section="sop_files")
    window.wait(lambda: window.view.state.section == "sop_files")
    shoot("set-up-sops")
    window.press(Qt.Key.Key_Escape)
    window.reach("SetUp")
    window.go("staff_import")
    shoot("set-up-staff")
