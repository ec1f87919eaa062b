from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support.face_model import FACE_PX, POINTS, model
from support.portraits import drawn

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.portrait import PortraitCheck
from fieldkit.formats.images import decode_colour
from fieldkit.quality.face import PortraitJudge
from fieldkit.quality.face_finder import FoundFaces
from fieldkit.quality.face_network import NetworkFinder, read_model

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def finder() -> NetworkFinder:
    return NetworkFinder(model())


def scene(*corners: tuple[int, int], size: tuple[int, int] = (240, 320)) -> Pixels:
    picture = np.zeros((*size, 3), np.uint8)
    for x, y in corners:
        picture[y : y + 8, x : x + 8] = (0, 0, 255)
    return picture


def test_eyes_nose_and_mouth_are_where_the_network_sees_them(finder: NetworkFinder) -> None:
    found = finder.find(scene((160, 120)))
    assert found.count == 1
    assert found.eyes is not None
    assert found.lower is not None
    lower = found.lower
    told = (found.eyes.right, found.eyes.left, lower.nose, lower.mouth_right, lower.mouth_left)
    assert np.allclose(told, np.array(POINTS) + np.array((160, 120)), atol=0.5)


def test_a_large_frame_is_searched_small_and_told_in_its_own_pixels(finder: NetworkFinder) -> None:
    large = np.asarray(cv2.resize(scene((160, 120)), (1280, 960), interpolation=cv2.INTER_NEAREST), np.uint8)
    found = finder.find(large)
    assert found.eyes is not None
    assert found.eyes.distance == pytest.approx(4 * (POINTS[1][0] - POINTS[0][0]), abs=2)


def test_two_people_and_nobody(finder: NetworkFinder) -> None:
    assert finder.find(scene((64, 120), (64 + int(FACE_PX) + 32, 120))).count == 2
    assert finder.find(scene()) == FoundFaces(0, None)


def test_with_a_network_the_pose_is_judged_and_says_by_whom(finder: NetworkFinder) -> None:
    picture, (right, left) = drawn(3)
    scale = 320 / 960
    x, y = (right + left) / 2 * scale
    marked = np.asarray(cv2.resize(picture, (240, 320), interpolation=cv2.INTER_AREA), np.uint8)
    corner = (int(x - 4) // 8 * 8, int(y + 16) // 8 * 8)
    marked[corner[1] : corner[1] + 8, corner[0] : corner[0] + 8] = (0, 0, 255)
    review = PortraitJudge(decode_colour, detector=finder).review(marked)
    told = {result.check: result for result in review.results}
    assert told[PortraitCheck.ONE_FACE].method == told[PortraitCheck.LEVEL].method == "yunet"
    assert told[PortraitCheck.LEVEL].margin is not None
    assert told[PortraitCheck.SHARPNESS].method == "pixels"
    assert {"yaw_deg", "pitch_deg"} <= set(review.measures)


@pytest.mark.parametrize("content", [b"", b"no model", model()[:200]])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(InputError) as refused:
        NetworkFinder(content)
    assert refused.value.code == "face_model.unusable"


def test_only_the_model_that_was_written_down_is_read(tmp_path: Path) -> None:
    path = tmp_path / "face.onnx"
    path.write_bytes(b"model")
    assert read_model(path, sha256(b"model").hexdigest().upper()) == b"model"
    for digest, place, code in (("0" * 64, path, "other"), ("0" * 64, tmp_path / "none.onnx", "unreadable")):
        with pytest.raises(InputError) as refused:
            read_model(place, digest)
        assert refused.value.code == f"face_model.{code}"
