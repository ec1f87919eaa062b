from __future__ import annotations

from PySide6.QtCore import Qt

K = Qt.Key


def test_points_are_typed_and_reported_by_keyboard(window, kit, shoot) -> None:
    window.sign_in()
    window.go("evaluation", activity_id="a1")
    shoot("evaluation-empty")
    window.type("Warga didampingi")
    window.press(K.Key_Tab)
    window.type("Genset mati")
    window.press(K.Key_Return)
    window.type("Data sasaran salah")
    window.wait(lambda: window.view.state.fields[1].text == "Genset mati\nData sasaran salah")
    shoot("evaluation")
    window.press(K.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("Letter")
    (letter,) = kit.context.office.letters.of("a1")
    assert letter.fields["obstacles"] == ["Genset mati", "Data sasaran salah"]
    window.press(K.Key_Escape)
    window.reach("Evaluation")
    window.wait(lambda: not window.view.state.is_open)
    shoot("evaluation-reported")


def test_what_was_typed_is_kept_when_one_leaves(window, kit) -> None:
    window.sign_in()
    window.go("evaluation", activity_id="a1")
    window.type("Jalan licin")
    window.press(K.Key_Escape)
    window.reach("Home")
    window.wait(lambda: kit.context.office.evaluation.view("a1").points.went_well == ("Jalan licin",))
