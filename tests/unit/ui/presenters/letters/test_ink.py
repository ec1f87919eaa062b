from __future__ import annotations

from pathlib import Path

from support.app_context import Kit
from support.letters import AT, office
from support.recording import ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.domain.letters.letter import LetterKind
from fieldkit.ports.devices import DeviceKind
from ui.presenters.letters.letter import LetterInkPresenter
from ui.presenters.presenter import message


class Ink:
    def offer_signature(self, signature: object) -> None: ...


def opened(kit: Kit, steps: Steps, **fields: object) -> LetterInkPresenter:
    kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
    letters = kit.context.office.letters
    letter = letters.issue(letters.draft(LetterKind.F_1_02, AT, fields).thing_id)
    presenter = LetterInkPresenter(kit.context, SameThread(), steps, letter.thing_id, Ink())
    presenter.start()
    return presenter


def test_one_after_the_other_signs_until_nobody_is_missing(tmp_path: Path, steps: Steps) -> None:
    kit = office(tmp_path)
    presenter = opened(kit, steps, name="Ani", officer="Dwi")
    assert [(each.name, each.words) for each in presenter.state.people] == [("person", "Ani"), ("officer", "Dwi")]
    assert (presenter.state.chosen, presenter.state.hint) == ("person", message("surat.ink_who"))
    assert [command.name for command in presenter.state.bar.actions] == ["accept"]
    presenter.choose_next(1)
    presenter.accept()
    assert (presenter.state.signer, presenter.state.ink is not None) == ("Dwi", True)
    presenter.start()  # the screen comes back while somebody signs
    assert (presenter.state.signer, presenter.state.people) == ("Dwi", ())
    presenter.repeat()
    presenter.accept()
    assert ([each.name for each in presenter.state.people], presenter.state.signer) == (["person"], "")
    presenter.accept()
    presenter.accept()
    assert presenter.state.hint == message("surat.ink_nobody")
    assert (presenter.state.chosen, presenter.state.bar.actions) == ("", ())
    presenter.accept()  # nobody to choose: nothing happens
    presenter.back()
    assert steps.taken == [("back",)]
    kit.close()


def test_whoever_was_about_to_sign_signs_when_the_screen_comes_back(tmp_path: Path, steps: Steps) -> None:
    with office(tmp_path) as kit:
        presenter = opened(kit, steps, name="Ani", officer="Dwi")
        presenter.accept()
        assert presenter.state.ink is not None
        kit.devices.there = {}
        presenter.stop()
        presenter.start()
        assert (presenter.state.signer, presenter.state.ink, presenter.state.retry is not None) == ("Ani", None, True)
