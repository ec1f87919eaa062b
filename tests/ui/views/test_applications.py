"""One permohonan by keyboard: papers are ticked, acts done, reasons asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from support.app_context import PETUGAS, Kit, OpenDoor
from support.cards_sent import LOKET, PRINTER, follow_sop
from support.counter import PAPERS, SCAN, for_kk
from support.counter_office import Counter, page_photo
from support.letters import KADIS, KASI, office

from fieldkit.domain.applications import ApplicationState, PaperVerdict, Requirement
from fieldkit.domain.people import User
from fieldkit.services.applications.serve_applications import ServeApplications

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


def read_all(kit: Kit, case: str) -> ServeApplications:
    office = kit.context_of(LOKET).office
    office.application_papers.scan(case, 2, [SCAN])
    office.application_papers.judge(case, 2, PaperVerdict.RIGHT)
    return office.applications


def opened(window, case: str):
    window.sign_in()
    window.go("application", application_id=case)
    return window.view


@pytest.mark.days
def test_papers_are_scanned_and_read_one_by_one_by_keyboard(window, kit, case, tmp_path, shoot) -> None:
    (tmp_path / "nikah.jpg").write_bytes(page_photo())
    opened(window, case)
    shoot("application")
    window.press(Qt.Key.Key_Return)
    window.reach("ApplicationPapers")
    shoot("application-papers")
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    window.type(str(tmp_path / "nikah.jpg"))
    window.press(Qt.Key.Key_Return)
    window.reach("ApplicationPapers")
    window.settle()
    window.wait(lambda: len(window.view.state.bar.actions) > 1)  # until it is read anew, Enter would scan once more
    window.wait(lambda: not window.view.state.bar.actions[-1].refused)
    shoot("application-papers-scanned")
    window.press(Qt.Key.Key_Return)
    window.reach("OneApplication")
    window.wait(lambda: window.view.state.ways[0].words.key == "counter.do_check")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.applications.get(case).state is S.DIPERIKSA)
    window.wait(lambda: bool(window.view.state.bar.actions[-1].refused))
    shoot("application-others")


@pytest.mark.days
def test_a_digit_sends_it_back_with_a_reason_and_enter_takes_it_in_again(window, kit, case, shoot) -> None:
    view = opened(window, case)
    assert view.state.ways[1].name == "send_back"
    window.press(Qt.Key.Key_2)
    window.reach("Form")
    shoot("application-send-back")
    window.press(Qt.Key.Key_Return)
    window.reach("OneApplication")
    assert kit.context.office.applications.get(case).sent_back_because == "Buku nikah"
    window.wait(lambda: "copy_message" in {way.name for way in window.view.state.ways})  # it is read anew
    shoot("application-back")
    window.press(Qt.Key.Key_2)
    assert "Buku nikah" in QGuiApplication.clipboard().text()
    kit.context_of(LOKET).office.application_papers.scan(case, 2, [SCAN])
    window.press(Qt.Key.Key_F5)
    window.wait(lambda: window.view.state.ways[0].words.key == "counter.do_complete")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.applications.get(case).state is S.TERDAFTAR)


@pytest.mark.days
@pytest.mark.parametrize("user", [KADIS])
def test_the_head_approves_and_notes_the_signature(window, kit, case, tmp_path, shoot) -> None:
    context = read_all(kit, case)
    Counter(kit, PEOPLE).bring(case, "verified")
    view = opened(window, case)
    shoot("application-approve")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: any(way.name == "show_sign" for way in view.state.ways))
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    (tmp_path / "tte.jpg").write_bytes(page_photo())
    window.press(Qt.Key.Key_Tab)
    window.type("SIAK-17")
    window.press(Qt.Key.Key_Tab)
    window.type(str(tmp_path / "tte.jpg"))
    shoot("application-tte")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: context.get(case).state is S.TTE)
    window.reach("OneApplication")


@pytest.mark.days
def test_arrows_walk_the_way_and_page_keys_scroll(window, kit, case) -> None:
    read_all(kit, case)
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
