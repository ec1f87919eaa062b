from __future__ import annotations

import pytest
from PySide6.QtCore import Qt


def test_a_request_is_registered_by_keyboard_alone(window, kit, shoot) -> None:
    window.sign_in()
    window.go("request", activity_id="")
    shoot("request")
    for name, text in {
        "sender": "Pemerintah Desa Jimbe",
        "number": "470/112",
        "village": "Desa Jimbe",
        "district": "Kademangan",
    }.items():
        window.view.type.emit(name, text)
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    (kept,) = kit.context.office.requests.search("jimbe")
    assert (kept.number, kept.targets) == ("470/112", 0)


@pytest.mark.days
def test_what_is_missing_is_told_at_its_field_and_nothing_typed_is_lost(window, kit, shoot) -> None:
    window.sign_in()
    window.go("request", activity_id="")
    window.view.type.emit("number", "470/112")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("request-problem")
    assert window.view.state.wrong.name == "sender"
    assert next(f.text for f in window.view.state.fields if f.name == "number") == "470/112"
