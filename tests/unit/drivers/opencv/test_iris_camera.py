from __future__ import annotations

from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from support.waits import FactClock, never

from drivers.opencv.driver import OpenCvDriver
from fieldkit.domain.recording.positions import EYES, Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceKind,
    NothingPresentedError,
    ProtocolError,
    SampleFault,
    TimedOutError,
    TransportBrokenError,
)

RIGHT, LEFT = EYES


def halves(right: int, left: int) -> bytes:
    """A frame in which the brightness of each half stands for the quality of one eye."""
    frame = np.empty((48, 64), np.uint8)
    frame[:, :32], frame[:, 32:] = right, left
    return cv2.imencode(".jpg", frame)[1].tobytes()


def request(positions: tuple[Position, ...] = EYES, **rest) -> CaptureRequest:
    options = {"timeout_ms": 2000, "threshold": 60, **rest}
    return CaptureRequest("tx-0001", datetime(2026, 11, 21, tzinfo=UTC), Modality.IRIS, positions, **options)


@pytest.fixture
def clock():
    """Return a clock of the camera that runs when the test has seen what it waits for."""
    return FactClock(never)


@pytest.fixture
def connect(context_for, clock):
    opened = []

    def build(url: str):
        given = {"addresses": {"opencv": (f"ir:{url}",)}, "only_given": frozenset({"opencv"})}
        driver = OpenCvDriver(context_for(**given, monotonic=clock))
        (status,) = driver.scan()
        assert status.kind is DeviceKind.IRIS
        opened.append(driver.connect(status))
        return opened[-1]

    yield build
    for device in opened:
        device.close()


def test_each_eye_keeps_its_own_best_frame(camera, connect, clock, mailbox, flag):
    frames = [halves(40, 40), halves(200, 60), halves(60, 220), halves(160, 160)]
    clock.runs = lambda: {*frames} <= {*mailbox.frames}
    result = connect(camera(frames).url).capture(request(previous_hash="AB" * 32), mailbox, flag())
    assert not result.faults
    assert result.last_hash == "AB" * 32
    assert {s.position: s.data[4:] for s in result.samples} == {RIGHT: frames[1], LEFT: frames[2]}
    assert all(s.data.startswith(b"IIR\0") for s in result.samples)
    assert len(mailbox.frames) >= 4


def test_the_sharpest_of_the_neighbours_is_kept(camera, connect, clock, mailbox, flag):
    frames = [halves(170, 170), halves(240, 240), halves(180, 180)]
    clock.runs = lambda: {*frames} <= {*mailbox.frames}
    result = connect(camera(frames).url).capture(request(), mailbox, flag())
    assert {s.data[4:] for s in result.samples} == {frames[1]}


def test_an_eye_that_stays_closed_is_a_fault(camera, connect, clock, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    result = connect(camera([halves(200, 0)]).url).capture(request(timeout_ms=400), mailbox, flag())
    assert [s.position for s in result.samples] == [RIGHT]
    assert result.faults == (SampleFault(LEFT, "device.no_eye"),)


def test_an_excepted_eye_is_not_waited_for(camera, connect, clock, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    device = connect(camera([halves(200, 0)]).url)
    result = device.capture(request(exceptions=(LEFT,), timeout_ms=600_000), mailbox, flag())
    assert len(mailbox.frames) < 10, "the frames of the time in which a sharper one may come"
    assert [s.position for s in result.samples] == [RIGHT]
    assert not result.faults


def test_no_eye_at_all_is_nothing_presented(camera, connect, clock, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    with pytest.raises(NothingPresentedError) as caught:
        connect(camera([halves(0, 0)]).url).capture(request(timeout_ms=300), mailbox, flag())
    assert caught.value.code == "device.no_eye"


def test_a_poor_eye_is_a_result(camera, connect, clock, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    result = connect(camera([halves(40, 200)]).url).capture(request(timeout_ms=400), mailbox, flag())
    assert {s.position for s in result.samples} == set(EYES)


def test_torn_frames_are_passed_over(camera, connect, clock, mailbox, flag):
    frames = [b"\xff\xd8 torn", halves(200, 200)]
    clock.runs = lambda: {*frames} <= {*mailbox.frames}
    assert connect(camera(frames).url).capture(request(), mailbox, flag()).samples


def test_no_frames_time_out(camera, connect, clock, mailbox, flag):
    running = camera([])
    device = connect(running.url)
    device.open(flag())
    clock.runs = lambda: True
    with pytest.raises(TimedOutError):
        device.capture(request(timeout_ms=200), mailbox, flag())


def test_a_lost_camera_is_broken(camera, connect, mailbox, flag):
    running = camera([halves(40, 40)])
    device = connect(running.url)
    device.open(flag())
    running.close()
    with pytest.raises(TransportBrokenError):
        device.capture(request(), mailbox, flag())


def test_a_capture_can_be_left_at_once(camera, connect, mailbox, flag):
    cancel = flag(once=lambda: len(mailbox.frames) == 3)
    with pytest.raises(DeviceError) as caught:
        connect(camera([halves(40, 40)]).url).capture(request(timeout_ms=600_000), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert len(mailbox.frames) == 3


def test_only_eyes(camera, connect, mailbox, flag):
    with pytest.raises(ProtocolError):
        connect(camera().url).capture(request((Position.PORTRAIT,)), mailbox, flag())
