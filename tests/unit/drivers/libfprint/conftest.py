from __future__ import annotations

import pytest
from support import fprint

from drivers.simulators.libfprint import VirtualFinger
from drivers.simulators.stage import Stage
from drivers.simulators.subject import SyntheticSubject


@pytest.fixture(scope="session")
def _library() -> None:
    fprint.demand()


@pytest.fixture(scope="session")
def person() -> SyntheticSubject:
    return SyntheticSubject(5)


@pytest.fixture
def stage(person) -> Stage:
    stage = Stage()
    stage.present(person)
    return stage


@pytest.fixture
def finger(_library, stage, tmp_path):
    finger = VirtualFinger(stage, tmp_path / "reader")
    yield finger
    finger.stop()
