from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import KETUA, PASSPHRASE, PENGURUS, Kit, OpenDoor
from support.checklists import stocked_kit
from support.recording import ScriptedDevice
from support.sarpras import SIGNATURE, fill
from support.tasks import SameThread, Steps

from fieldkit.ports.devices import DeviceKind
from ui.presenters.presenter import message
from ui.presenters.sarpras.checklist import IzinPresenter


class Ink:
    def offer_signature(self, signature: object) -> None: ...


@pytest.fixture
def kit(tmp_path: Path):
    for kit in stocked_kit(tmp_path, KETUA):
        kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
        yield kit


def opened(kit: Kit, steps: Steps, door: OpenDoor | None = None) -> IzinPresenter:
    list_id = kit.context.office.sarpras.out.begin("a1").thing_id
    presenter = IzinPresenter(kit.context, door or OpenDoor(kit.context), SameThread(), steps, ("out", list_id), Ink())
    presenter.start()
    return presenter


def test_the_keeper_types_the_own_passphrase_signs_and_accepts(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    assert [choice.name for choice in presenter.state.people] == [PENGURUS.user_id]
    assert presenter.state.hint == message("sarpras.izin_who")
    assert presenter.state.bar.actions[0].refused == ""
    presenter.accept("salah")
    assert presenter.state.wrong is not None
    assert presenter.state.clear_serial == 1
    presenter.accept(PASSPHRASE)
    assert (presenter.state.signer, presenter.state.ink is not None) == (PENGURUS.name, True)
    assert kit.context.office.sarpras.out.current("a1").checklist.izin is None  # not before it is accepted
    presenter.repeat()
    presenter.accept("")
    izin = kit.context.office.sarpras.out.current("a1").checklist.izin
    assert izin is not None
    assert izin.given_by == PENGURUS.user_id
    assert steps.taken == [("back",)]


def test_a_keeper_who_is_signed_in_only_signs(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
        assert opened(kit, steps).state.ink is not None


def test_a_kit_without_a_keeper_says_so(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps, OpenDoor(kit.context, (KETUA,)))
    assert presenter.state.hint == presenter.state.bar.actions[0].refused == message("sarpras.no_keeper")
    presenter.accept(PASSPHRASE)
    presenter.choose_next(1)
    assert presenter.state.signer == ""


def test_a_pad_that_is_away_can_be_tried_again(kit: Kit, steps: Steps) -> None:
    pad = kit.devices.there.pop(DeviceKind.SIGNATURE_PAD)
    presenter = opened(kit, steps)
    presenter.accept(PASSPHRASE)
    assert presenter.state.problem is not None
    presenter.accept("")  # nothing to accept
    kit.devices.there[DeviceKind.SIGNATURE_PAD] = pad
    presenter.repeat()
    assert (presenter.state.ink is not None, presenter.state.problem) == (True, None)
    presenter.stop()
    kit.devices.there.clear()
    presenter.start()  # whoever stands here need not say it again
    assert (presenter.state.signer, presenter.state.problem is not None) == (PENGURUS.name, True)
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_list_that_cannot_be_signed_any_more_says_so_and_asks_for_no_passphrase(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.accept(PASSPHRASE)
    out = kit.context.office.sarpras.out
    found = fill(out, out.current("a1"))
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    out.close(found.thing_id)
    presenter.accept("")
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.wrong) == ("sarpras.list_closed", None)
