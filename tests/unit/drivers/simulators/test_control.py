from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.control import Control
from drivers.simulators.sbi.requests import SLAP_SCANNER
from drivers.simulators.sbi.service import DeviceService, Status
from drivers.simulators.stage import Fault
from drivers.simulators.subject import BLUE, Condition, no_finger, quality
from fieldkit.domain.recording.positions import Position


@pytest.fixture
def kit() -> SimulatedKit:
    return SimulatedKit()  # not started: the stage alone is moved


def test_people_by_number(kit: SimulatedKit) -> None:
    control = Control(kit, 100)
    assert control.obey("present 3 blue RIGHT_THUMB=worn EYE_LEFT=missing LEFT_THUMB=none,31,72") == "ok synthetic-103"
    subject = kit.stage.subject
    assert kit.stage.backdrop == BLUE
    assert subject.condition_of(Position.RIGHT_THUMB) is Condition.WORN
    assert [subject.presentation(Position.LEFT_THUMB, n) for n in range(2)] == [no_finger, quality(31)]
    assert control.obey("nobody") == "ok"
    assert kit.stage.subject is None


def test_people_by_folder(kit: SimulatedKit, tmp_path: Path) -> None:
    (tmp_path / "siti").mkdir()
    control = Control(kit, 1, tmp_path)
    assert control.obey("present siti") == "ok siti"
    assert control.obey("present budi").startswith("error")
    assert control.obey("present siti RIGHT_THUMB=worn").startswith("error")


def test_faults_and_the_end(kit: SimulatedKit) -> None:
    control = Control(kit, 1)
    assert control.obey("fault busy 2") == "ok"
    assert kit.stage.take(Fault.BUSY)
    assert not control.is_over
    assert control.obey("quit") == "ok"
    assert control.is_over


@pytest.mark.parametrize(
    "line",
    ["dance", "fault rain", "present", "fault busy many", "present 1 RIGHT_TOE=worn", "present 1 RIGHT_THUMB=soft"],
)
def test_mistakes_are_answered(kit: SimulatedKit, line: str) -> None:
    assert Control(kit, 1).obey(line).startswith("error ")


def test_what_a_registration_device_says_of_itself(kit: SimulatedKit) -> None:
    service = kit._services["finger"] = DeviceService(SLAP_SCANNER, kit.stage, None, now=kit.now)
    control = Control(kit, 1)
    for word, status in (("Not-Ready", Status.NOT_READY), ("Busy", Status.BUSY), ("Ready", Status.READY)):
        assert control.obey(f"state finger {word}") == "ok"
        assert service.status is status
    assert control.obey("state finger Sleepy").startswith("error")
    assert control.obey("state camera Busy").startswith("error")


def test_the_clocks_of_the_devices(kit: SimulatedKit) -> None:
    machine = kit.now()
    assert Control(kit, 1).obey("clock 86400.5") == "ok"
    assert timedelta(hours=23) < kit.now() - machine < timedelta(hours=25)
    assert Control(kit, 1).obey("clock soon").startswith("error ")
