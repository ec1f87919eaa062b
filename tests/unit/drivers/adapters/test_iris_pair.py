"""Two MJPEG cameras as one device; UVC cameras differ by their address only."""

from __future__ import annotations

import base64
import threading

import cv2
import numpy as np
import pytest
from support.standstill import wait_until
from support.waits import FactClock, never

from drivers.adapters import iris_pair as module
from drivers.adapters.iris_pair import EYES, IrisPair
from drivers.adapters.serving import RefusedError
from drivers.simulators.camera import CameraServer
from drivers.simulators.stage import Stage


def frame(shade: int, blur: float) -> bytes:
    picture = np.full((96, 128), shade, np.uint8)
    picture[::6] = 0
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    return cv2.imencode(".jpg", picture)[1].tobytes()


@pytest.fixture
def cameras():
    shown = [
        CameraServer(Stage(), render=lambda _, shade=shade: ([frame(shade, 4)], [frame(shade, 0), frame(shade, 2)]))
        for shade in (120, 220)
    ]
    yield shown
    for camera in shown:
        camera.stop()


@pytest.fixture
def pair(cameras):
    device = IrisPair(dict(zip(EYES, [camera.url for camera in cameras], strict=True)), "Pair", FactClock(never))
    device.open("pair")
    yield device
    device.close("pair")
    wait_until(lambda: not any("_grab" in thread.name for thread in threading.enumerate()))


def test_both_eyes_come_with_their_sharpest_frames(pair, monkeypatch):
    monkeypatch.setattr(module, "LOOK_S", 0.03)  # of a clock that passes a thousandth with each look
    (told,) = pair.devices()
    assert (told["kind"], told["model"]) == ("iris", "Pair")
    shown: list[bytes] = []
    images = pair.capture({"positions": list(EYES), "timeout_ms": 3000}, shown.append, lambda: False)
    assert {image["position"] for image in images} == set(EYES)
    assert 2 <= len(images) <= 2 * module.KEPT
    for image in images:
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(image["jpeg"]), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture.shape == (96, 128)
        assert (picture.max() > 170) == (image["position"] == "EYE_LEFT")
    both = cv2.imdecode(np.frombuffer(shown[-1], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert both.shape[1] == 2 * 480


def test_the_preview_ends_when_left_and_says_when_a_camera_is_pulled(pair, cameras, monkeypatch):
    shown: list[bytes] = []
    pair.preview({"positions": list(EYES)}, shown.append, lambda: len(shown) >= 2)
    assert len(shown) == 2
    monkeypatch.setattr(module, "STALE_S", 0.2)
    cameras[1].unplug()
    with pytest.raises(RefusedError) as caught:
        pair.preview({"positions": list(EYES)}, shown.append, lambda: False)
    assert caught.value.answer["error"] == "removed"


def test_a_camera_that_is_not_there_is_named(cameras, monkeypatch):
    monkeypatch.setattr(module, "FIRST_FRAME_S", 0.5)
    clock = FactClock(lambda: pair._cameras and pair._cameras["EYE_RIGHT"].frame is not None)
    pair = IrisPair(dict(zip(EYES, (cameras[0].url, "/does/not/exist.avi"), strict=True)), "Pair", clock)
    with pytest.raises(RefusedError) as caught:
        pair.open("pair")
    assert caught.value.answer == {"error": "absent", "reason": "/does/not/exist.avi"}
