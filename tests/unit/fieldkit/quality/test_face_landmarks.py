from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fieldkit.quality.face_landmarks import landmarks_of
from fieldkit.quality.face_networks import FaceNetworks

Pixels = NDArray[np.uint8]


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
