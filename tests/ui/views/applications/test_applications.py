"""Permohonan: the list by keyboard, from an empty counter to the rekapitulasi."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.cards_sent import LOKET, PRINTER, follow_sop
from support.counter import SITI, for_kk
from support.counter_office import Counter
from support.letters import KADIS, KASI, office

from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role, User

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def user() -> User:
    return LOKET


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: User) -> Iterator[Kit]:
    kit = office(tmp_path, user)
    follow_sop(kit, "grobogan_kk_wni")
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: kit.context)
    yield kit
    kit.store.close()


@pytest.mark.days
def test_the_first_application_is_registered_by_keyboard_alone(window, kit, shoot) -> None:
    window.sign_in()
    window.go("applications", activity_id="a1")
    shoot("applications-empty")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Form")
    for text in ("Siti Aminah", SITI.nik.digits):
        window.type(text)
        window.press(Qt.Key.Key_Tab)
    shoot("application-new")
    window.press(Qt.Key.Key_Return)
    window.reach("OneApplication")
    (view,) = kit.context.office.applications.board("a1")
    assert view.application.applicant.name == "SITI AMINAH"
    window.press(Qt.Key.Key_Escape)
    window.reach("Applications")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("applications-one")


@pytest.mark.days
def test_ctrl_s_filters_letters_search_and_enter_opens(window, kit, shoot) -> None:
    context = kit.context.office.applications
    made = [context.register("a1", for_kk()).thing_id for _ in range(3)]
    context.withdraw(made[0], "batal")
    window.sign_in()
    window.go("applications", activity_id="a1")
    assert window.view.state.rows.count == 2
    for _ in range(4):
        window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: window.view.state.rows.count == 3)
    window.type("R00002")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("applications-found")
    window.press(Qt.Key.Key_Return)
    window.reach("OneApplication")


@pytest.mark.days
@pytest.mark.parametrize("user", [PRINTER])
def test_ctrl_enter_writes_the_rekapitulasi_and_opens_no_row(window, kit) -> None:
    people = {each.role: each for each in (LOKET, PRINTER, KASI, KADIS)}
    people[Role.PETUGAS_PEREKAMAN] = User("u1", "Rina Wulandari", Role.PETUGAS_PEREKAMAN)
    counter = Counter(kit, people)
    at = counter.by(Role.LOKET).register("a1", for_kk()).thing_id
    counter.bring(at, "printed")
    window.sign_in()
    window.go("applications", activity_id="a1")
    window.press(Qt.Key.Key_Return, to=CTRL)
    window.reach("Letter")
    assert [letter.letter for letter in kit.context.office.letters.of("a1")] == [LetterKind.REKAPITULASI]
