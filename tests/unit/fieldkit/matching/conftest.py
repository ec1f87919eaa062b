"""Two synthetic fingers, the first of them twice."""

from __future__ import annotations

import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import FINGERS, Position


@pytest.fixture(scope="session")
def subject() -> SyntheticSubject:
    return SyntheticSubject(41, conditions=dict.fromkeys(FINGERS, Condition.GOOD))


@pytest.fixture(scope="session")
def first(subject: SyntheticSubject) -> Image:
    return subject.finger(Position.RIGHT_INDEX, 0)


@pytest.fixture(scope="session")
def again(subject: SyntheticSubject) -> Image:
    return subject.finger(Position.RIGHT_INDEX, 1)


@pytest.fixture(scope="session")
def stranger(subject: SyntheticSubject) -> Image:
    return subject.finger(Position.LEFT_INDEX, 0)
