from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.cards import Tray
from support.desk import TARGETS

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.notes import TargetNotes


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


def test_typing_searches_at_once_and_enter_takes_what_was_found(window, shoot) -> None:
    opened(window)
    window.type("kart")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("targets-found")
    window.press(Qt.Key.Key_Return)
    window.reach("Notice")
    assert window.view.state.name == "KARTONO WIBOWO"


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


def test_a_child_is_refused_in_place_and_the_next_row_clears_it(window, kit, shoot) -> None:
    opened(window)
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    shoot("targets-refused")
    assert window.view.state.problem.code == "session.too_young"
    window.press(Qt.Key.Key_Down)
    assert window.view.state.problem is None
    assert kit.desk.visits.target("t4").state is TargetState.PLANNED


def test_somebody_recorded_before_is_shown_in_the_queue(window, kit, shoot) -> None:
    kit.seal(1, TARGETS[0])
    opened(window)
    window.press(Qt.Key.Key_Up, Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.problem is not None)
    shoot("targets-recorded-before")
    window.view.show_queue.emit()
    window.reach("Queue")


def test_a_card_on_the_reader_is_shown_and_esc_puts_it_away(window, kit, shoot, monkeypatch) -> None:
    tray = Tray()
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    opened(window)
    window.press(Qt.Key.Key_F4)
    window.wait(lambda: window.view.state.card is not None and window.view.state.card.photo is not None)
    shoot("targets-card")
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.view.state.card is None)
    window.reach("Targets")


def test_filters_and_notes_by_key(window, kit, shoot) -> None:
    notes = TargetNotes("t2", "a1", access="Jembatan kecil, 200 m jalan kaki", safety="Takut seragam")
    kit.desk.office.verification.note(notes)
    with kit.store.write() as unit:
        unit.targets.judge(["t1", "t2"], TargetVerdict.TERVERIFIKASI)
        unit.targets.judge(["t5"], TargetVerdict.NIK_BERMASALAH)
    kit.seal(1, TARGETS[0])
    opened(window)
    window.press(Qt.Key.Key_Down)
    shoot("targets-notes-told")
    window.press(Qt.Key.Key_F9)
    window.reach("Form")
    window.wait(lambda: bool(window.view.state.fields))
    shoot("target-notes")
    window.press(Qt.Key.Key_Escape)
    window.reach("Targets")
    window.view.next_state.emit()
    window.wait(lambda: window.view.state.rows.count == 6)
    window.view.next_category.emit()
    window.wait(lambda: 0 < window.view.state.rows.count < 6)
    shoot("targets-filtered")
