from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.plans import ADMIN

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()


@pytest.mark.days
def test_a_user_is_added_given_a_new_start_and_ended_by_keys_only(window, kit, shoot) -> None:
    window.sign_in()
    window.go("accounts")
    shoot("accounts")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Form")
    for text in ("sri", "Sri Lestari"):
        window.type(text)
        window.press(Qt.Key.Key_Tab)
    window.press(Qt.Key.Key_Space)  # the role that has the keyboard; none is chosen before
    window.press(Qt.Key.Key_Tab)
    for text in ("kunci lemari besi", "kunci lemari besi", "135790"):
        window.type(text)
        window.press(Qt.Key.Key_Tab)
    shoot("account-new")
    window.press(Qt.Key.Key_Return)
    window.reach("Accounts")
    window.wait(lambda: window.view.state.rows.count == 4)
    assert kit.accounts.passphrases["sri"] == "kunci lemari besi"
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    shoot("account-again")
    window.press(Qt.Key.Key_Escape)
    window.reach("Accounts")
    window.press(Qt.Key.Key_H, to=CTRL)
    window.reach("Form")
    shoot("account-end")
    window.press(Qt.Key.Key_Tab)
    window.type("pindah tugas")
    window.press(Qt.Key.Key_Return)
    window.reach("Accounts")
    window.wait(lambda: any(each.is_disabled for each in kit.accounts.everybody()))
