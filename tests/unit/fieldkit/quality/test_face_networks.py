from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support.portraits import DARK_SKIN, drawn, turned_aside

from drivers.simulators.subject import BLUE, SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.quality import face_networks
from fieldkit.quality.face_networks import (
    _HEAD,
    _PITCH_AHEAD,
    _PITCH_SCALE,
    _POINTS,
    _YAW_SCALE,
    DETECTION,
    DIGESTS,
    FaceFinder,
    FaceNetworks,
    Square,
    check_models,
    landmarks_of,
    pose_of,
)

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def networks() -> FaceNetworks:
    return FaceNetworks()


@pytest.mark.parametrize("seed", range(4))
def test_a_face_is_found_with_its_eyes(networks: FaceNetworks, seed: int) -> None:
    (face,) = networks.detect(SyntheticSubject(seed).portrait(BLUE))
    left, top, width, height = face.box
    assert left < face.right[0] < 360 < face.left[0] < left + width
    assert top < face.right[1] < top + height
    assert face.right[1] == pytest.approx(410, abs=20)
    assert 0.5 < face.score <= 1


@pytest.mark.days
def test_dark_skin_is_found_too(networks: FaceNetworks) -> None:
    assert all(len(networks.detect(drawn(seed, DARK_SKIN)[0])) == 1 for seed in range(6))


def test_each_of_two_people_is_one_face_and_the_larger_comes_first(networks: FaceNetworks, portrait: Pixels) -> None:
    scene = np.full((960, 1280, 3), portrait[5, 5], np.uint8)
    scene[300:780, 60:420] = cv2.resize(portrait, (360, 480))
    scene[:, 500:1220] = portrait
    large, small = networks.detect(scene)
    assert large.box[0] > 480 > small.box[0]
    assert large.box[2] > 1.5 * small.box[2]


def test_nobody_is_nobody(networks: FaceNetworks) -> None:
    assert networks.detect(np.full((480, 640, 3), 120, np.uint8)) == ()


def test_landmarks_lie_where_the_face_is_also_when_it_is_tilted(networks: FaceNetworks, portrait: Pixels) -> None:
    square = Square((360, 450), 620)
    points, sure = networks.mesh(portrait, square)
    assert sure > 0.9
    assert points[33, 0] < points[133, 0] < 360 < points[362, 0] < points[263, 0]
    assert points[152, 1] > points[13, 1] > points[1, 1] > points[168, 1]
    assert points[1, 2] < min(points[234, 2], points[454, 2])  # the nose is nearer than the cheeks
    turn = cv2.getRotationMatrix2D((360, 450), -20, 1)
    tilted = np.asarray(cv2.warpAffine(portrait, turn, (720, 960), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    again, _ = networks.mesh(tilted, Square((360, 450), 620, 20))
    assert np.abs(again[:, :2] - (points[:, :2] @ turn[:, :2].T + turn[:, 2])).mean() < 3


def test_lids_and_irises_of_both_eyes_mirror_each_other(networks: FaceNetworks, portrait: Pixels) -> None:
    mirrored = np.ascontiguousarray(portrait[:, ::-1])
    lids, iris = networks.eye(portrait, Square((283, 410), 160), is_left=False)
    other, other_iris = networks.eye(mirrored, Square((719 - 283, 410), 160), is_left=True)
    assert np.abs(np.column_stack((719 - other[:, 0], other[:, 1])) - lids).max() < 4
    assert lids[1:8, 1].mean() > lids[9:16, 1].mean()  # the lower lid comes first
    assert abs(iris[0, 0] - 283) < 8
    assert abs(other_iris[0, 0] - (719 - 283)) < 8


def test_the_files_are_those_that_were_shipped() -> None:
    check_models()


@pytest.mark.parametrize("content", [b"another network", None])
def test_another_or_no_file_is_refused_by_name(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    if content is not None:
        for name in DIGESTS:
            (folder / name).write_bytes(content)
    monkeypatch.setattr(face_networks, "files", lambda _package: tmp_path)
    for act in (check_models, lambda: FaceNetworks().detect(np.zeros((64, 64, 3), np.uint8))):
        with pytest.raises(InputError) as damage:
            act()
        assert damage.value.code == "face_model.damaged"
        assert damage.value.problem.params["file"] == DETECTION


@pytest.mark.parametrize("tilt", [0, 15])
def test_eyes_and_irises_lie_where_they_were_drawn(portrait: Pixels, tilt: float) -> None:
    turn = cv2.getRotationMatrix2D((360, 440), -tilt, 1)
    frame = np.asarray(cv2.warpAffine(portrait, turn, (720, 960), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    networks = FaceNetworks()
    found = landmarks_of(networks, frame, networks.detect(frame)[0])
    assert found.sure > 0.9
    assert found.points.shape == (468, 3)
    assert found.eyes.roll_deg == pytest.approx(tilt, abs=2)
    assert found.eyes.distance == pytest.approx(156, abs=16)
    for eye, middle in ((found.right, found.eyes.right), (found.left, found.eyes.left)):
        assert eye.lids.shape == (16, 2)
        assert eye.iris.shape == (5, 2)
        assert np.linalg.norm(eye.iris[0] - middle) < 0.1 * found.eyes.distance


def seen(yaw_deg: float, pitch_deg: float) -> np.ndarray:
    """Return the landmarks of the generic head after it turned to the picture's right and bent down, in pixels."""
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    across = np.array(((np.cos(yaw), 0, -np.sin(yaw)), (0, 1, 0), (np.sin(yaw), 0, np.cos(yaw))))
    down = np.array(((1, 0, 0), (0, np.cos(pitch), -np.sin(pitch)), (0, np.sin(pitch), np.cos(pitch))))
    points = np.zeros((468, 3))
    points[_POINTS] = 20 * _HEAD @ (across @ down).T + (400, 300, 10)
    return points


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (20, 0), (-20, 0), (0, 18), (0, -18), (12, -9)])
def test_the_turn_of_a_head_comes_back_with_its_sign_and_scale(yaw: float, pitch: float) -> None:
    pose = pose_of(seen(yaw, pitch))
    assert pose.yaw_deg / _YAW_SCALE == pytest.approx(yaw, abs=0.5)
    assert pose.pitch_deg / _PITCH_SCALE + _PITCH_AHEAD == pytest.approx(pitch, abs=0.5)


@pytest.mark.days
@pytest.mark.parametrize("yaw", [-25, 25])
def test_a_head_that_was_turned_is_seen_turned(yaw: float) -> None:
    finder = FaceFinder()
    straight, turned = (finder.find(each).landmarks for each in (drawn(3)[0], turned_aside(*drawn(3), yaw)))
    assert straight is not None
    assert turned is not None
    assert abs(pose_of(straight.points).yaw_deg) < 5
    assert pose_of(turned.points).yaw_deg == pytest.approx(yaw, abs=9)
    assert abs(pose_of(turned.points).pitch_deg) < 8
