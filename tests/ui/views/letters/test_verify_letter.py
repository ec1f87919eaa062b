from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.clock import HandClock
from support.letters import KADIS, office
from support.signing import altered_after, office_of, service, set_up, waiting_letter

from drivers.simulators.bsre import SimulatedBsre
from drivers.simulators.bsre.server import CAMAT, KEPALA_DINAS


@pytest.fixture(scope="module")
def bsre() -> Iterator[SimulatedBsre]:
    with service(HandClock()) as running:
        yield running


@pytest.fixture
def kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bsre: SimulatedBsre) -> Iterator[Kit]:
    monkeypatch.setattr(OpenDoor.__init__, "__defaults__", ((KADIS,),))
    kit = office(tmp_path, KADIS)
    set_up(kit, bsre)
    yield kit
    kit.store.close()


@pytest.mark.days
def test_a_file_is_named_and_judged(window, kit, bsre, tmp_path, shoot) -> None:
    letter = waiting_letter(kit)
    pdf = office_of(kit, KADIS).signing.pdf(letter.thing_id)
    signed = bsre.service.signed(pdf, KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})
    twice = bsre.service.signed(signed, CAMAT.nik, {"tampilan": "INVISIBLE"})
    window.sign_in()
    window.go("verify_letter")
    shoot("verify_letter")
    window.press(Qt.Key.Key_Return)
    assert window.view.state.wrong is not None
    files = {"valid": twice, "changed": altered_after(signed), "unsigned": pdf}
    for name, content in files.items():
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(content)
        window.presenter.type_path(str(file))
        window.press(Qt.Key.Key_Return)
        window.wait(lambda name=name: window.view.state.name == f"{name}.pdf" and window.view.state.progress is None)
        shoot(f"verify_letter-{name}")
        assert window.view.state.verdict.title.key == f"tte.verdict.{name}"
    assert len(window.view.state.pages) >= 1


@pytest.mark.days
def test_an_untrusted_signer_and_a_file_that_is_not_there(window, kit, bsre, tmp_path, shoot) -> None:
    with service(HandClock()) as stranger:
        letter = waiting_letter(kit)
        pdf = office_of(kit, KADIS).signing.pdf(letter.thing_id)
        file = tmp_path / "asing.pdf"
        file.write_bytes(stranger.service.signed(pdf, KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"}))
    window.sign_in()
    window.go("verify_letter")
    window.type(str(file))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.verdict is not None)
    shoot("verify_letter-untrusted")
    window.type("x")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("verify_letter-missing")
    assert window.view.state.verdict is None


@pytest.mark.days
def test_a_letter_of_the_archive_is_checked_at_once(window, kit) -> None:
    letter = waiting_letter(kit)
    office_of(kit, KADIS).signing.sign(letter.thing_id, KEPALA_DINAS.passphrase)
    window.sign_in()
    window.shell.navigation.push("verify_letter", letter_id=letter.thing_id)
    window.wait(lambda: window.view.state.verdict is not None)
    assert window.view.state.name == letter.title
    window.press(Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Escape)
    window.reach("Home")
