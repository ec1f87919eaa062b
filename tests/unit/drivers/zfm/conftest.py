from __future__ import annotations

import pytest

from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.zfm import ZfmModule
from fieldkit.domain.recording.positions import FINGERS


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
