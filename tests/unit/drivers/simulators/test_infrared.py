from __future__ import annotations

import urllib.request

import cv2
import numpy as np
import pytest

from drivers.simulators.camera import SIZE, both_eyes, infrared_camera, render_eyes
from drivers.simulators.stage import Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import EYES, Position

RIGHT, LEFT = EYES
HALF = SIZE[0] // 2


def decode(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)


def darkest_spot(half: np.ndarray) -> int:
    return int(cv2.GaussianBlur(half, (0, 0), 9).min())


def sharpness(jpeg: bytes) -> float:
    return float(cv2.Laplacian(decode(jpeg), cv2.CV_32F).std())


@pytest.mark.days
def test_the_same_person_gives_the_same_bytes_and_another_one_others():
    stage = Stage()
    stage.present(SyntheticSubject(3))
    first = render_eyes(stage)
    stage.present(SyntheticSubject(3))
    assert render_eyes(stage) == first
    stage.present(SyntheticSubject(4))
    assert render_eyes(stage)[1][0] != first[1][0]


@pytest.mark.days
def test_the_person_moves_at_first_and_then_holds_still():
    stage = Stage()
    stage.present(SyntheticSubject(3))
    moving, still = render_eyes(stage)
    assert max(map(sharpness, moving)) < 0.7 * min(map(sharpness, still))
    assert len(set(still)) == len(still)  # never quite still


@pytest.mark.days
@pytest.mark.parametrize(("position", "half"), [(RIGHT, np.s_[:, :HALF]), (LEFT, np.s_[:, HALF:])])
def test_each_eye_has_its_side_and_a_missing_one_leaves_skin(position: Position, half):
    other = np.s_[:, HALF:] if position is RIGHT else np.s_[:, :HALF]
    assert darkest_spot(both_eyes(SyntheticSubject(5))[half]) < 60
    for condition in (Condition.MISSING, Condition.BANDAGED):
        face = both_eyes(SyntheticSubject(5, conditions={position: condition}))
        assert darkest_spot(face[half]) > 90
        assert darkest_spot(face[other]) < 60


def test_it_streams_and_nobody_is_dark():
    stage = Stage()
    camera = infrared_camera(stage)
    try:
        with urllib.request.urlopen(camera.url, timeout=120) as answer:
            assert answer.readline() == b"--frame\r\n"
            answer.readline()
            length = int(answer.readline().split(b":")[1])
            answer.readline()
            frame = decode(answer.read(length))
    finally:
        camera.stop()
    assert frame.shape == SIZE[::-1]
    assert frame.max() < 40
