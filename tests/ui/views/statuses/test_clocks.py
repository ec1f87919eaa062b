from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import TARGETS, Kit
from support.cards_sent import follow_sop
from support.letters import KASI
from support.office_window import CTRL, office_kit, open_statuses, panels, rows, type_over

from ui.presenters.lists import Facts, History
from ui.presenters.presenter import message

Key = Qt.Key


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    yield from office_kit(tmp_path, monkeypatch, KASI)


@pytest.mark.days
def test_a_fault_moves_the_due_date_and_says_why(window, kit, shoot) -> None:
    follow_sop(kit, "blitar_si_jaran_ijo")
    for number in (0, 1, 4):
        kit.seal(number + 1, TARGETS[number], timedelta())
    kit.clock.at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    open_statuses(window)
    window.press(Key.Key_T, to=CTRL)
    window.reach("Clocks")
    window.wait(lambda: rows(window)[0].cells[3].words == "10-12-2026")
    shoot("clocks")
    window.press(Key.Key_Return)
    window.reach("Form")
    type_over(window, "tenggat.note", "Server pusat tidak dapat dihubungi")
    shoot("clock_pause")
    window.press(Key.Key_Return)
    window.reach("Clocks")
    window.wait(lambda: rows(window)[0].cells[2].tags[0].words == message("tenggat.state_paused"))
    shoot("clocks-paused")
    kit.clock.at = datetime(2026, 11, 27, 9, tzinfo=UTC)
    window.press(Key.Key_Return)
    window.wait(lambda: rows(window)[0].cells[3].words == "15-12-2026")
    (moved, why), *_ = panels(window, Facts)[1].facts
    assert moved == message("tenggat.moved_days", days=3)
    assert why.params["note"] == "Server pusat tidak dapat dihubungi"
    shoot("clocks-moved")
    window.press(Key.Key_F9)
    window.reach("Form")
    shoot("card_facts")
    type_over(window, "tenggat.file_complete", "26-11-2026")
    window.press(Key.Key_Return)
    window.reach("Clocks")
    window.wait(lambda: "15-12-2026" in {row.cells[3].words for row in rows(window)} != {"15-12-2026"})
    noted = [kit.context.office.clocks.facts(target).file_complete_on for target in ("t1", "t2", "t5")]
    assert noted.count(date(2026, 11, 26)) == 1


@pytest.mark.days
def test_the_clock_of_the_status_under_the_cursor_has_the_cursor(window, kit) -> None:
    follow_sop(kit, "blitar_si_jaran_ijo")
    for number in (0, 1, 4):
        kit.apply(kit.seal(number + 1, TARGETS[number], timedelta()), "SENT_FOR_ENROLLMENT")
    open_statuses(window)
    window.press(Key.Key_Down, Key.Key_Down)
    wanted = panels(window, History)[0].title
    window.press(Key.Key_T, to=CTRL)
    window.reach("Clocks")
    assert panels(window, Facts)[0].title == wanted
    window.press(Key.Key_Up)
    window.wait(lambda: panels(window, Facts)[0].title != wanted)
