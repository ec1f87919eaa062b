from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.zfm import ZfmModule
from fieldkit.domain.recording.positions import FINGERS
from tests.unit.drivers.zfm.answer_clock import AnswerClock


@pytest.fixture(scope="session")
def person() -> SyntheticSubject:
    return SyntheticSubject(5, conditions=dict.fromkeys(FINGERS, Condition.GOOD))


@pytest.fixture
def stage(person) -> Stage:
    stage = Stage()
    stage.present(person)
    return stage


@pytest.fixture
def module_at(stage, tmp_path):
    """Plug modules in; each in its own folder."""
    plugged: list[ZfmModule] = []

    def plug(**options) -> ZfmModule:
        folder = tmp_path / str(len(plugged))
        folder.mkdir()
        plugged.append(ZfmModule(stage, folder, **options))
        return plugged[-1]

    yield plug
    for module in plugged:
        module.stop()
    for fault in Fault:
        assert not stage.take(fault), f"{fault} was never met"


@pytest.fixture
def module(module_at) -> ZfmModule:
    return module_at()


@pytest.fixture
def clock_of(monkeypatch) -> Callable[[ZfmModule], AnswerClock]:
    """Return the clock for the driver of a module."""

    def build(module: ZfmModule) -> AnswerClock:
        clock = AnswerClock(module)
        monkeypatch.setattr("drivers.zfm.line.open_line", clock.open_line)
        return clock

    return build


@pytest.fixture
def clock(module, clock_of) -> AnswerClock:
    return clock_of(module)
