from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from fieldkit.domain.planning.outreach import TargetState


@pytest.fixture
def notice(window):
    """The notice of the first house."""
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    window.press(Qt.Key.Key_Return)
    window.reach("Notice")
    return window


def test_enter_notes_the_language_on_the_screen(notice, kit, shoot) -> None:
    shoot("notice")
    notice.press(Qt.Key.Key_F2, Qt.Key.Key_Return)
    notice.wait(lambda: notice.name == "Recording")
    (session,) = kit.context.visits.overview().unfinished
    assert (session.notice.language, session.notice.companion) == ("en", "")


@pytest.mark.days
def test_the_companion_is_reached_by_tab(notice, kit) -> None:
    notice.press(Qt.Key.Key_Tab)
    assert isinstance(notice.shell.focusWidget(), QLineEdit)
    notice.type("Pak Slamet")
    notice.press(Qt.Key.Key_Return)
    notice.wait(lambda: notice.name == "Recording")
    (session,) = kit.context.visits.overview().unfinished
    assert session.notice.companion == "Pak Slamet"


@pytest.mark.days
def test_a_no_is_three_keys(notice, kit, shoot) -> None:
    notice.press(Qt.Key.Key_X)
    shoot("notice-declined")
    notice.press(Qt.Key.Key_2, Qt.Key.Key_Return)
    notice.reach("Targets")
    target = kit.context.visits.target("t1")
    assert (target.state, target.reason) == (TargetState.POSTPONED, "fled")


def test_a_no_without_a_reason_says_what_lacks(notice) -> None:
    notice.press(Qt.Key.Key_X, Qt.Key.Key_Return)
    assert notice.name == "Notice"
    notice.press(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    notice.reach("Targets")
