from __future__ import annotations

import struct

import pytest

from drivers.opencv.modes import Mode, best_of, offered_modes, read_modes

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
