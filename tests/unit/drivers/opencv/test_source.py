from __future__ import annotations

import socket

import cv2
import numpy as np
import pytest
from support.standstill import wait_until
from support.waits import FactClock, never

from drivers.opencv.source import MjpegSource, StillSource, is_listening, source_for
from drivers.opencv.video import VideoSource
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import DeviceError, NotConnectedError, ProtocolError, TimedOutError, TransportBrokenError

NEVER = NeverCancelled()


def next_frame(source) -> bytes:
    while (frame := source.latest()) is None:
        pass
    return frame


def test_each_address_has_its_source():
    assert isinstance(source_for("http://10.0.0.9/live"), MjpegSource)
    assert isinstance(source_for("0"), VideoSource)
    assert isinstance(source_for("/dev/video2"), VideoSource)
    assert isinstance(source_for("/tmp/photo.JPG"), StillSource)
    assert isinstance(source_for("/tmp/film.avi"), VideoSource)


def test_mjpeg_gives_the_newest_frame(camera, picture):
    frames = [picture(n) for n in range(10, 160, 10)]
    running = camera(frames, repeats=False)
    source = MjpegSource(running.url, FactClock(never))
    source.start(NEVER)
    wait_until(lambda: running.sent == 15)  # only the last of those that wait is worth showing
    assert next_frame(source) == frames[-1]
    assert source.latest() is None
    source.stop()
    source.stop()
    assert running.requests[0].startswith(b"GET /live?size=big HTTP/1.0\r\nHost: 127.0.0.1:")


def test_what_waited_too_long_is_left_behind_by_connecting_again(camera):
    running, clock = camera(), FactClock(never)
    source = MjpegSource(running.url, clock)
    source.start(NEVER)
    source.start(NEVER)
    assert len(running.requests) == 1
    clock.pass_s(1.0)
    source.start(NEVER)
    next_frame(source)
    assert len(running.requests) == 2
    source.stop()


def test_a_lost_camera_breaks_the_transport(camera):
    running = camera()
    source = MjpegSource(running.url)
    source.start(NEVER)
    running.close()
    with pytest.raises(TransportBrokenError):
        [source.latest() for _ in range(1000)]
    source.stop()
    with pytest.raises(NotConnectedError):
        source.start(NEVER)


@pytest.mark.usefixtures("quick_polls")
def test_a_camera_that_falls_silent_times_out(camera):
    clock = FactClock(never)
    source = MjpegSource(camera(frames=[]).url, clock)
    source.start(NEVER)
    assert source.latest() is None
    clock.pass_s(5.1)
    with pytest.raises(TimedOutError):
        source.latest()
    source.stop()


@pytest.mark.parametrize("content_type", ["text/html", "image/jpeg"])
def test_a_page_is_no_camera(camera, content_type):
    with pytest.raises(ProtocolError):
        MjpegSource(camera(content_type=content_type).url).start(NEVER)


@pytest.mark.usefixtures("quick_polls")
def test_connecting_is_cancelled_and_bounded(flag):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        cancel = flag(after=100)
        with pytest.raises(DeviceError) as caught:
            MjpegSource(url, FactClock(never)).start(cancel)
        assert caught.value.code == "device.cancelled"
        assert cancel.was_heeded
        with pytest.raises(TimedOutError):
            MjpegSource(url, FactClock()).start(NEVER)
        assert is_listening(url)
    assert not is_listening(url)
    for wrong in (url, "http://", "http://[", "http://127.0.0.1:99999/"):
        with pytest.raises(NotConnectedError):
            MjpegSource(wrong).start(NEVER)
        assert not is_listening(wrong)


def test_a_still_is_shown_again_and_again(tmp_path, picture):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((48, 64, 3), 7, np.uint8))
    source = StillSource(str(path))
    source.start(NEVER)
    assert source.latest() == source.latest()
    assert source.latest().startswith(b"\xff\xd8")
    source.stop()
    with pytest.raises(NotConnectedError):
        source.latest()
    for content in (b"", b"no picture"):
        path.write_bytes(content)
        with pytest.raises(ProtocolError):
            source.start(NEVER)
    with pytest.raises(NotConnectedError):
        StillSource(str(tmp_path / "none.jpg")).start(NEVER)
