"""The simulated pad behind the driver as it ships: the library's calls alone are ours."""

from __future__ import annotations

import sys

import pytest

from drivers.simulators.stage import Fault, Stage
from drivers.simulators.stu import PATH, StuPad
from drivers.simulators.subject import SyntheticSubject
from drivers.stu.driver import StuDriver
from fieldkit.ports.devices import DeviceState, NothingPresentedError, TransportBrokenError


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture
def pad(stage, monkeypatch):
    pad = StuPad(stage)
    monkeypatch.setitem(sys.modules, "hid", pad.module)
    return pad


@pytest.fixture
def device(pad, context_for, flag):
    driver = StuDriver(context_for(addresses={"stu": (PATH.decode(),)}, only_given=frozenset({"stu"})))
    (status,) = driver.scan()
    device = driver.connect(status)
    device.open(flag())
    yield device
    device.close()


def test_the_person_signs_when_the_screen_takes_ink(device, stage, mailbox, flag):
    assert device.identity.serial == "SIM-STU-0001"
    for beside_um in (0, 100):  # nobody signs twice at the very same place
        signed = device.sign(mailbox, flag(), idle_ms=150, timeout_ms=3000)
        written = stage.subject.signature()
        assert len(signed.strokes) == len(written.strokes)
        assert signed.strokes[0][0].x_um == written.strokes[0][0].x_um // 10 * 10 + beside_um
    assert mailbox.signatures


def test_nobody_signs_and_a_pulled_pad_is_gone(device, pad, stage, mailbox, flag):
    stage.present(None)
    with pytest.raises(NothingPresentedError):
        device.sign(mailbox, flag(), idle_ms=100, timeout_ms=150)
    stage.present(SyntheticSubject(5))
    stage.arm(Fault.UNPLUG)
    with pytest.raises(TransportBrokenError):
        device.sign(mailbox, flag(), idle_ms=100, timeout_ms=1000)
    assert device.health() is DeviceState.ABSENT
    pad.plug()
    device.open(flag())
    assert device.sign(mailbox, flag(), idle_ms=100, timeout_ms=1000).strokes
