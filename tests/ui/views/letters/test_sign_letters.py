from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.app_context import Kit, OpenDoor
from support.clock import HandClock
from support.letters import KADIS, KASI, office
from support.signing import service, set_up, waiting_letter

from drivers.simulators.bsre import Fault, SimulatedBsre
from drivers.simulators.bsre.server import KEPALA_DINAS
from ui.presenters.letters.sign_letters import Mode
from ui.presenters.parts import Stage
from ui.widgets.letter_pages import PageReader, PageView


@pytest.fixture(scope="module")
def bsre() -> Iterator[SimulatedBsre]:
    with service(HandClock()) as running:
        yield running


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bsre: SimulatedBsre) -> Iterator[Kit]:
    monkeypatch.setattr(OpenDoor.__init__, "__defaults__", ((KADIS,),))
    bsre.asked.clear()
    bsre.faults.clear()
    kit = office(tmp_path, KADIS)
    set_up(kit, bsre)
    for number in ("470/1187/409.110/2026", "470/1188/409.110/2026"):
        waiting_letter(kit, number)
    yield kit
    kit.store.close()


@pytest.fixture
def letters(window):
    window.sign_in()
    window.go("sign_letters")
    window.wait(lambda: bool(window.view.state.pages))
    return window


def shown_text(window) -> list[str]:
    return [edit.text() for edit in window.view.findChildren(QLineEdit)]


@pytest.mark.days
def test_the_head_reads_types_the_passphrase_and_the_next_letter_stands_there(letters, kit, bsre, shoot) -> None:
    shoot("sign_letters")
    first = letters.view.state.chosen
    letters.press(Qt.Key.Key_Return)
    assert letters.view.state.mode is Mode.ASK
    letters.type("salah ketik")
    shoot("sign_letters-ask")
    letters.press(Qt.Key.Key_Return)
    letters.wait(lambda: letters.view.state.wrong is not None)
    assert not any("salah ketik" in text for text in shown_text(letters))
    shoot("sign_letters-wrong")
    letters.type(KEPALA_DINAS.passphrase)
    letters.press(Qt.Key.Key_Return)
    letters.wait(lambda: letters.view.state.stage is Stage.CONTENT and letters.view.state.rows.count == 1)
    letters.wait(lambda: bool(letters.view.state.pages))
    shoot("sign_letters-signed")
    assert letters.view.state.chosen != first
    assert bsre.signings == 2
    assert KEPALA_DINAS.passphrase not in repr(letters.view.state)


@pytest.mark.days
def test_a_doubt_is_shown_not_retried_and_settled_by_a_person(letters, kit, bsre, shoot) -> None:
    bsre.arm(Fault.HANG_UP)
    letters.press(Qt.Key.Key_Return)
    letters.type(KEPALA_DINAS.passphrase)
    letters.press(Qt.Key.Key_Return)
    letters.wait(lambda: letters.view.state.stage is Stage.CONTENT and letters.view.state.tags != ())
    letters.wait(lambda: letters.view.state.doubt is not None)
    shoot("sign_letters-doubt")
    assert bsre.signings == 1
    letters.press(Qt.Key.Key_Return)
    assert letters.view.state.mode is Mode.SETTLE
    letters.type("/nowhere/surat.pdf")
    letters.press(Qt.Key.Key_Return)
    letters.wait(lambda: letters.view.state.wrong is not None)
    shoot("sign_letters-settle")
    letters.do("settle_unsigned")
    letters.wait(lambda: letters.view.state.mode is Mode.BROWSE and letters.view.state.tags == ())
    assert bsre.signings == 1


@pytest.mark.days
def test_a_one_time_code(letters, kit, bsre, shoot) -> None:
    letters.press(Qt.Key.Key_Return)
    letters.presenter.choose_proof("code")
    letters.do("request_code")
    letters.wait(lambda: bool(letters.view.state.told))
    shoot("sign_letters-code")
    letters.type(bsre.service.code_of(KEPALA_DINAS.nik))
    letters.press(Qt.Key.Key_Return)
    letters.wait(lambda: letters.view.state.stage is Stage.CONTENT and letters.view.state.rows.count == 1)


@pytest.mark.days
def test_esc_goes_back_to_the_list_and_then_out(letters) -> None:
    letters.press(Qt.Key.Key_Return)
    letters.type("setengah")
    letters.press(Qt.Key.Key_Escape)
    assert letters.view.state.mode is Mode.BROWSE
    letters.press(Qt.Key.Key_Return)
    assert "setengah" not in "".join(shown_text(letters))
    letters.press(Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    letters.reach("Home")


@pytest.mark.days
def test_typing_searches_and_v_opens_the_check(letters, shoot) -> None:
    letters.type("1188")
    letters.wait(lambda: letters.view.state.rows.count == 1)
    letters.type("x")
    letters.wait(lambda: letters.view.state.rows.count == 0)
    shoot("sign_letters-not_found")
    letters.press(Qt.Key.Key_Escape)
    letters.wait(lambda: letters.view.state.rows.count == 2)
    letters.press(Qt.Key.Key_Down, Qt.Key.Key_V)
    letters.reach("VerifyLetter")


@pytest.mark.days
def test_the_page_turns(letters) -> None:
    letters.press(Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
    assert letters.view._pages.at == 0


@pytest.mark.days
def test_the_letter_is_read_large_before_it_is_signed(letters, shoot) -> None:
    for mode in (Mode.BROWSE, Mode.ASK):
        if mode is Mode.ASK:
            letters.press(Qt.Key.Key_Return)
        letters.press(Qt.Key.Key_Space, to=Qt.KeyboardModifier.ControlModifier)
        (reader,) = (one for one in letters.shell.findChildren(PageReader) if one.isVisible())
        assert reader.findChildren(PageView)[0].width() > 800
        shoot(f"sign_letters-read-{mode.value}")
        letters.press(Qt.Key.Key_Escape)
        assert not reader.isVisible()
        assert letters.view.state.mode is mode


@pytest.mark.days
@pytest.mark.parametrize("user", [KASI])
def test_who_may_not_sign_is_told_why(window, kit, user, monkeypatch, shoot) -> None:
    window.door.people = (user,)
    window.shell.navigation.restart("sign_in")
    window.sign_in()
    window.go("sign_letters")
    window.wait(lambda: bool(window.view.state.pages))
    assert window.view.state.bar.actions[-1].refused
    window.press(Qt.Key.Key_Return)
    assert window.view.state.mode is Mode.BROWSE
    shoot("sign_letters-refused")


@pytest.mark.days
def test_nothing_waits(window, kit, shoot) -> None:
    from support.signing import office_of

    signing = office_of(kit, KADIS).signing
    for found in signing.waiting():
        signing.sign(found.letter.thing_id, KEPALA_DINAS.passphrase)
    window.sign_in()
    window.go("sign_letters")
    shoot("sign_letters-empty")
    assert window.view.state.empty is not None
    window.press(Qt.Key.Key_V)
    window.reach("VerifyLetter")
