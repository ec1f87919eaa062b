from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.letters import KASI
from support.office_window import CTRL, office_kit, open_statuses, rows, type_over

from fieldkit.domain.people import User
from ui.presenters.presenter import message

Key = Qt.Key


@pytest.fixture
def user() -> User:
    return KASI


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: User) -> Iterator[Kit]:
    yield from office_kit(tmp_path, monkeypatch, user)


@pytest.mark.days
def test_sixteen_waits_with_the_day_and_a_marriage_opens_the_gate(window, kit, shoot) -> None:
    kit.apply(kit.seal(3, TARGETS[2]), *UNIQUE)
    kit.clock.advance(hours=3)
    open_statuses(window)
    assert rows(window)[0].cells[2].words == message("status.birthday", day="12-03-2027")
    window.press(Key.Key_O, to=CTRL)
    window.reach("Prints")
    assert rows(window) == []
    shoot("prints-none")
    window.press(Key.Key_S, to=CTRL)
    window.wait(lambda: len(rows(window)) == 1)
    shoot("prints-later")
    window.press(Key.Key_F9)
    window.reach("Form")
    type_over(window, "tenggat.married", "20-11-2026")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.press(Key.Key_S, to=CTRL)
    window.press(Key.Key_S, to=CTRL)
    window.wait(lambda: [row.name for row in rows(window)] == ["0199-0003"])


@pytest.mark.days
@pytest.mark.parametrize("user", [PRINTER])
def test_prints_are_noted_failed_and_made_again(window, kit, shoot) -> None:
    for number in range(3):
        kit.apply(kit.seal(number + 1, TARGETS[number]), *UNIQUE)
    kit.clock.advance(hours=4)
    open_statuses(window)
    window.press(Key.Key_O, to=CTRL)
    window.reach("Prints")
    window.wait(lambda: len(rows(window)) == 2)
    window.press(Key.Key_F8)
    window.reach("Form")
    type_over(window, "cetak.why", "ribbon putus")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.press(Key.Key_Space)
    window.press(Key.Key_A, to=CTRL)
    window.wait(lambda: all(row.is_ticked for row in rows(window)))
    shoot("prints")
    window.press(Key.Key_Return)
    window.reach("Form")
    type_over(window, "cetak.batch", "BL-0107")
    shoot("print_note")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.wait(lambda: rows(window) == [])
    window.press(Key.Key_S, to=CTRL)
    window.press(Key.Key_S, to=CTRL)
    window.wait(lambda: len(rows(window)) == 2)
    shoot("prints-printed")
    window.press(Key.Key_Return)
    window.reach("Form")
    type_over(window, "cetak.why", "foto buram")
    shoot("print_again")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.wait(lambda: any(len(row.cells[3].tags) == 2 for row in rows(window)))
    window.press(Key.Key_B, to=CTRL)
    window.reach("Letter")
    window.wait(lambda: len(window.view.state.pages) > 0)
    shoot("prints-paper")
    assert len(kit.context.office.printing.failures()) == 1
