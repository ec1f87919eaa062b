"""A list of statuses by keyboard alone: from the worklist, out of a file and off the clipboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from support.app_context import TARGETS, Kit
from support.letters import KASI
from support.office_window import CTRL, office_kit, open_statuses, rows

from fieldkit.domain.status_lists import SeenStatuses
from ui.presenters.presenter import message

NIKS = [target.biodata.nik.digits for target in TARGETS]
STRANGER = "3505124101900009"


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    for kit in office_kit(tmp_path, monkeypatch, KASI):
        kit.plan(*TARGETS)
        yield kit


def seen(kit: Kit) -> dict[str, list[str]]:
    with kit.store.read() as unit:
        return {each.thing_id: [s.code for s in each.statuses] for each in unit.repository(SeenStatuses).search()}


def test_a_list_is_taken_over_and_taken_back_by_keyboard(window, kit, shoot, tmp_path) -> None:
    path = tmp_path / "prr_20261121.csv"
    lines = [f"{NIKS[0]};PRR", f"{NIKS[1]};SFE", f"{STRANGER};PRR", f"{NIKS[2]};PRR", f"{NIKS[2]};SFE", "123;PRR"]
    path.write_text("\n".join(["DAFTAR;", "NIK;STATUS KTP", *lines]))
    open_statuses(window)
    window.press(Qt.Key.Key_Insert)
    window.wait(lambda: window.view.state.title == message("siak.title"))
    shoot("import-statuses-empty")
    window.type(str(path))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.rows.count > 6)
    shoot("import-statuses-read")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.toast is not None)
    assert seen(kit) == {"t1": ["PRR"], "t2": ["SFE"]}
    window.press(Qt.Key.Key_H, to=CTRL)
    window.wait(lambda: seen(kit) == {})


def test_pasted_lines_are_asked_for_their_day(window, kit, shoot) -> None:
    QGuiApplication.clipboard().setText("\n".join(f"{nik} PRR" for nik in NIKS[:3]))
    open_statuses(window)
    window.press(Qt.Key.Key_Insert)
    window.wait(lambda: window.view.state.title == message("siak.title"))
    window.press(Qt.Key.Key_Insert)
    window.wait(lambda: window.view.state.asks == message("siak.ask_day"))
    shoot("import-statuses-asked")
    window.type("20-11-2026")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.rows.count > 2)
    assert rows(window)[0].cells[3].tags[0].words == message("siak.is_new")
