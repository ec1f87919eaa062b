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


@pytest.fixture(autouse=True)
def _process_has_time(monkeypatch) -> None:
    """Let the process start, and let go of a request, as slowly as a busy machine does."""
    for name in ("START_S", "STOP_S"):
        monkeypatch.setattr(f"drivers.libfprint.answers.{name}", 120.0)
