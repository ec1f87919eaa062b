from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.app_context import TARGETS

from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.requests import TargetNotes


def opened(window) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")


def test_arrows_and_enter_open_the_notice(window, shoot) -> None:
    opened(window)
    shoot("targets")
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    shoot("targets-16")
    window.press(Qt.Key.Key_Return)
    window.reach("Notice")
    assert window.view.state.name == "DIMAS"


@pytest.mark.days
def test_typing_searches_at_once_and_enter_takes_what_was_found(window, shoot) -> None:
    opened(window)
    window.type("kart")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("targets-found")
    window.press(Qt.Key.Key_Return)
    window.reach("Notice")
    assert window.view.state.name == "KARTONO WIBOWO"


@pytest.mark.days
def test_digits_search_the_nik_and_esc_empties_the_search_first(window, shoot) -> None:
    opened(window)
    window.type("350512999")
    window.wait(lambda: window.view.state.rows.count == 0)
    shoot("targets-not-found")
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.view.state.rows.count == 7)
    assert window.view.findChild(QLineEdit).text() == ""
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")


@pytest.mark.days
def test_a_child_is_refused_in_place(window, kit, shoot) -> None:
    opened(window)
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    shoot("targets-refused")
    assert window.name == "Targets"
    assert kit.context.visits.target("t4").state is TargetState.PLANNED


@pytest.mark.days
def test_chips_notes_and_a_small_window(window, kit, shoot) -> None:
    notes = TargetNotes("t2", "a1", access="Jembatan kecil, 200 m jalan kaki", safety="Takut seragam")
    kit.context.office.verification.note(notes)
    with kit.store.write() as unit:
        unit.targets.judge(["t1", "t2"], TargetVerdict.TERVERIFIKASI)
        unit.targets.judge(["t5"], TargetVerdict.NIK_BERMASALAH)
    kit.seal(1, TARGETS[0])
    opened(window)
    shoot("targets-notes-told")
    assert window.view.hints.isVisible()
    window.shell.resize(1024, 600)
    shoot("targets-1024")
    assert window.view.hints.isVisible(), "what is private to safety is told in a small window as well"
    window.press(Qt.Key.Key_F9)
    window.reach("Form")
    window.wait(lambda: bool(window.view.state.fields))
    shoot("target-notes")
    window.press(Qt.Key.Key_Escape)
    window.reach("Targets")
    window.press(Qt.Key.Key_S, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: window.view.state.rows.count == 6)
    window.press(Qt.Key.Key_O, Qt.Key.Key_O, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: 0 < window.view.state.rows.count < 6)
    shoot("targets-filtered")
