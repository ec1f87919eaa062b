from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.simulators.sbi.preview import LIFTED_FRAMES, Preview
from drivers.simulators.stage import Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, Position


def picture(positions: tuple[Position, ...], **conditions: Condition) -> np.ndarray:
    stage = Stage()
    marks = dict.fromkeys(FINGERS, Condition.GOOD) | {Position[name]: value for name, value in conditions.items()}
    stage.present(SyntheticSubject(5, conditions=marks))
    return cv2.imdecode(np.frombuffer(Preview(stage, positions).frame(0), np.uint8), cv2.IMREAD_GRAYSCALE)


def inked(image: np.ndarray) -> list[bool]:
    return [bool((image[:, left : left + 160] < 120).mean() > 0.03) for left in range(0, 640, 160)]


def test_a_slap_shows_four_fingers_and_a_missing_one_as_a_gap() -> None:
    assert inked(picture(RIGHT_FOUR)) == [True] * 4
    assert inked(picture(RIGHT_FOUR, RIGHT_LITTLE=Condition.MISSING)) == [True, True, True, False]
    assert inked(picture(LEFT_FOUR, LEFT_LITTLE=Condition.MISSING)) == [False, True, True, True]


def test_two_eyes_stand_side_by_side() -> None:
    image = picture(EYES)
    assert all((image[200:280, half : half + 320] < 40).any() for half in (0, 320))


@pytest.mark.days
def test_another_person_is_seen_at_once() -> None:
    stage = Stage()
    preview = Preview(stage, RIGHT_FOUR)
    stage.present(SyntheticSubject(5))
    first = preview.frame(0)
    stage.present(SyntheticSubject(6))
    assert preview.frame(0) != first


def test_after_an_attempt_fingers_are_lifted_and_laid_down_again() -> None:
    stage = Stage()
    stage.present(SyntheticSubject(5, conditions=dict.fromkeys(FINGERS, Condition.GOOD)))
    assert not stage.was_tried(Position.RIGHT_INDEX)
    stage.attempt(Position.RIGHT_INDEX)
    preview = Preview(stage, RIGHT_FOUR)
    frames = [cv2.imdecode(np.frombuffer(preview.frame(n), np.uint8), cv2.IMREAD_GRAYSCALE) for n in range(6)]
    assert [any(inked(frame)) for frame in frames] == [False] * LIFTED_FRAMES + [True] * 2
    stage.attempt(Position.EYE_LEFT)
    assert (cv2.imdecode(np.frombuffer(Preview(stage, EYES).frame(0), np.uint8), 0)[200:280] < 40).any()
