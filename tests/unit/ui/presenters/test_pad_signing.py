from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KASI
from support.recording import ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import DeviceKind
from ui.presenters.pad_signing import PadSigning, SigningState


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
