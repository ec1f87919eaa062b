from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.waits import FactClock, never

from drivers.opencv.driver import OpenCvDriver
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.ports.devices import (
    CaptureRequest,
    DeviceError,
    DeviceKind,
    DeviceState,
    NothingPresentedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

PORTRAIT = (Position.PORTRAIT,)


def request(**rest) -> CaptureRequest:
    options = {"timeout_ms": 2000, "threshold": 60, **rest}
    return CaptureRequest("tx-0001", datetime(2026, 11, 21, tzinfo=UTC), Modality.FACE, PORTRAIT, **options)


@pytest.fixture
def clock():
    """Return a clock of the camera that runs when the test has seen what it waits for."""
    return FactClock(never)


@pytest.fixture
def connect(context_for, clock, flag):
    opened = []

    def open_at(url: str):
        context = context_for(addresses={"opencv": (url,)}, only_given=frozenset({"opencv"}), monotonic=clock)
        driver = OpenCvDriver(context)
        (status,) = driver.scan()
        device = driver.connect(status)
        device.open(flag())
        opened.append(device)
        return device

    yield open_at
    for device in opened:
        device.close()


def test_capture_waits_for_a_good_frame(camera, connect, picture, mailbox, flag):
    frames = [picture(20)] * 10 + [picture(200)]
    result = connect(camera(frames).url).capture(request(previous_hash="AB" * 32), mailbox, flag())
    (sample,) = result.samples
    assert sample.position is Position.PORTRAIT
    assert sample.data == b"FAC\0" + picture(200)
    assert result.last_hash == "AB" * 32
    assert len(mailbox.frames) >= 2


def test_the_best_frame_is_kept_when_the_time_is_up(camera, connect, clock, picture, mailbox, flag):
    frames = [picture(20), picture(90), picture(40)]
    device = connect(camera(frames).url)
    clock.runs = lambda: {*frames} <= {*mailbox.frames}
    (sample,) = device.capture(request(timeout_ms=500), mailbox, flag()).samples
    assert sample.data == b"FAC\0" + picture(90)
    assert sample.quality.value < 60


def test_torn_frames_are_passed_over(camera, connect, picture, mailbox, flag):
    frames = [b"\xff\xd8 torn", picture(200)]
    (sample,) = connect(camera(frames).url).capture(request(), mailbox, flag()).samples
    assert sample.data == b"FAC\0" + picture(200)


def test_nothing_usable_is_nothing_presented(camera, connect, clock, picture, mailbox, flag):
    clock.runs = lambda: mailbox.frames
    with pytest.raises(NothingPresentedError) as caught:
        connect(camera([picture(0)]).url).capture(request(timeout_ms=300), mailbox, flag())
    assert caught.value.code == "device.no_face"


def test_no_frames_time_out(camera, connect, clock, mailbox, flag):
    device = connect(camera([]).url)
    clock.runs = lambda: True
    with pytest.raises(TimedOutError):
        device.capture(request(timeout_ms=200), mailbox, flag())


def test_a_lost_camera_is_broken_and_can_be_opened_again(camera, connect, picture, mailbox, flag):
    running = camera([picture(20)])
    device = connect(running.url)
    running.close()
    with pytest.raises(TransportBrokenError):
        device.capture(request(), mailbox, flag())
    assert device.health() is DeviceState.ABSENT


def test_capture_and_stream_end_with_patience(camera, connect, picture, mailbox, flag):
    device = connect(camera([picture(20)]).url)
    cancel = flag(once=lambda: len(mailbox.frames) == 3)
    with pytest.raises(DeviceError) as caught:
        device.capture(request(timeout_ms=600_000), mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert len(mailbox.frames) == 3
    cancel = flag(once=lambda: len(mailbox.frames) == 6)
    device.stream(PORTRAIT, mailbox, cancel)
    assert cancel.was_heeded
    assert len(mailbox.frames) == 6


def test_only_portraits(camera, connect, mailbox, flag):
    device = connect(camera().url)
    assert device.capabilities.kind is DeviceKind.CAMERA
    with pytest.raises(ProtocolError):
        device.stream((Position.EYE_LEFT,), mailbox, flag())
