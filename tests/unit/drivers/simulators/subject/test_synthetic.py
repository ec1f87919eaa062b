from __future__ import annotations

import inspect
import re
from collections.abc import Sequence

import numpy as np
import pytest
from support.tries import some_of

from drivers.simulators.subject import Condition, SyntheticSubject, no_finger, quality, synthetic
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.quality import finger_estimate
from fieldkit.quality.finger_estimate import review


@pytest.mark.days
def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = SyntheticSubject(7), SyntheticSubject(7), SyntheticSubject(8)
    for position in FINGERS[:2]:
        assert np.array_equal(first.finger(position, 1), again.finger(position, 1))
        assert not np.array_equal(first.finger(position), other.finger(position))
    assert np.array_equal(first.iris(Position.EYE_LEFT), again.iris(Position.EYE_LEFT))
    assert np.array_equal(first.portrait(), again.portrait())
    assert not np.array_equal(first.portrait(), other.portrait())
    assert first.signature() == again.signature() != other.signature()


@pytest.mark.days
def test_bytes_do_not_depend_on_what_was_asked_before() -> None:
    first, second = SyntheticSubject(7), SyntheticSubject(7)
    second.iris(Position.EYE_RIGHT)
    second.finger(Position.LEFT_LITTLE, 3)
    assert np.array_equal(first.finger(Position.RIGHT_INDEX), second.finger(Position.RIGHT_INDEX))


@pytest.mark.days
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
    assert subject.condition_of(Position.RIGHT_THUMB) is Condition.EVERYDAY
    assert subject.condition_of(Position.EYE_RIGHT) is Condition.GOOD
    worn = subject.finger(Position.RIGHT_THUMB, condition=Condition.WORN)
    assert worn.std() < subject.finger(Position.RIGHT_THUMB, condition=Condition.GOOD).std()


def test_a_script_decides_attempts_and_looks() -> None:
    script = {Position.RIGHT_RING: (no_finger, quality(31), quality(72))}
    subject = SyntheticSubject(3, script=script)
    assert subject.presentation(Position.RIGHT_RING, 1) == quality(31)
    assert subject.finger(Position.RIGHT_RING, 1).std() < subject.finger(Position.RIGHT_RING, 2).std()


@pytest.fixture(scope="module")
def subject() -> SyntheticSubject:
    return SyntheticSubject(9)


def scores(
    subject: SyntheticSubject,
    attempt: int = 0,
    condition: Condition | None = None,
    fingers: Sequence[Position] = FINGERS[::3],
) -> list[int]:
    return [review(subject.finger(position, attempt, condition)).score.value for position in fingers]


