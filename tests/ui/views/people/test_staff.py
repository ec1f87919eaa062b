from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.desk import PETUGAS, Kit, OpenDoor
from support.plans import KASI, furnish

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.desk)
    yield kit
    kit.store.close()


def opened(window):
    window.sign_in()
    window.go("staff")
    return window.view


def test_somebody_new_is_added_by_keys_only(window, kit, shoot) -> None:
    view = opened(window)
    shoot("staff-empty")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.type("Rina Wulandari")
    window.press(Qt.Key.Key_Tab)
    window.type("1991")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: any(field.problem for field in view.state.fields))
    shoot("staff-nip")
    window.type("05032015022001")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: view.state.rows.count == 1)
    assert kit.desk.office.staff.search()[0].nip == "199105032015022001"


def test_a_person_is_found_changed_and_taken_off(window, kit, shoot) -> None:
    furnish(kit)
    view = opened(window)
    window.type("wahyu")
    window.wait(lambda: view.state.rows.count == 1)
    window.press(Qt.Key.Key_Down)
    window.wait(lambda: view.state.fields[0].text == "Wahyu Utomo")
    edit = view._fields["jabatan"].findChild(QLineEdit)
    edit.setFocus()
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("Operator cetak")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.desk.office.staff.get("s4").jabatan == "Operator cetak")
    window.settle()
    shoot("staff")
    window.press(Qt.Key.Key_H, to=CTRL)
    window.wait(lambda: len(kit.desk.office.staff.search()) == 3)
    assert view.state.rows.count in (0, 1)


def test_who_may_not_write_reads(window, kit, tmp_path, monkeypatch, shoot) -> None:
    other = Kit(tmp_path / "other", PETUGAS)
    furnish(other)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: other.desk)
    view = opened(window)
    shoot("staff-reader")
    assert not any(edit.isEnabled() for edit in view._form.findChildren(QLineEdit))
    window.press(Qt.Key.Key_Return)
    other.store.close()
