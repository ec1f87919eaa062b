from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.lists import HEADER, number, row_of, xlsx

from ui.presenters.parts import Stage

BORN = "12-07-1951"


def test_a_list_comes_in_by_keyboard_alone(window, kit, shoot, tmp_path) -> None:
    path = tmp_path / "daftar.xlsx"
    rows = [row_of(f"3505125207510{n:03}", f"SITI {chr(65 + n % 26)}", BORN) for n in range(111, 131)]
    rows[3] = row_of(number("3.50512520751E+15"), "HILANG ANGKA", BORN)
    path.write_bytes(xlsx([("DATA SASARAN",), HEADER, *rows]))
    window.sign_in()
    window.go("import_targets", activity_id="a1")
    shoot("import-empty")
    window.type(str(path))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.rows.count == 20)
    shoot("import-preview")
    assert window.view.state.reasons
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    assert len(kit.context.visits.targets("a1", "siti")) == 19


@pytest.mark.days
def test_a_file_that_is_none_is_told_in_place(window, shoot, tmp_path) -> None:
    window.sign_in()
    window.go("import_targets", activity_id="a1")
    window.type(str(tmp_path / "tidak-ada.xlsx"))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.problem is not None)
    shoot("import-problem")
    assert window.view.state.problem.code == "list.unreadable"
    assert window.view.state.stage is Stage.CONTENT


@pytest.mark.parametrize("name", ["import_targets", "verify_targets", "siak_answer", "request"])
def test_every_page_opens(window, name: str) -> None:
    window.sign_in()
    window.go(name, activity_id="a1")
    assert window.view.state.problem is None


def test_a_disposition_without_a_request_says_so(window, shoot) -> None:
    window.sign_in()
    window.go("disposition", activity_id="a1")
    assert window.view.state.problem.code == "dispose.no_request"
