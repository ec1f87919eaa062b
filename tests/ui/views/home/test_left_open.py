from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from fieldkit.domain.typed import DraftName


@pytest.mark.days
def test_enter_goes_on_with_the_row_under_the_cursor(window) -> None:
    window.kit.context.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "SITI"})
    window.sign_in()
    window.go("left_open")
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    assert window.view.state.restored
