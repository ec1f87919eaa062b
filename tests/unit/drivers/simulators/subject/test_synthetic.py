from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject, no_finger, quality
from fieldkit.domain.recording.positions import EYES, FINGERS, Position


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = SyntheticSubject(7), SyntheticSubject(7), SyntheticSubject(8)
    for position in FINGERS[:2]:
        assert np.array_equal(first.finger(position, 1), again.finger(position, 1))
        assert not np.array_equal(first.finger(position), other.finger(position))
    assert np.array_equal(first.iris(Position.EYE_LEFT), again.iris(Position.EYE_LEFT))
    assert np.array_equal(first.portrait(), again.portrait())
    assert not np.array_equal(first.portrait(), other.portrait())
    assert first.signature() == again.signature() != other.signature()


def test_bytes_do_not_depend_on_what_was_asked_before() -> None:
    first, second = SyntheticSubject(7), SyntheticSubject(7)
    second.iris(Position.EYE_RIGHT)
    second.finger(Position.LEFT_LITTLE, 3)
    assert np.array_equal(first.finger(Position.RIGHT_INDEX), second.finger(Position.RIGHT_INDEX))


def test_ten_fingers_and_two_eyes_are_twelve_different_pictures() -> None:
    subject = SyntheticSubject(3)
    prints = {subject.finger(position).tobytes() for position in FINGERS}
    assert len(prints) == 10
    assert len({subject.iris(eye).tobytes() for eye in EYES}) == 2
    assert subject.finger(FINGERS[0]).tobytes() != subject.finger(FINGERS[0], 1).tobytes()


def test_conditions_show() -> None:
    marks = {
        Position.LEFT_THUMB: Condition.BANDAGED,
        Position.LEFT_INDEX: Condition.MISSING,
        Position.EYE_LEFT: Condition.MISSING,
    }
    subject = SyntheticSubject(3, conditions=marks)
    assert subject.finger(Position.LEFT_THUMB)[150:250, 100:200].min() > 120  # cloth: no dark ridge
    assert subject.finger(Position.LEFT_INDEX).min() > 240
    assert subject.iris(Position.EYE_LEFT).min() > 40  # no pupil
    assert subject.condition_of(Position.RIGHT_THUMB) is Condition.GOOD
    worn = subject.finger(Position.RIGHT_THUMB, condition=Condition.WORN)
    assert worn.std() < subject.finger(Position.RIGHT_THUMB).std()


def test_a_script_decides_attempts_and_looks() -> None:
    script = {Position.RIGHT_RING: (no_finger, quality(31), quality(72))}
    subject = SyntheticSubject(3, script=script)
    assert subject.presentation(Position.RIGHT_RING, 1) == quality(31)
    assert subject.finger(Position.RIGHT_RING, 1).std() < subject.finger(Position.RIGHT_RING, 2).std()


def test_a_position_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no finger"):
        SyntheticSubject(1).finger(Position.EYE_LEFT)
    with pytest.raises(ValueError, match="no eye"):
        SyntheticSubject(1).iris(Position.RIGHT_THUMB)
