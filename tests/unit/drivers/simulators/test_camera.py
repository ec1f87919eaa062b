from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from drivers.simulators.camera import CameraServer
from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import BLUE, SyntheticSubject


@pytest.fixture
def camera() -> Iterator[tuple[CameraServer, Stage]]:
    stage = Stage()
    server = CameraServer(stage)
    yield server, stage
    server.stop()


def frames(url: str, count: int) -> list[bytes]:
    found = []
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        while len(found) < count:
            assert answer.readline() == b"--frame\r\n"
            assert answer.readline() == b"Content-Type: image/jpeg\r\n"
            length = int(answer.readline().split(b":")[1])
            answer.readline()
            found.append(answer.read(length))
            answer.readline()
    return found


def decode(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def test_the_person_stands_badly_and_then_well(camera: tuple[CameraServer, Stage]) -> None:
    server, stage = camera
    stage.present(SyntheticSubject(3), BLUE)
    pictures = [decode(jpeg) for jpeg in frames(server.url, 8)]
    assert pictures[0].shape == (960, 720, 3)
    faces = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_default.xml")
    sizes = []
    for picture in (pictures[0], pictures[6]):
        grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (360, 480))
        ((_, _, width, _),) = faces.detectMultiScale(grey, 1.1, 5, minSize=(60, 60))
        sizes.append(width)
    assert sizes[0] < 0.6 * sizes[1]
    assert not np.array_equal(pictures[6], pictures[7])  # never quite still
    assert np.abs(pictures[7][5:40, 5:40].reshape(-1, 3).mean(axis=0) - BLUE).max() < 6


def test_opencv_reads_the_stream(camera: tuple[CameraServer, Stage]) -> None:
    server, stage = camera
    stage.present(SyntheticSubject(3))
    stream = cv2.VideoCapture(server.url)
    try:
        is_read, picture = stream.read()
    finally:
        stream.release()
    assert is_read
    assert picture.shape == (960, 720, 3)


def test_nobody_is_an_empty_backdrop_and_a_frame_may_break(camera: tuple[CameraServer, Stage]) -> None:
    server, stage = camera
    stage.arm(Fault.TRUNCATED_JPEG)
    broken, empty = frames(server.url, 2)
    assert not broken.endswith(b"\xff\xd9")
    assert decode(empty).std(axis=(0, 1)).max() < 2
