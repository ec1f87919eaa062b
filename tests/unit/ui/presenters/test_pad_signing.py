from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KASI
from support.recording import ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.domain.recording.capture import Sample
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.devices import DeviceKind, Signature
from ui.presenters.parts import Choice
from ui.presenters.presenter import message
from ui.presenters.viewfinder import PadSigning, SigningState


class Ink:
    def offer_signature(self, signature: object) -> None: ...


class Signing(PadSigning):
    kept: Sample | None = None

    def begin(self) -> None:
        self._take("Ani")

    def accept(self) -> None:
        self._keep()

    def _keep_sample(self, sample: Sample) -> object:
        self.kept = sample
        return sample


@pytest.mark.parametrize("is_there", [True, False])
def test_what_was_drawn_is_kept_and_a_missing_pad_can_be_tried_again(
    tmp_path: Path, steps: Steps, *, is_there: bool
) -> None:
    with Kit(tmp_path, KASI) as kit:
        pad = ScriptedDevice(DeviceKind.SIGNATURE_PAD)
        pad.is_away = not is_there
        kit.devices.there = {DeviceKind.SIGNATURE_PAD: pad}
        presenter = Signing(kit.context, SameThread(), steps, Ink(), None, SigningState(), "ok")
        presenter.accept()
        assert presenter.kept is None
        presenter.begin()
        assert (presenter.state.problem is None) is is_there
        pad.is_away = False
        if not is_there:
            presenter.repeat()
        presenter.accept()
        assert presenter.kept is not None
        assert steps.taken == [("back",)]


PEOPLE = (Choice("a", "Ani"), Choice("b", "Budi"))
PAD = "device:signature_pad"


def signing(kit: Kit, steps: Steps, *, has_screen: bool) -> tuple[Signing, SameThread, ScriptedDevice]:
    pad, tasks = ScriptedDevice(DeviceKind.SIGNATURE_PAD), SameThread(PAD)
    kit.devices.there = {DeviceKind.SIGNATURE_PAD: pad}
    screen = ScriptedDevice(DeviceKind.SIGNATURE_PAD) if has_screen else None
    state = SigningState(people=PEOPLE, chosen="a")
    return Signing(kit.context, tasks, steps, Ink(), screen, state, "ok"), tasks, pad


def test_the_choice_moves_in_a_round_until_somebody_signs(idle: Kit, steps: Steps) -> None:
    presenter, tasks, _ = signing(idle, steps, has_screen=True)
    chosen = []
    for by in (1, 1, -1):
        presenter.choose_next(by)
        chosen.append(presenter.state.chosen)
    assert chosen == ["b", "a", "b"]
    presenter.repeat()
    presenter.sign_here()
    assert tasks._held[PAD] == [], "nobody stands here yet"
    presenter.begin()
    presenter.choose_next(1)
    assert (presenter.state.signer, presenter.state.people, presenter.state.chosen) == ("Ani", (), "b")
    Signing(idle.context, SameThread(), steps, Ink(), None, SigningState(), "ok").choose_next(1)


def test_what_is_drawn_can_be_accepted_and_drawn_again(idle: Kit, steps: Steps) -> None:
    presenter, tasks, _ = signing(idle, steps, has_screen=False)
    presenter.begin()
    assert presenter.state.bar.actions[-1].refused == message("sarpras.sign_first")
    assert presenter.state.hint == message("sarpras.izin_sign")
    tasks.release(PAD)
    assert (presenter.state.bar.actions[-1].refused, presenter.state.hint) == ("", message("sarpras.izin_check"))
    assert presenter.state.ink is not None
    presenter.repeat()
    assert (presenter.state.ink, len(tasks._held[PAD])) == (None, 1)
    presenter.accept()
    assert presenter.kept is None, "it was not signed again yet"
    presenter.stop()
    tasks.release(PAD)
    assert presenter.state.ink is None


def test_ink_is_drawn_for_its_papers_while_somebody_looks_at_it(
    idle: Kit, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Signature] = []
    monkeypatch.setattr(StrokeCodec, "to_png", lambda _, ink: drawn.append(ink))
    presenter, tasks, _ = signing(idle, steps, has_screen=False)
    presenter.begin()
    tasks.release(PAD)
    assert presenter.kept is None
    assert drawn == [presenter.state.ink]


def test_the_screen_takes_ink_only_where_there_is_one_and_nothing_was_drawn(idle: Kit, steps: Steps) -> None:
    for has_screen in (True, False):
        presenter, tasks, _ = signing(idle, steps, has_screen=has_screen)
        presenter.begin()
        presenter.sign_here()
        assert len(tasks._held[PAD]) == 1 + has_screen
        tasks.release(PAD)
        assert presenter.state.ink is not None
        presenter.sign_here()
        assert tasks._held[PAD] == []


def test_a_pad_that_is_away_is_tried_again_by_its_own_command(idle: Kit, steps: Steps) -> None:
    presenter, tasks, pad = signing(idle, steps, has_screen=False)
    pad.is_away = True
    presenter.begin()
    tasks.release(PAD)
    assert presenter.state.retry is not None
    assert presenter.state.retry.name == "repeat"
    pad.is_away = False
    presenter.perform(presenter.state.retry)
    tasks.release(PAD)
    assert (presenter.state.problem, presenter.state.ink is not None) == (None, True)
