from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Choice
from ui.runtime.theme import ThemeContext
from ui.widgets.choices import ChoiceLine, ChoiceList

CHOICES = (
    Choice("baik", "Baik"),
    Choice("ringan", "Rusak ringan", "masih dapat dipakai"),
    Choice("hilang", "Hilang", refused="Hanya ketua tim yang dapat menyatakan hilang, dengan berita acara."),
)


@pytest.fixture
def choices(qtbot: QtBot, theming: ThemeContext) -> ChoiceList:
    choices = ChoiceList(theming)
    qtbot.addWidget(choices)
    choices.render_choices(CHOICES, "baik")
    choices.resize(320, 300)
    choices.show()
    choices.activateWindow()
    qtbot.waitUntil(choices.isActiveWindow)
    return choices


def checked(choices: ChoiceList) -> list[bool]:
    return [line.isChecked() for line in choices.findChildren(ChoiceLine)]


def test_a_press_tells_the_name_and_the_circle_waits_for_the_state(qtbot: QtBot, choices: ChoiceList) -> None:
    with qtbot.waitSignal(choices.chosen) as told:
        qtbot.mouseClick(choices.findChildren(ChoiceLine)[1], Qt.MouseButton.LeftButton)
    assert told.args == ["ringan"]
    assert checked(choices) == [True, False, False]
    choices.render_choices(CHOICES, "ringan")
    assert checked(choices) == [False, True, False]


def test_a_refused_line_says_why(qtbot: QtBot, choices: ChoiceList) -> None:
    with qtbot.waitSignal(choices.refused) as why, qtbot.assertNotEmitted(choices.chosen):
        assert choices.choose(2)
    assert "ketua tim" in why.args[0]
    assert not choices.choose(3)


def test_arrows_go_up_and_down_and_space_chooses(qtbot: QtBot, choices: ChoiceList) -> None:
    lines = choices.findChildren(ChoiceLine)
    lines[0].setFocus()
    qtbot.keyClick(lines[0], Qt.Key.Key_Down)
    assert lines[1].hasFocus()
    with qtbot.waitSignal(choices.chosen) as told:
        qtbot.keyClick(lines[1], Qt.Key.Key_Space)
    assert told.args == ["ringan"]
    qtbot.keyClick(lines[1], Qt.Key.Key_Up)
    assert lines[0].hasFocus()


def test_a_long_reason_makes_its_line_higher(choices: ChoiceList) -> None:
    heights = [line.heightForWidth(320) for line in choices.findChildren(ChoiceLine)]
    assert heights[0] == 52
    assert heights[0] < heights[1] < heights[2]


def test_a_long_list_stands_in_two_columns_read_downwards(qtbot: QtBot, theming: ThemeContext) -> None:
    choices = ChoiceList(theming, most_rows=3)
    qtbot.addWidget(choices)
    choices.resize(700, 400)
    choices.render_choices(tuple(Choice(str(n), f"Nama {n}") for n in range(5)), "3")
    choices.show()
    places = [(line.x() > 0, line.y()) for line in choices.findChildren(ChoiceLine)]
    assert [is_right for is_right, _ in places] == [False, False, False, True, True]
    assert places[0][1] == places[3][1]
    assert choices.chosen_line is choices.findChildren(ChoiceLine)[3]
    choices.render_choices(tuple(Choice(str(n), f"Nama {n}") for n in range(3)), "0")
    assert [line.x() for line in choices.findChildren(ChoiceLine) if line.isVisible()] == [0, 0, 0]


def test_a_dense_list_is_lower_and_still_as_high_as_a_finger_needs(qtbot: QtBot, theming: ThemeContext) -> None:
    plain = (CHOICES[0], Choice("berat", "Rusak berat"))
    lists = [ChoiceList(theming), ChoiceList(theming, is_dense=True)]
    for one in lists:
        qtbot.addWidget(one)
        one.render_choices(plain, "baik")
    high, dense = (one.sizeHint().height() for one in lists)
    assert dense < high
    assert all(line.heightForWidth(320) >= theming.tokens.size["target"] for line in lists[1].findChildren(ChoiceLine))


def test_lines_beyond_the_tenth_show_a_letter_of_their_words_that_chooses_them(
    qtbot: QtBot, choices: ChoiceList
) -> None:
    words = [*(f"Bagian {n}" for n in range(10)), "Data", "Dana", "Wali", "DA"]
    choices.render_choices(tuple(Choice(each.lower(), each) for each in words))
    for letter, name in (("d", "data"), ("A", "dana"), ("w", "wali")):
        with qtbot.waitSignal(choices.chosen) as told:
            assert choices.choose_by_letter(letter)
        assert told.args == [name]
    assert not any(map(choices.choose_by_letter, ("z", "", "1", "da")))  # the last has no letter of its own
    choices.render_choices(CHOICES)
    assert not choices.choose_by_letter("d")
