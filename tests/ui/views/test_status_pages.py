"""Statuses, due times and prints in the real window, by keyboard only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.cards_sent import PRINTER, UNIQUE, follow_sop
from support.desk import TARGETS, Kit, OpenDoor
from support.letters import KASI, office

from fieldkit.domain.people import User
from ui.presenters.words import phrase

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def user() -> User:
    return KASI


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: User) -> Iterator[Kit]:
    kit = office(tmp_path, user)
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.desk)
    yield kit
    kit.store.close()


@pytest.fixture
def typed_over(window) -> Callable[[str, str], None]:
    """Walk by Tab to a field with this name, and type in place of what stands there."""

    def type_over(key: str, text: str) -> None:
        name = window.look.say(phrase(key))
        for _ in range(30):
            if window.shell.focusWidget().accessibleName() == name:
                break
            window.press(Key.Key_Tab)
        assert window.shell.focusWidget().accessibleName() == name
        window.press(Key.Key_A, to=CTRL)
        window.type(text)

    return type_over


def rows(window) -> list:
    found = window.view.state.rows
    return [found.row(at) for at in range(found.count)]


def begin(window) -> None:
    window.sign_in()
    window.press(Key.Key_9)
    window.reach("Statuses")


def test_a_strange_and_an_odd_status_are_typed_kept_and_shown(window, kit, shoot, typed_over) -> None:
    for number in range(2):
        kit.hear(kit.seal(number + 1, TARGETS[number]), "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    begin(window)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    shoot("status_note")
    window.type("Menunggu_X7")
    window.wait(lambda: window.view.state.meaning == phrase("status.unknown_code", code="Menunggu_X7"))
    shoot("status_note-strange")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    window.wait(lambda: "Menunggu_X7" in [row.cells[1].words for row in rows(window)])
    shoot("statuses-strange")
    window.press(Key.Key_Down)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    typed_over("status.code", "CARD_ISSUED")
    typed_over("status.reason", "dilihat loket")
    assert window.view.state.doubt
    window.press(Key.Key_Return)
    window.wait(lambda: window.view.state.kept != "")
    shoot("status_note-odd")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    window.wait(lambda: phrase("status.doubt_todo") in [row.cells[2].words for row in rows(window)])
    codes = {status.code for n in (1, 2) for status in kit.desk.office.statuses.get(f"0199-{n:04}").statuses}
    assert codes == {"SENT_FOR_ENROLLMENT", "Menunggu_X7", "CARD_ISSUED"}


def test_a_usual_code_is_taken_by_space(window, kit) -> None:
    kit.hear(kit.seal(1, TARGETS[0]), "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    begin(window)
    window.press(Key.Key_Return)
    window.reach("StatusNote")
    window.press(Key.Key_Tab, Key.Key_Right, Key.Key_Space)
    window.wait(lambda: window.view.state.chosen == "RECEIVED_AT_CENTRAL")
    window.press(Key.Key_Return)
    window.reach("Statuses")
    assert kit.desk.office.statuses.get("0199-0001").central.code == "RECEIVED_AT_CENTRAL"


def test_a_fault_moves_the_due_date_and_says_why(window, kit, shoot, typed_over) -> None:
    follow_sop(kit, "blitar_si_jaran_ijo")
    for number in (0, 1, 4):
        kit.seal(number + 1, TARGETS[number], timedelta())
    kit.clock.at = datetime(2026, 11, 25, 1, tzinfo=UTC)
    begin(window)
    window.press(Key.Key_T, to=CTRL)
    window.reach("Clocks")
    window.wait(lambda: rows(window)[0].cells[3].words == "10-12-2026")
    shoot("clocks")
    window.press(Key.Key_Return)
    window.reach("Form")
    typed_over("tenggat.note", "Server pusat tidak dapat dihubungi")
    shoot("clock_pause")
    window.press(Key.Key_Return)
    window.reach("Clocks")
    window.wait(lambda: rows(window)[0].cells[2].tags[0].words == phrase("tenggat.state_paused"))
    shoot("clocks-paused")
    kit.clock.at = datetime(2026, 11, 27, 9, tzinfo=UTC)
    window.press(Key.Key_Return)
    window.wait(lambda: rows(window)[0].cells[3].words == "15-12-2026")
    assert window.view.state.moved[0][0] == phrase("tenggat.moved_days", days=3)
    assert window.view.state.moved[0][1].params["note"] == "Server pusat tidak dapat dihubungi"
    shoot("clocks-moved")
    window.press(Key.Key_F9)
    window.reach("Form")
    shoot("card_facts")
    typed_over("tenggat.file_complete", "26-11-2026")
    window.press(Key.Key_Return)
    window.reach("Clocks")
    window.wait(lambda: "15-12-2026" in {row.cells[3].words for row in rows(window)} != {"15-12-2026"})
    noted = [kit.desk.office.clocks.facts(target).file_complete_on for target in ("t1", "t2", "t5")]
    assert noted.count(date(2026, 11, 26)) == 1


def test_sixteen_waits_with_the_day_and_a_marriage_opens_the_gate(window, kit, shoot, typed_over) -> None:
    kit.hear(kit.seal(3, TARGETS[2]), *UNIQUE)
    kit.clock.advance(hours=3)
    begin(window)
    assert rows(window)[0].cells[2].words == phrase("status.birthday", day="12-03-2027")
    window.press(Key.Key_O, to=CTRL)
    window.reach("Prints")
    assert rows(window) == []
    shoot("prints-none")
    window.press(Key.Key_S, to=CTRL)
    window.wait(lambda: len(rows(window)) == 1)
    shoot("prints-later")
    window.press(Key.Key_F9)
    window.reach("Form")
    typed_over("tenggat.married", "20-11-2026")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.press(Key.Key_S, to=CTRL)
    window.press(Key.Key_S, to=CTRL)
    window.wait(lambda: [row.name for row in rows(window)] == ["0199-0003"])


@pytest.mark.parametrize("user", [PRINTER])
def test_prints_are_noted_failed_and_made_again(window, kit, shoot, typed_over) -> None:
    for number in range(3):
        kit.hear(kit.seal(number + 1, TARGETS[number]), *UNIQUE)
    kit.clock.advance(hours=4)
    begin(window)
    window.press(Key.Key_O, to=CTRL)
    window.reach("Prints")
    window.wait(lambda: len(rows(window)) == 2)
    window.press(Key.Key_F8)
    window.reach("Form")
    typed_over("cetak.why", "ribbon putus")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.press(Key.Key_Space)
    window.press(Key.Key_Return, to=CTRL)
    window.wait(lambda: len(window.view.state.tags) == 2)
    shoot("prints")
    window.press(Key.Key_Return)
    window.reach("Form")
    typed_over("cetak.batch", "BL-0107")
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
    typed_over("cetak.why", "foto buram")
    shoot("print_again")
    window.press(Key.Key_Return)
    window.reach("Prints")
    window.wait(lambda: any(len(row.cells[3].tags) == 2 for row in rows(window)))
    window.press(Key.Key_B, to=CTRL)
    window.reach("Letter")
    window.wait(lambda: len(window.view.state.pages) > 0)
    shoot("prints-paper")
    assert len(kit.desk.office.printing.failures()) == 1


def test_a_step_of_printing_leads_to_the_list_of_its_activity(window, kit) -> None:
    window.sign_in()
    window.go("prints", activity_id="a1")
    assert window.view.state.nothing.title == phrase("cetak.none_now")
    window.go("status_work", activity_id="a1")
    assert window.name == "Statuses"
    window.go("clocks", activity_id="a1")
    assert window.view.state.empty.title == phrase("tenggat.empty")
