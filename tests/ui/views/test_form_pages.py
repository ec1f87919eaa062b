from __future__ import annotations

from PySide6.QtCore import Qt

from fieldkit.domain.drafts import DraftName
from ui.presenters.form import FormPresenter

SHIFT = Qt.KeyboardModifier.ShiftModifier


def typed(window) -> str:
    presenter = window.shell.navigation.page.presenter
    assert isinstance(presenter, FormPresenter)
    return presenter.state.fields[2].text


def test_what_is_typed_into_a_form_stands_there_after_esc_and_is_thrown_away_by_key(window, shoot) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    window.type("SITI AMINAH")
    assert typed(window) == "SITI AMINAH"
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")
    window.go("walk_in", activity_id="a1")
    assert typed(window) == "SITI AMINAH"
    assert window.view.state.restored
    shoot("walk-in-restored")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: typed(window) == "")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: typed(window) == "SITI AMINAH")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"})) is None)


def test_leaving_a_field_keeps_it_at_once(window) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.type("3505")
    window.press(Qt.Key.Key_Tab)
    window.wait(lambda: window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"})) is not None)


def test_closing_the_window_keeps_what_was_typed_last(window) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.type("3505")
    window.shell.close()
    window.tasks.shutdown()
    draft = window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"}))
    assert draft is not None
    assert draft.fields["nik"] == "3505"