@pytest.mark.days
@pytest.mark.parametrize(("count", "fingers"), [(8, FINGERS[:5]), (12, FINGERS)])
def test_prints_are_as_good_as_those_of_real_people(count: int, fingers: Sequence[Position]) -> None:
    """NFIQ 2 gives real prints 0 to 96, half of them less than 50; people differ, and so do the fingers of one hand."""
    people = [scores(SyntheticSubject(seed), fingers=fingers) for seed in range(count)]
    found = sorted(score for person in people for score in person)
    assert found[0] < 25 < 45 < found[len(found) // 2] < 65 < 86 < found[-1]
    assert 0.1 < np.mean([score < 40 for score in found]) < 0.35
    assert 0.4 < np.mean([score < 60 for score in found]) < 0.65
    assert max(map(np.mean, people)) - min(map(np.mean, people)) > 10
    assert max(max(person) - min(person) for person in people) > 35


@pytest.mark.parametrize(
    ("condition", "advice"),
    [
        (Condition.DRY, "finger.dry"),
        (Condition.WET, "finger.wet"),
        (Condition.LIGHT, "finger.light"),
        (Condition.PARTIAL, "finger.small"),
        (Condition.MOVED, "finger.blurred"),
        (Condition.WORN, "finger.unclear"),
    ],
)
def test_each_condition_meets_its_advice(subject: SyntheticSubject, condition: Condition, advice: str) -> None:
    assert review(subject.finger(FINGERS[0], 0, condition)).advice == (advice,)


@pytest.mark.days
def test_every_advice_is_met_by_somebody_as_they_come() -> None:
    """Whoever adds an advice to the estimate adds a finger that meets it."""
    met = {
        advice
        for seed, position in (
            (1, Position.RIGHT_RING),
            (2, Position.LEFT_THUMB),
            (3, Position.LEFT_MIDDLE),
            (5, Position.LEFT_THUMB),
            (6, Position.LEFT_INDEX),
            (21, Position.LEFT_RING),
        )
        for advice in review(SyntheticSubject(seed).finger(position)).advice
    }
    assert met == set(re.findall(r'"(finger\.\w+)"', inspect.getsource(finger_estimate._ways)))


@pytest.mark.days
def test_a_finger_that_moved_lies_still_next_time(subject: SyntheticSubject) -> None:
    first, second = (scores(subject, attempt, Condition.MOVED) for attempt in range(2))
    assert np.median(first) < 60 <= min(second)
    assert all(again > once for once, again in zip(first, second, strict=True))


@pytest.mark.days
@pytest.mark.parametrize("condition", some_of([Condition.DRY, Condition.WET, Condition.LIGHT, Condition.PARTIAL], 1))
def test_what_somebody_helps_with_is_better_next_time(subject: SyntheticSubject, condition: Condition) -> None:
    first, second, third = (scores(subject, attempt, condition) for attempt in range(3))
    assert max(first) < 40 <= min(second)
    assert min(third) > 55


@pytest.mark.days
def test_worn_fingers_stay_worn(subject: SyntheticSubject) -> None:
    for attempt in range(2):
        assert max(scores(subject, attempt, Condition.WORN)) < 40


@pytest.mark.days
def test_a_scripted_score_looks_like_it() -> None:
    script = {position: (quality(30),) for position in FINGERS}
    found = scores(SyntheticSubject(9, script=script), condition=Condition.GOOD)
    assert abs(np.mean(found) - 30) < 12


def test_a_position_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no finger"):
        SyntheticSubject(1).finger(Position.EYE_LEFT)
    with pytest.raises(ValueError, match="no eye"):
        SyntheticSubject(1).iris(Position.RIGHT_THUMB)


def picture(seed: int, impression: int = 0) -> np.ndarray:
    return synthetic.look(synthetic.grow(np.random.default_rng(seed)), impression, np.random.default_rng(impression))


def test_the_iris_is_wide_enough_for_registration() -> None:
    for seed in range(5):
        eye = synthetic.grow(np.random.default_rng(seed))
        assert 2 * eye.radius >= 210


def test_contrasts_and_grey_levels_reach_iso_29794_6() -> None:
    image = picture(1).astype(float)
    pupil, fibres = image[270:276, 300:340].mean(), image[300:330, 310:330].mean()
    sclera = image[250:270, 460:480].mean()
    assert fibres - pupil >= 30
    assert sclera - fibres >= 5
    counts = np.bincount(image.astype(int).ravel(), minlength=256) / image.size
    assert -sum(p * np.log2(p) for p in counts if p) >= 6


@pytest.mark.days
def test_two_eyes_differ_and_one_eye_does_not() -> None:
    assert np.array_equal(picture(1), picture(1))
    ring = np.s_[300:345, 260:380]
    same = np.corrcoef(
        picture(1)[ring].ravel(),
        synthetic.look(synthetic.grow(np.random.default_rng(1)), 0, np.random.default_rng(9))[ring].ravel(),
    )
    other = np.corrcoef(picture(1)[ring].ravel(), picture(2)[ring].ravel())
    assert same[0, 1] > 0.8
    assert other[0, 1] < 0.6


def test_a_closed_eye_shows_no_pupil() -> None:
    assert (synthetic.closed(np.random.default_rng(0))[200:280, 280:360] > 60).all()
    assert (picture(1)[200:280, 280:360] < 60).any()


def test_a_gaze_places_the_pupil_and_the_lids() -> None:
    eye = synthetic.grow(np.random.default_rng(2))
    gaze = synthetic.Gaze(x=250, y=200, dilation=0.5)
    picture = synthetic.draw(eye, gaze, np.random.default_rng(3))
    rows, columns = np.nonzero(picture < 45)
    assert abs(float(np.median(columns)) - gaze.x) < 4
    assert abs(float(np.median(rows)) - gaze.y) < 8
    open_eye, drooping = (synthetic.draw(eye, synthetic.Gaze(openness=o), np.random.default_rng(3)) for o in (1.0, 0.3))
    assert (drooping < 45).sum() < 0.9 * (open_eye < 45).sum()  # the lid covers a part of the pupil
    assert np.array_equal(drooping[420:], open_eye[420:])
