from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from itertools import dropwhile, islice

import cv2
import numpy as np
import pytest

from drivers.simulators.camera import CameraServer, render_portrait
from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import BLUE, SyntheticSubject
from fieldkit.quality.face_networks import FaceNetworks


@pytest.fixture
def camera() -> Iterator[tuple[CameraServer, Stage]]:
    stage = Stage()
    server = CameraServer(stage)
    yield server, stage
    server.stop()


def stream(url: str) -> Iterator[bytes]:
    with urllib.request.urlopen(url, timeout=120) as answer:
        assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
        while True:
            assert answer.readline() == b"--frame\r\n"
            assert answer.readline() == b"Content-Type: image/jpeg\r\n"
            length = int(answer.readline().split(b":")[1])
            answer.readline()
            yield answer.read(length)
            answer.readline()


def frames(url: str, count: int) -> list[bytes]:
    with closing(stream(url)) as coming:
        return list(islice(coming, count))


def drawn(url: str, count: int) -> list[np.ndarray]:
    """Return pictures of a person, from the first one on."""
    with closing(stream(url)) as coming:
        return list(islice(dropwhile(is_empty, map(decode, coming)), count))


def is_empty(picture: np.ndarray) -> bool:
    return bool(picture.std(axis=(0, 1)).max() < 2)


def decode(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def test_the_person_stands_badly_and_then_well(camera: tuple[CameraServer, Stage]) -> None:
    server, stage = camera
    stage.present(SyntheticSubject(3), BLUE)
    pictures = drawn(server.url, 8)
    assert pictures[0].shape == (960, 720, 3)
    sizes = []
    for picture in (pictures[0], pictures[6]):
        (face,) = FaceNetworks().detect(np.ascontiguousarray(picture))
        sizes.append(face.box[2])
    assert sizes[0] < 0.6 * sizes[1]
    assert not np.array_equal(pictures[6], pictures[7])  # never quite still
    assert np.abs(pictures[7][5:40, 5:40].reshape(-1, 3).mean(axis=0) - BLUE).max() < 6


@pytest.mark.days
def test_the_stream_flows_while_a_person_is_drawn() -> None:
    stage, may_draw = Stage(), threading.Event()

    def render(of: Stage) -> tuple[list[bytes], list[bytes]]:
        if of.subject is not None:
            may_draw.wait()
        return render_portrait(of)

    server = CameraServer(stage, render=render)
    try:
        stage.present(SyntheticSubject(3), BLUE)
        assert all(is_empty(decode(jpeg)) for jpeg in frames(server.url, 2))
        may_draw.set()
        assert drawn(server.url, 1)
    finally:
        may_draw.set()
        server.stop()


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
    assert is_empty(decode(empty))
