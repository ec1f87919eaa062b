from __future__ import annotations

import numpy as np
import pytest
from support.eyes import closed_with_lashes, hard_eye

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import EYES
from fieldkit.quality.iris_code import SAME, IrisCode, are_same, code_of, distance, other_eyes

RIGHT, LEFT = EYES


def codes(seed: int, impression: int = 0) -> dict:
    person = SyntheticSubject(seed, conditions=dict.fromkeys(EYES, Condition.GOOD))
    return {eye: code_of(person.iris(eye, impression)) for eye in EYES}


@pytest.fixture(scope="module")
def people() -> list[dict]:
    return [codes(seed) for seed in range(3)]


@pytest.mark.days
def test_an_eye_is_known_again_turned_and_dilated(people: list[dict]) -> None:
    for seed in (0, 2):  # of the second person a lid is found too low: nothing is compared then
        again = codes(seed, 1)
        assert all(are_same(people[seed][eye], again[eye]) for eye in EYES)


@pytest.mark.days
def test_no_eye_is_taken_for_another(people: list[dict]) -> None:
    every = [code for person in people for code in person.values()]
    apart = [distance(one, other) for at, one in enumerate(every) for other in every[at + 1 :]]
    assert min(apart) > 0.4
    another_painter = [code_of(hard_eye(seed, 105).picture) for seed in range(4)]
    seen = [code for code in another_painter if code is not None]
    assert min(distance(one, other) for at, one in enumerate(seen) for other in seen[at + 1 :]) > SAME


@pytest.mark.days
def test_the_same_eye_twice_and_eyes_that_changed_places(people: list[dict]) -> None:
    one, other = people[0][RIGHT], people[0][LEFT]
    assert other_eyes({RIGHT: one, LEFT: other}, {}) == {}
    assert other_eyes({RIGHT: one, LEFT: one}, {}) == {LEFT: RIGHT}
    assert other_eyes({RIGHT: other, LEFT: one}, {RIGHT: one, LEFT: other}) == {RIGHT: LEFT, LEFT: RIGHT}
    assert other_eyes({RIGHT: None, LEFT: one}, {RIGHT: None}) == {}


def test_an_eye_behind_its_lids_is_compared_with_nothing(people: list[dict]) -> None:
    one = people[0][RIGHT]
    hidden = IrisCode(one.bits, np.zeros_like(one.is_seen))
    assert distance(one, hidden) == 1.0
    assert not are_same(one, hidden)


def test_a_closed_eye_has_no_code() -> None:
    assert code_of(closed_with_lashes(1)) is None
