from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import PETUGAS, Kit, OpenDoor
from support.plans import KASI, furnish

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()


def test_somebody_new_is_added_by_keys_only(window, kit, shoot) -> None:
    window.sign_in()
    window.go("staff")
    shoot("staff-empty")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Form")
    window.type("Rina Wulandari")
    window.press(Qt.Key.Key_Tab)
    window.type("1991")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: any(field.problem for field in window.view.state.fields))
    shoot("staff-nip")
    window.press(Qt.Key.Key_End)
    window.type("05032015022001")
    window.press(Qt.Key.Key_Return)
    window.reach("Staff")
    window.wait(lambda: window.view.state.rows.count == 1)
    assert kit.context.office.staff.search()[0].nip == "199105032015022001"


@pytest.mark.days
def test_a_person_is_found_changed_and_taken_off(window, kit, shoot) -> None:
    furnish(kit)
    window.sign_in()
    window.go("staff")
    shoot("staff")
    window.type("wahyu")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    window.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("Operator cetak")
    shoot("staff-form")
    window.press(Qt.Key.Key_Return)
    window.reach("Staff")
    assert kit.context.office.staff.get("s4").jabatan == "Operator cetak"
    window.press(Qt.Key.Key_H, to=CTRL)
    window.wait(lambda: len(kit.context.office.staff.search()) == 3)


@pytest.mark.days
def test_who_may_not_write_reads(window, kit, tmp_path, monkeypatch, shoot) -> None:
    other = Kit(tmp_path / "other", PETUGAS)
    furnish(other)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: other.context)
    window.sign_in()
    window.go("staff")
    shoot("staff-reader")
    window.press(Qt.Key.Key_Return)
    assert window.name == "Staff"
    other.store.close()
