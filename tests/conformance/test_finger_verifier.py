"""What every reader that compares fingers itself does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from support import fprint

from drivers.libfprint.driver import LibfprintDriver
from drivers.simulators.libfprint import VirtualFinger
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import DeviceError, FingerTemplate, FingerVerifier, NothingPresentedError, ProtocolError

PLENTY_MS = 120_000
INDEX, THUMB = Position.RIGHT_INDEX, Position.RIGHT_THUMB


@dataclass
class Verifying:
    """A reader, and the hand that lays a finger on it as often as it is taken."""

    device: Any
    lay: Callable[[Position, int], None]


@pytest.fixture
def module(registry, kit, patience) -> Iterator[Verifying]:
    device = registry.device(next(s for s in registry.scan() if s.address == kit.addresses.zfm_tty))
    device.open(patience())
    yield Verifying(device, lambda finger, times: kit.lay_finger(finger))
    kit.lay_finger(INDEX)
    device.close()


@pytest.fixture
def virtual(context, kit, patience, tmp_path) -> Iterator[Verifying]:
    fprint.demand()
    address = f"virtual:{tmp_path}/reader"
    driver = LibfprintDriver(replace(context, addresses={"libfprint": (address,)}, only_given=frozenset({"libfprint"})))
    device = driver.connect(driver.scan()[0])
    finger = VirtualFinger(kit.stage, tmp_path / "reader")
    device.open(patience())
    yield Verifying(device, finger.lay)
    device.close()
    finger.stop()


@pytest.fixture(params=["module", "virtual"])
def verifying(request) -> Verifying:
    return request.getfixturevalue(request.param)


@pytest.mark.days
def test_it_verifies_but_does_not_enrol(verifying):
    assert isinstance(verifying.device, FingerVerifier)
    assert not verifying.device.capabilities.may_enrol
    assert verifying.device.template_kind


@pytest.mark.days
def test_the_learnt_finger_is_known_and_no_other(verifying, patience):
    verifying.lay(INDEX, 5)
    template = verifying.device.learn_finger(patience(), PLENTY_MS)
    assert template.kind == verifying.device.template_kind
    for finger, is_known in ((INDEX, True), (THUMB, False), (INDEX, True)):
        verifying.lay(finger, 1)
        assert verifying.device.is_finger_of(template, patience(), PLENTY_MS) is is_known


def test_a_template_outlives_the_connection(verifying, patience):
    verifying.lay(INDEX, 5)
    learnt = verifying.device.learn_finger(patience(), PLENTY_MS)
    verifying.device.close()
    verifying.device.open(patience())
    verifying.lay(INDEX, 1)
    assert verifying.device.is_finger_of(FingerTemplate(learnt.kind, bytes(learnt.content)), patience(), PLENTY_MS)


def test_a_template_of_another_kind_is_refused(verifying, patience):
    with pytest.raises(ProtocolError) as caught:
        verifying.device.is_finger_of(FingerTemplate("another", b"template"), patience(), 1000)
    assert caught.value.code == "device.other_template"


def test_no_finger_and_giving_up(verifying, kit, person, patience):
    verifying.lay(INDEX, 5)
    template = verifying.device.learn_finger(patience(), PLENTY_MS)
    kit.present(None)
    try:
        with pytest.raises(NothingPresentedError) as caught:
            verifying.device.is_finger_of(template, patience(), 400)
        assert caught.value.code == "device.no_finger"
        cancel = patience(after=5)
        with pytest.raises(DeviceError) as caught:
            verifying.device.is_finger_of(template, cancel, 600_000)
        assert caught.value.code == "device.cancelled"
        assert cancel.was_heeded
    finally:
        kit.present(person)
