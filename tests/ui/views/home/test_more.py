from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

FIELD = ("Visits", "Trip", "Recap", "Aid", "Distribution", "Applications", "Reports", "Exchange", "Conflicts")


@pytest.mark.parametrize(("digit", "screen"), tuple(enumerate(FIELD, 1)))
def test_every_screen_of_the_field_is_two_keys_away(window, shoot, digit: int, screen: str) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_M)
    window.reach("More")
    window.settle()
    if digit == 1:
        shoot("more-field")
    window.press(Qt.Key(Qt.Key.Key_0 + digit))
    window.wait(lambda: window.name == screen)
