from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.plans import ADMIN, furnish, plan

from fieldkit.domain.planning.schedule import CutiBersama

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    furnish(kit, plan("a2", date(2026, 12, 3)))
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()


def opened(window):
    window.sign_in()
    window.go("calendar_days")
    return window.view


def test_a_day_is_turned_around_by_keys_only(window, kit, shoot) -> None:
    view = opened(window)
    window.press(Qt.Key.Key_PageDown)
    window.wait(lambda: view.state.month.first == date(2026, 12, 1))
    window.press(Qt.Key.Key_Right, Qt.Key.Key_Right)
    shoot("calendar")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: view.state.reason.problem != "")
    window.press(Qt.Key.Key_Tab)
    window.type("Upacara hari jadi")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: len(view.state.changes) == 1)
    assert not kit.context.office.calendar.calendar().is_workday(date(2026, 12, 3))
    shoot("calendar-changed")
    window.press(Qt.Key.Key_H, to=CTRL)
    window.wait(lambda: view.state.changes == ())


def test_a_year_without_decree_warns_until_the_dinas_confirms_it(window, kit, shoot) -> None:
    view = opened(window)
    view._month.turned.emit(date(2029, 1, 1))
    window.wait(lambda: view.state.confirm is not None)
    shoot("calendar-unpublished")
    view._confirm.click()
    window.wait(lambda: view.state.confirm is None)
    assert kit.context.office.calendar.calendar().is_published(2029)


def test_cuti_bersama_is_counted_as_chosen(window, kit) -> None:
    view = opened(window)
    view._cuti.choose(1)
    window.wait(lambda: view.state.cuti == CutiBersama.WORKING_DAY.value)
    assert kit.context.office.calendar.calendar().is_workday(date(2026, 12, 24))
