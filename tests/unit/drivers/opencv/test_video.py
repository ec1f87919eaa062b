from __future__ import annotations

import cv2
import numpy as np
import pytest
from unit.drivers.opencv.test_source import next_frame

from drivers.opencv import source as video
from drivers.opencv.source import LEAST_LINES, Mode, VideoSource, is_camera, node_of
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import DeviceError, NotConnectedError, TransportBrokenError

NEVER = NeverCancelled()
W, H = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT


def test_a_video_file_is_a_camera_that_is_lost_at_its_end(tmp_path, flag):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for shade in range(0, 250, 10):
        writer.write(np.full((48, 64, 3), shade, np.uint8))
    writer.release()
    source = VideoSource(str(path))
    source.start(NEVER)
    assert next_frame(source).startswith(b"\xff\xd8")
    with pytest.raises(TransportBrokenError):
        [source.latest() for _ in range(200)]
    source.stop()
    missing = VideoSource(str(tmp_path / "none.avi"))
    with pytest.raises(NotConnectedError):
        missing.start(NEVER)
    missing.stop()


@pytest.fixture
def camera(monkeypatch):
    """A camera that takes the sizes it has, and unasked or asked for another gives the default of OpenCV."""

    def plug(*sizes: tuple[int, int], offered: tuple[Mode, ...] = ()):
        class Camera:
            def __init__(self, address):
                self.asked = {W: 640, H: 480}
                cameras.append(self)

            def isOpened(self):  # noqa: N802 – OpenCV's name
                return True

            def set(self, which, value):
                self.asked[which] = value

            def read(self):
                wanted = self.asked[W], self.asked[H]
                width, height = wanted if wanted in sizes else (640, 480)
                return True, np.zeros((height, width, 3), np.uint8)

            def release(self):
                self.is_released = True

        cameras: list[Camera] = []
        monkeypatch.setattr(cv2, "VideoCapture", Camera)
        monkeypatch.setattr(video, "offered_modes", lambda path: offered)
        return cameras

    return plug


def size_of(source: VideoSource) -> tuple[int, int]:
    source.start(NEVER)
    frame = cv2.imdecode(np.frombuffer(next_frame(source), np.uint8), cv2.IMREAD_COLOR)
    source.stop()
    return frame.shape[1], frame.shape[0]


def test_unasked_for_its_modes_a_camera_is_tried_from_the_best_down(camera):
    camera((1920, 1080))
    assert size_of(VideoSource("0")) == (1920, 1080)
    camera((1280, 720))
    assert size_of(VideoSource("0")) == (1280, 720)


def test_of_the_modes_that_a_camera_tells_the_best_is_asked_for(camera):
    offered = Mode(1280, 960, "YUYV"), Mode(1600, 1200, "MJPG")
    opened = camera((1280, 960), (1600, 1200), offered=offered)
    assert size_of(VideoSource("/dev/video0")) == (1600, 1200)
    assert opened[0].asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_a_photo_camera_below_the_portraits_need_is_refused_and_let_go(camera):
    opened = camera((800, 600), offered=(Mode(800, 600, "MJPG"),))
    source = VideoSource("/dev/video0", LEAST_LINES)
    with pytest.raises(DeviceError) as caught:
        source.start(NEVER)
    assert caught.value.code == "device.camera_small"
    assert dict(caught.value.problem.params) == {"width": 800, "height": 600, "least": "1280 × 720"}
    source.stop()
    assert opened[0].is_released
    assert size_of(VideoSource("/dev/video0")) == (800, 600)  # an iris camera may have fewer lines


def test_cameras_are_told_from_films():
    assert [is_camera(each) for each in ("0", "/dev/video2", "/tmp/film.avi")] == [True, True, False]
    assert node_of("2") == "/dev/video2"
