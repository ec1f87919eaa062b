"""One permohonan by keyboard: papers are ticked, acts done, reasons asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from support.app_context import PETUGAS, Kit, OpenDoor
from support.cards_sent import LOKET, PRINTER, follow_sop
from support.counter import PAPERS, for_kk
from support.counter_office import Counter
from support.letters import KADIS, KASI, office

from fieldkit.domain.applications import ApplicationState, Requirement
from fieldkit.domain.people.accounts import User

S = ApplicationState
PEOPLE = {user.role: user for user in (LOKET, PRINTER, PETUGAS, KASI, KADIS)}


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


@pytest.fixture
def case(kit: Kit) -> str:
    papers = (*PAPERS, Requirement("Buku nikah", is_there=False))
    return kit.context_of(LOKET).office.applications.register("a1", for_kk(*papers)).thing_id


def opened(window, case: str):
    window.sign_in()
    window.go("application", application_id=case)
    return window.view


def test_space_ticks_and_enter_checks(window, kit, case, shoot) -> None:
    view = opened(window, case)
    shoot("application")
    window.press(Qt.Key.Key_Return)
    assert kit.context.office.applications.get(case).state is S.TERDAFTAR  # a paper is missing, and the bar says so
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Space)
    window.wait(lambda: not view.state.bar.actions[-1].refused)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.applications.get(case).state is S.DIPERIKSA)
    window.wait(lambda: bool(view.state.bar.actions[-1].refused))
    shoot("application-others")


def test_a_digit_sends_it_back_with_a_reason_and_enter_takes_it_in_again(window, kit, case, shoot) -> None:
    view = opened(window, case)
    assert view.state.ways[0].name == "send_back"
    window.press(Qt.Key.Key_1)
    window.reach("Form")
    shoot("application-send-back")
    window.press(Qt.Key.Key_Return)
    window.reach("OneApplication")
    assert kit.context.office.applications.get(case).sent_back_because == "Buku nikah"
    shoot("application-back")
    window.press(Qt.Key.Key_2)
    assert "Buku nikah" in QGuiApplication.clipboard().text()
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    window.press(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space)
    window.wait(lambda: len(window.view.state.fields[0].chosen) == 3)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.applications.get(case).state is S.TERDAFTAR)
    window.reach("OneApplication")
    assert kit.context.office.applications.get(case).lacks == ()


@pytest.mark.parametrize("user", [KADIS])
def test_the_head_approves_and_notes_the_signature(window, kit, case, shoot) -> None:
    context = kit.context_of(LOKET).office.applications
    context.tick(case, PAPERS)
    Counter(kit, PEOPLE).bring(case, "verified")
    view = opened(window, case)
    shoot("application-approve")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: any(way.name == "show_sign" for way in view.state.ways))
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: context.get(case).state is S.TTE)
    window.reach("OneApplication")


def test_arrows_walk_the_way_and_page_keys_scroll(window, kit, case) -> None:
    context = kit.context_of(LOKET).office.applications
    context.tick(case, PAPERS)
    Counter(kit, PEOPLE).bring(case, "over")
    view = opened(window, case)
    assert view.state.cursor == 8
    window.press(Qt.Key.Key_Up)
    window.wait(lambda: view.state.cursor == 7)
    before = view._info.verticalScrollBar().value()
    window.press(Qt.Key.Key_PageDown)
    window.wait(lambda: view._info.verticalScrollBar().value() > before)
    window.press(Qt.Key.Key_PageUp)
    window.wait(lambda: view._info.verticalScrollBar().value() == before)
