"""Picture sizes that a camera of the kernel offers, asked by V4L2 without starting it, and the one to use.

Source: Linux kernel, `include/uapi/linux/videodev2.h` (VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES).
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

WANTED_PX = (1920, 1080)  # a paper can be read on it, and 30 frames a second of it fit through USB 2 when compressed
# The frame of a portrait is 480 px high at the 90 px between the eyes that ISO/IEC 19794-5 asks for. It may take two
# thirds of the picture: a person before a camera moves.
LEAST_LINES = 720
LEAST_WORDS = "1280 × 720"

_ENUM_FORMAT, _FORMAT = 0xC0405602, struct.Struct("=III32s4sI12x")
_ENUM_SIZE, _SIZE = 0xC02C564A, struct.Struct("=I4sI6I8x")
_CAPTURE, _DISCRETE = 1, 1
_MOST = 64  # formats of a camera, and sizes of a format: a driver that never ends its list is not followed for ever
_COMPRESSED = ("MJPG", "JPEG")
_PLAIN = ("YUYV", "UYVY", "NV12", "YU12", "BGR3", "RGB3", "GREY")  # what OpenCV turns into pixels

Ioctl = Callable[[int, bytearray], object]


@dataclass(frozen=True, slots=True)
class Mode:
    """Size in px and the four letters of the format; "" for what the camera gives by itself."""

    width: int
    height: int
    fourcc: str = ""

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.fourcc}".strip()

    @property
    def lines(self) -> int:
        """The shorter side: a camera may be turned."""
        return min(self.width, self.height)

    @property
    def is_enough(self) -> bool:
        """Whether a portrait can be cut out of it."""
        return self.lines >= LEAST_LINES

    @property
    def is_compressed(self) -> bool:
        """Whether 30 frames a second of it fit through USB 2."""
        return self.fourcc in _COMPRESSED


FALLBACKS = (Mode(*WANTED_PX, "MJPG"), Mode(1280, 720, "MJPG"))
"""Tried one after the other where the system does not tell what a camera offers."""


def offered_modes(path: str) -> tuple[Mode, ...]:
    """Return what the camera at a path offers; nothing where only opening it tells (other systems, no access)."""
    if sys.platform != "linux":
        return ()
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        return tuple(read_modes(lambda request, asked: fcntl.ioctl(descriptor, request, asked)))
    finally:
        os.close(descriptor)


def read_modes(ioctl: Ioctl) -> Iterator[Mode]:
    """Yield the sizes of each format that pictures can be made of. `ioctl(request, asked)` fills `asked` in place."""
    for *_, fourcc, _ in _filled(
        ioctl, _ENUM_FORMAT, lambda index: _FORMAT.pack(index, _CAPTURE, 0, b"", b"", 0), _FORMAT
    ):
        name = fourcc.decode("latin-1")
        if name not in (*_COMPRESSED, *_PLAIN):
            continue
        asked = _asked_size(fourcc)
        for _, _, kind, *numbers in _filled(ioctl, _ENUM_SIZE, asked, _SIZE):
            if kind == _DISCRETE:
                yield Mode(numbers[0], numbers[1], name)
                continue
            yield from _in_range(numbers, name)
            break


def best_of(modes: Iterable[Mode]) -> Mode | None:
    """Return the mode to use, None when nothing is offered.

    Enough for a portrait first, then compressed, then the largest up to `WANTED_PX`. Of plain pictures that are enough
    the smallest: the larger ones come a few times a second only.
    """
    return max(modes, key=_worth, default=None)


def _worth(mode: Mode) -> tuple[bool, bool, bool, int]:
    area, most = mode.width * mode.height, WANTED_PX[0] * WANTED_PX[1]
    is_larger_better = area <= most and (mode.is_compressed or not mode.is_enough)
    return mode.is_enough, mode.is_compressed, area <= most, area if is_larger_better else -area


def _asked_size(fourcc: bytes) -> Callable[[int], bytes]:
    return lambda index: _SIZE.pack(index, fourcc, 0, 0, 0, 0, 0, 0, 0)


def _filled(
    ioctl: Ioctl, request: int, asked: Callable[[int], bytes], form: struct.Struct
) -> Iterator[tuple[Any, ...]]:
    """Yield the fields of each entry of a list; the kernel refuses the number after the last."""
    for index in range(_MOST):
        entry = bytearray(asked(index))
        try:
            ioctl(request, entry)
        except OSError:
            return
        yield form.unpack(entry)


def _in_range(numbers: list[int], name: str) -> Iterator[Mode]:
    """Yield of a camera that scales (stepwise or continuous) its largest size, and ours where they lie within."""
    least_width, most_width, _, least_height, most_height, _ = numbers
    yield Mode(most_width, most_height, name)
    for mode in FALLBACKS:
        if least_width <= mode.width <= most_width and least_height <= mode.height <= most_height:
            yield Mode(mode.width, mode.height, name)
