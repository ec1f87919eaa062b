from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.reported import report_month

from ui.presenters.presenter import message

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(window, kit):
    report_month(kit)
    window.sign_in()
    window.go("reports")
    return window


def test_digits_choose_what_is_shown(opened, shoot) -> None:
    shoot("reports")
    for digit, name in enumerate(("activities", "minutes", "exceptions", "positions", "devices"), 2):
        opened.press(Qt.Key(Qt.Key.Key_0 + digit))
        opened.wait(lambda name=name: opened.view.state.chosen == name)
        shoot(f"reports-{name}")
    assert opened.view.state.rows.count == 4


@pytest.mark.days
def test_letters_choose_the_sections_that_digits_do_not_reach(opened, shoot) -> None:
    beyond = [choice.name for choice in opened.view.state.choices][10:]
    reached = set()
    for letter in range(Qt.Key.Key_A, Qt.Key.Key_Z + 1):
        opened.press(Qt.Key(letter))
        reached.add(opened.view.state.chosen)
    assert beyond
    assert reached.issuperset(beyond)
    shoot("reports-letters")


def test_the_smallest_laptop_that_is_promised_shows_every_section(opened) -> None:
    """Eleven sections at 1366 × 768, less title bar, status bar and the bar of keys."""
    assert len(opened.view.state.choices) == 11
    opened.wait(lambda: opened.view.content.heightForWidth(1366) <= 636)


@pytest.mark.days
def test_the_keys_of_pages_go_through_the_months(opened, shoot) -> None:
    opened.press(Qt.Key.Key_PageUp)
    opened.wait(lambda: opened.view.state.about == message("reports.month_10", year=2026))
    shoot("reports-nothing")
    opened.press(Qt.Key.Key_T, to=CTRL)
    opened.wait(lambda: opened.view.state.about == message("reports.month_11", year=2026))
    opened.press(Qt.Key.Key_PageDown)
    opened.wait(lambda: opened.view.state.about == message("reports.month_12", year=2026))


@pytest.mark.days
def test_day_month_and_activity_go_round(opened, shoot) -> None:
    opened.press(Qt.Key.Key_O, to=CTRL)
    opened.wait(lambda: opened.view.state.about == "Jemput bola Desa Jimbe, Kademangan")
    shoot("reports-activity")
    opened.press(Qt.Key.Key_O, to=CTRL)
    opened.wait(lambda: opened.view.state.about == message("reports.title_day", day="21-11-2026"))
    shoot("reports-day")


@pytest.mark.days
def test_enter_saves_the_paper_and_ctrl_b_the_spreadsheet(opened, tmp_path: Path, shoot) -> None:
    papers = tmp_path / "papers"
    opened.press(Qt.Key.Key_Return)
    opened.wait(lambda: (papers / "laporan-202611.pdf").is_file())
    opened.settle()
    shoot("reports-saved")
    opened.press(Qt.Key.Key_B, to=CTRL)
    opened.wait(lambda: (papers / "laporan-202611.xlsx").is_file())
    opened.settle()
    assert (papers / "laporan-202611.pdf").read_bytes().startswith(b"%PDF")


def test_the_table_is_reached_by_tab_and_moves_by_arrows(opened) -> None:
    view = opened.view
    for _ in range(20):
        if opened.shell.focusWidget() is view._table:
            break
        opened.press(Qt.Key.Key_Tab)
    opened.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert view._table.currentIndex().row() >= 1
    opened.press(Qt.Key.Key_3)  # digits still belong to the screen
    opened.wait(lambda: view.state.chosen == "minutes")


def test_the_other_language_says_the_same(opened) -> None:
    bars = opened.view._chart.accessibleName()
    opened.press(Qt.Key.Key_F2)
    opened.wait(lambda: opened.view._chart.accessibleName() != bars)
    assert "Was recorded before" in opened.view._chart.accessibleName()
