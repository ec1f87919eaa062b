from __future__ import annotations

import socket
import struct

import cv2
import numpy as np
import pytest
from support.standstill import wait_until
from support.waits import FactClock, never

from drivers.opencv.source import (
    MjpegSource,
    Mode,
    StillSource,
    VideoSource,
    best_of,
    is_listening,
    offered_modes,
    read_modes,
    source_for,
)
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


Sizes = list[tuple[int, int]]


def kernel(formats: dict[str, Sizes | tuple[int, ...]]):
    """Answer as a camera's driver in the kernel does; a tuple is min, max, step of width and of height."""

    def ioctl(request: int, asked: bytearray) -> None:
        (index,) = struct.unpack_from("=I", asked)
        if request == 0xC0405602:  # VIDIOC_ENUM_FMT
            assert len(asked) == 64
            assert struct.unpack_from("=I", asked, 4) == (1,)  # V4L2_BUF_TYPE_VIDEO_CAPTURE
            if index >= len(formats):
                raise OSError(22, "EINVAL")
            asked[44:48] = list(formats)[index].encode()
            return
        assert (request, len(asked)) == (0xC02C564A, 44)  # VIDIOC_ENUM_FRAMESIZES
        sizes = formats[asked[4:8].decode()]
        if isinstance(sizes, tuple):
            asked[8:36] = struct.pack("=7I", 3, *sizes)
            return
        if index >= len(sizes):
            raise OSError(22, "EINVAL")
        asked[8:20] = struct.pack("=3I", 1, *sizes[index])

    return ioctl


def test_the_sizes_of_every_usable_format_are_read():
    offered = {"YUYV": [(640, 480)], "H264": [(3840, 2160)], "MJPG": [(1280, 720), (1920, 1080)]}
    assert list(read_modes(kernel(offered))) == [
        Mode(640, 480, "YUYV"),
        Mode(1280, 720, "MJPG"),
        Mode(1920, 1080, "MJPG"),
    ]


def test_a_camera_that_scales_is_asked_for_ours():
    modes = list(read_modes(kernel({"YUYV": (160, 1600, 2, 120, 1200, 2)})))
    assert modes == [Mode(1600, 1200, "YUYV"), Mode(1280, 720, "YUYV")]


@pytest.mark.parametrize(
    ("offered", "best"),
    [
        ({"YUYV": [(640, 480), (1920, 1080)], "MJPG": [(640, 480), (1280, 720)]}, Mode(1280, 720, "MJPG")),
        ({"MJPG": [(3840, 2160), (1280, 720), (1920, 1080)]}, Mode(1920, 1080, "MJPG")),
        ({"MJPG": [(640, 480)], "YUYV": [(1280, 720), (1920, 1080)]}, Mode(1280, 720, "YUYV")),
        ({"MJPG": [(3840, 2160), (2592, 1944)]}, Mode(2592, 1944, "MJPG")),
        ({"YUYV": [(320, 240), (640, 480), (352, 288)]}, Mode(640, 480, "YUYV")),
        ({"MJPG": [(1024, 768)]}, Mode(1024, 768, "MJPG")),
        ({}, None),
    ],
)
def test_the_best_is_enough_then_compressed_then_large(offered, best):
    assert best_of(read_modes(kernel(offered))) == best


def test_a_portrait_needs_720_lines_however_the_camera_is_turned():
    assert Mode(1280, 720).is_enough
    assert Mode(720, 1280).is_enough
    assert not Mode(800, 600).is_enough
    assert str(Mode(1280, 720, "MJPG")) == "1280 × 720 MJPG"


def test_a_list_without_end_is_not_followed_for_ever():
    def endless(request: int, asked: bytearray) -> None:
        if request == 0xC0405602:
            asked[44:48] = b"MJPG"
        else:
            asked[8:20] = struct.pack("=3I", 1, 640, 480)

    assert len(list(read_modes(endless))) == 64 * 64


def test_what_is_no_camera_offers_nothing(tmp_path):
    plain = tmp_path / "video0"
    plain.write_bytes(b"")
    assert offered_modes(str(plain)) == ()
    assert offered_modes(str(tmp_path / "none")) == ()
