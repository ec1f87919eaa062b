from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.apart import brought_together

from ui.presenters.presenter import message


def test_without_differences_it_says_so(window) -> None:
    window.sign_in()
    window.go("conflicts")
    assert window.view.state.nothing.title == message("conflicts.none")


@pytest.mark.days
def test_letters_search_and_enter_opens(window, kit, tmp_path: Path) -> None:
    brought_together(kit, tmp_path, "t1", "a1")
    window.sign_in()
    window.go("conflicts")
    assert window.view.state.rows.count == 1
    window.type("zzz")
    window.wait(lambda: window.view.state.rows.count == 0)
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(Qt.Key.Key_Return)
    window.reach("Conflict")
    assert window.view.state.rows.count > 1
