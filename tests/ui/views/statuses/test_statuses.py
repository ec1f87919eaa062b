from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.app_context import TARGETS
from support.office_window import panels

from ui.presenters.lists import Hint, Numbers
from ui.presenters.presenter import message


@pytest.fixture
def statuses(window, kit):
    for number, target in enumerate(TARGETS):
        kit.seal(number + 1, target)
    kit.apply("0199-0001", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.apply("0199-0002", "SENT_FOR_ENROLLMENT", "CARD_PRINTED", source="pusat")
    kit.apply("0199-0003", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.apply("0199-0004", "RECEIVED_AT_CENTRAL", "DUPLICATE_RECORD")
    kit.apply("0199-0005", "BARU_SEKALI", source="pusat")
    window.sign_in()
    window.press(Qt.Key.Key_9)
    window.reach("Statuses")
    return window


def test_the_side_follows_the_cursor(statuses, shoot) -> None:
    shoot("statuses")
    assert "BARU_SEKALI" in [number.label for number in panels(statuses, Numbers)[0].numbers]
    statuses.type("KARTONO")
    statuses.wait(lambda: statuses.view.state.rows.count == 1)
    shoot("statuses-odd")
    assert panels(statuses, Hint)[0].words[0] == message("status.doubtful")
    statuses.press(Qt.Key.Key_Escape)
    statuses.wait(lambda: statuses.view.state.rows.count == 7)
    statuses.type("DIMAS")
    statuses.wait(lambda: statuses.view.state.rows.count == 1)
    shoot("statuses-16")
    assert panels(statuses, Hint)[0].title == message("status.birthday", day="12-03-2027")


@pytest.mark.days
def test_ctrl_s_turns_the_next_chip_on(statuses) -> None:
    statuses.press(Qt.Key.Key_S, to=Qt.KeyboardModifier.ControlModifier)
    statuses.wait(lambda: statuses.view.state.rows.count == 1)
    assert [chip.name for chip in statuses.view.state.chips[0] if chip.is_on] == ["print"]


@pytest.mark.days
def test_f5_brings_what_came_meanwhile(statuses, kit) -> None:
    assert len(panels(statuses, Numbers)[0].numbers) == 6
    kit.apply("0199-0006", "PROCESSING")
    statuses.press(Qt.Key.Key_F5)
    statuses.wait(lambda: panels(statuses, Numbers)[0].numbers[-1].label == message("status.others"))


def test_nothing_sealed_is_empty(window) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_9)
    window.reach("Statuses")
    assert window.view.state.nothing.title == message("kirim.empty")
