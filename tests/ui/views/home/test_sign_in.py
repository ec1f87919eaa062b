from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.app_context import KETUA, PASSPHRASE, PIN

from fieldkit.domain.people import Role, User
from ui.widgets.choices import ChoiceLine


def test_arrows_pick_the_name_while_the_passphrase_keeps_the_keyboard(window, shoot) -> None:
    shoot("sign_in")
    window.type("sawah")
    window.press(Qt.Key.Key_Down)
    assert window.view.state.chosen == KETUA.user_id
    assert window.view.state.demo_pin == ""
    window.type(PASSPHRASE[5:])
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    assert window.program.signed_in().context.user == KETUA


def test_nine_names_stand_side_by_side_and_a_first_letter_picks_one(window, shoot) -> None:
    window.door.people = tuple(User(f"u{n}", f"{role.name[:3]} Contoh", role) for n, role in enumerate(Role))
    window.shell.navigation.restart("sign_in")
    window.settle()
    window.type("rahasia")
    window.press(Qt.Key.Key_K, to=Qt.KeyboardModifier.AltModifier)
    assert window.view.state.chosen == "u1"
    assert window.view.findChild(QLineEdit).text() == "rahasia"
    window.press(Qt.Key.Key_O, to=Qt.KeyboardModifier.AltModifier)
    assert window.view.state.chosen == "u7"
    shoot("sign_in-nine")
    lines = window.view.findChildren(ChoiceLine)
    assert all(line.visibleRegion().boundingRect().size() == line.size() for line in lines)  # nobody has to scroll


def test_in_the_list_a_letter_alone_picks(window) -> None:
    window.view.findChildren(ChoiceLine)[0].setFocus()
    window.press(Qt.Key.Key_B)
    assert window.view.state.chosen == KETUA.user_id


def test_after_a_click_on_a_name_the_passphrase_has_the_keyboard(window) -> None:
    ketua = next(line for line in window.view.findChildren(ChoiceLine) if line.text() == KETUA.name)
    ketua.setFocus()  # as a click does
    ketua.click()
    assert window.view.state.chosen == KETUA.user_id
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("Home")


def test_a_wrong_passphrase_is_explained_and_the_field_is_empty_again(window, shoot) -> None:
    window.type("salah")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("sign_in-wrong")
    field = window.view.findChild(QLineEdit)
    assert field.text() == ""
    assert window.shell.focusWidget() is field
    window.sign_in()


def test_the_passphrase_is_never_shown_and_the_demo_pin_is(window) -> None:
    window.type(PASSPHRASE)
    assert window.view.findChild(QLineEdit).displayText() != PASSPHRASE
    assert window.view.state.demo_pin == PIN


def test_a_change_of_language_keeps_what_was_typed(window) -> None:
    window.type("sawah")
    window.press(Qt.Key.Key_F2)
    assert window.theming.catalog.language == "en"
    assert window.view.findChild(QLineEdit).text() == "sawah"


def test_nobody_to_sign_in_is_said(window, shoot) -> None:
    window.door.people = ()
    window.shell.navigation.restart("sign_in")
    window.settle()
    shoot("sign_in-nobody")


def test_the_second_factor_is_typed_in_the_place_of_the_passphrase(window, shoot) -> None:
    window.door.codes = ["246802"]
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.asks_code)
    window.settle()
    assert [each.isVisible() for each in window.view.findChildren(QLineEdit)] == [False, True]
    window.type("246 801")
    shoot("sign_in-code")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("sign_in-code-wrong")
    assert window.view.held() == ""
    window.press(Qt.Key.Key_Escape)
    window.settle()
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.asks_code)
    window.settle()
    window.type("246802")
    window.press(Qt.Key.Key_Return)
    window.reach("Home")


@pytest.mark.days
def test_who_must_have_a_second_factor_is_led_to_it_before_anything_else(window, shoot) -> None:
    factor = window.door.context.second_factor
    factor.must_begin = True
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("ReadingForm")
    assert window.shell.navigation.name == "second_factor"
    window.press(Qt.Key.Key_Escape)
    window.settle()
    assert window.shell.navigation.name == "second_factor"
    shoot("second_factor-must")
    factor.must_begin, factor.is_offered = False, True
    window.program.sign_out()
    window.settle()
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("ReadingForm")
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")
