from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.stage import Fault, Stage, own_score
from drivers.simulators.subject import Condition, SyntheticSubject, no_finger, quality
from fieldkit.domain.recording.positions import Position
from fieldkit.quality.finger_estimate import review

WORN, LOST, SOUND = Position.LEFT_RING, Position.LEFT_LITTLE, Position.RIGHT_THUMB


def test_a_fault_is_used_up() -> None:
    stage = Stage()
    stage.arm(Fault.BUSY, 2)
    assert [stage.take(Fault.BUSY) for _ in range(3)] == [True, True, False]
    assert not stage.take(Fault.HANG)


@pytest.mark.days
def test_scores_follow_the_condition() -> None:
    stage = Stage()
    marks = {WORN: Condition.WORN, LOST: Condition.MISSING, SOUND: Condition.GOOD}
    stage.present(SyntheticSubject(4, conditions=marks))
    assert stage.attempt(LOST) is None
    good = [stage.attempt(SOUND) for _ in range(4)]
    assert all(one is not None and 70 <= one.quality <= 90 for one in good)
    assert not np.array_equal(good[0].image, good[1].image)
    worn = [stage.attempt(WORN).quality for _ in range(5)]
    assert all(20 <= score < 60 for score in worn)
    assert len(set(worn)) > 1


@pytest.mark.days
def test_a_scanner_sees_for_itself_and_is_milder_than_the_kit() -> None:
    subject = SyntheticSubject(4)
    for condition in (Condition.WET, Condition.PARTIAL, Condition.WORN):
        image = subject.finger(SOUND, 0, condition)
        assert review(image).score.value < own_score(image) < own_score(subject.finger(SOUND, 0, Condition.GOOD))
    assert own_score(subject.finger(SOUND, 0, Condition.MISSING)) == 0


def test_attempts_are_counted_for_each_person() -> None:
    stage = Stage()
    assert stage.attempt(SOUND) is None  # nobody there
    subject = SyntheticSubject(4, script={SOUND: (no_finger, quality(31), quality(72))})
    stage.present(subject)
    assert stage.attempt(SOUND) is None
    assert stage.glance(SOUND).quality == stage.glance(SOUND).quality == 31
    assert [stage.attempt(SOUND).quality for _ in range(3)] == [31, 72, 72]
    before = stage.turn
    stage.present(subject)
    assert stage.turn != before
    assert stage.attempt(SOUND) is None


def test_nobody_signs_twice_alike() -> None:
    stage = Stage()
    assert stage.signature() is None
    person = SyntheticSubject(7)
    stage.present(person)
    signed = [stage.signature() for _ in range(3)]
    assert len(set(signed)) == 3
    assert [len(ink.strokes) for ink in signed if ink] == [len(person.signature().strokes)] * 3
