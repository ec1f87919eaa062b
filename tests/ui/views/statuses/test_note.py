from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import TARGETS, Kit
from support.letters import KASI
from support.office_window import office_kit, open_statuses, rows, type_over

from ui.presenters.lists import Hint
from ui.presenters.presenter import message

Key = Qt.Key


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    yield from office_kit(tmp_path, monkeypatch, KASI)


def hints(window) -> list[object]:
    return [each.title for each in window.view.state.side if isinstance(each, Hint)]


@pytest.mark.days
def test_a_strange_and_an_odd_status_are_typed_kept_and_shown(window, kit, shoot) -> None:
    for number in range(2):
        kit.apply(kit.seal(number + 1, TARGETS[number]), "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    open_statuses(window)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    shoot("status_note")
    window.type("Menunggu_X7")
    window.wait(lambda: hints(window)[0] == message("status.unknown_code", code="Menunggu_X7"))
    shoot("status_note-strange")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    window.wait(lambda: "Menunggu_X7" in [row.cells[1].words for row in rows(window)])
    shoot("statuses-strange")
    window.press(Key.Key_Down)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    type_over(window, "status.code", "CARD_ISSUED")
    type_over(window, "status.reason", "dilihat loket")
    assert hints(window)[0] == message("status.doubt_tag")
    window.press(Key.Key_Return)
    window.wait(lambda: hints(window)[0] == message("status.kept_odd"))
    shoot("status_note-odd")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    window.wait(lambda: message("status.doubt_todo") in [row.cells[2].words for row in rows(window)])
    codes = {status.code for n in (1, 2) for status in kit.context.office.statuses.get(f"0199-{n:04}").statuses}
    assert codes == {"SENT_FOR_ENROLLMENT", "Menunggu_X7", "CARD_ISSUED"}


@pytest.mark.days
def test_a_usual_code_is_taken_by_space(window, kit) -> None:
    kit.apply(kit.seal(1, TARGETS[0]), "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    open_statuses(window)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    window.press(Key.Key_Tab, Key.Key_Right, Key.Key_Space)
    window.wait(lambda: window.view.state.fields[0].text == "RECEIVED_AT_CENTRAL")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    assert kit.context.office.statuses.get("0199-0001").central.code == "RECEIVED_AT_CENTRAL"
