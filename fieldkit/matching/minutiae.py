"""Endings and bifurcations of the ridges: thinned lines, crossing number, without what noise and the edge add."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.typed import MadeOnce
from fieldkit.matching.ridges import Ground, Mask, Pixels, Ridges, find_ridges
from fieldkit.matching.surroundings import Surroundings, look_around, sketched

Minutiae = NDArray[np.floating[Any]]  # (n, 3): x, y in px at 500 ppi, direction in radians (-π … π, y downwards)

_EDGE_PX = 14  # what ends there is cut off, not an ending
_NEAREST_PX = 7.0  # two of them this close are a torn or a bridged ridge
_WALK_PX = 9  # along the line, to tell its direction
# The eight neighbours, clockwise from above; the bit of each.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_BITS = np.zeros((3, 3), np.float32)
for _bit, (_down, _right) in enumerate(_AROUND):
    _BITS[1 + _down, 1 + _right] = 1 << _bit
_RING = np.array([[code >> bit & 1 for bit in range(8)] for code in range(256)])
_RISES = ((_RING == 0) & (np.roll(_RING, -1, 1) == 1)).sum(1)  # the crossing number of a thin line
_COUNT = _RING.sum(1)


def find_minutiae(ridges: Ridges) -> Minutiae:
    """Return the minutiae of a print."""
    thin = _thinned(ridges.lines)
    codes = _codes(thin.astype(np.uint8))
    inner = cv2.erode(ridges.skin.astype(np.uint8), np.ones((2 * _EDGE_PX + 1,) * 2, np.uint8), borderValue=0)
    rises = np.where(thin & inner.astype(bool), _RISES[codes], 0)
    rows, columns = np.nonzero((rises == 1) | (rises == 3))
    found = [
        (x, y, heading)
        for y, x, angle in zip(rows.tolist(), columns.tolist(), ridges.angle((rows, columns)).tolist(), strict=True)
        if (heading := _heading(thin, y, x, angle)) is not None
    ]
    points = np.array(found, np.float64).reshape(-1, 3)
    if len(points) < 2:
        return points
    apart = np.hypot(*(points[:, None, :2] - points[None, :, :2]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    return np.asarray(points[apart.min(1) > _NEAREST_PX])


def _thinned(lines: Mask) -> Mask:
    """Thin to lines of one pixel (Zhang and Suen, 1984)."""
    thin = lines.astype(np.uint8)
    thin[0], thin[-1], thin[:, 0], thin[:, -1] = 0, 0, 0, 0
    above, right, below, left = (_RING[:, bit] for bit in (0, 2, 4, 6))
    may_go = (_COUNT >= 2) & (_COUNT <= 6) & (_RISES == 1)
    stays = [
        (~(may_go & goes)).astype(np.uint8)
        for goes in (
            (above * right * below == 0) & (right * below * left == 0),
            (above * right * left == 0) & (above * below * left == 0),
        )
    ]
    while True:
        before = cv2.countNonZero(thin)
        for table in stays:
            thin &= np.asarray(cv2.LUT(_codes(thin), table), np.uint8)
        if cv2.countNonZero(thin) == before:
            return thin.astype(bool)


def _codes(thin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.filter2D(thin, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _heading(thin: Mask, y: int, x: int, angle: float) -> float | None:
    """Return where the ridge goes from here; None for a spur that soon ends."""
    ways = [_walk(thin, y, x, y + down, x + right) for down, right in _AROUND if thin[y + down, x + right]]
    ends = [way for way in ways if way is not None]
    if not ends or (len(ways) > 1 and len(ends) < len(ways)):
        return None
    pull = sum(np.cos(angle) * (ex - x) + np.sin(angle) * (ey - y) for ey, ex in ends)
    return angle if pull >= 0 else angle - np.pi


def _walk(thin: Mask, y: int, x: int, to_y: int, to_x: int) -> tuple[int, int] | None:
    seen = {(y, x), (to_y, to_x)} | {(y + down, x + right) for down, right in _AROUND}
    for _ in range(_WALK_PX):
        step = next(
            (
                (to_y + down, to_x + right)
                for down, right in _AROUND
                if (to_y + down, to_x + right) not in seen and thin[to_y + down, to_x + right]
            ),
            None,
        )
        if step is None:
            return None
        seen.add(step)
        to_y, to_x = step
    return to_y, to_x


# What is compared of a print, and how it is kept: places and directions, no image.

_HEAD = struct.Struct("<BHHH")  # version, minutiae, rows and columns of the ground
_VERSION = 1
_FINER = 4  # of a pixel, for a place
SKETCH = 96
# Of 134 real prints the barest has 0.17 minutiae per mm² (by NIST's extractor), of 400 simulated ones 0.085; of drawn
# rings, ovals and spirals without noise and with it most have none to 0.03.
_BARE, _ENOUGH_MM2 = 0.05, 150.0


@dataclass(frozen=True)
class Template:
    """Minutiae, the coarse picture of the skin, and what follows from them."""

    minutiae: Minutiae
    ground: Ground

    @cached_property
    def surroundings(self) -> Surroundings:
        """Return what lies around each minutia."""
        return look_around(self.minutiae, self.ground)

    @cached_property
    def sketch(self) -> NDArray[np.int8]:
        """Return the surroundings of each minutia in 96 small numbers, (n, 96): enough to tell whom to look at."""
        return sketched(self.surroundings, SKETCH)

    @property
    def crowd(self) -> float:
        """Return the number of minutiae per mm² of skin."""
        return len(self.minutiae) / max(1.0, self.ground.area_mm2)

    @property
    def is_bare(self) -> bool:
        """Return whether clear ridges lie there of which next to none ends or forks: they are drawn, no skin's."""
        return self.ground.area_mm2 >= _ENOUGH_MM2 and self.crowd < _BARE


def read_print(image: tuple[Pixels, int]) -> Template:
    """Find what is compared in an (image, ppi). Raise `ValueError` for what is no grey image."""
    ridges = find_ridges(*image)
    return Template(find_minutiae(ridges), ridges.ground())


def encode(template: Template) -> bytes:
    """Return a template as some 4 kB."""
    ground, points = template.ground, template.minutiae
    head = _HEAD.pack(_VERSION, len(points), *ground.skin.shape)
    places = np.round(points[:, :2] * _FINER).astype("<u2")
    turns = np.round(points[:, 2] / np.pi * 32_767).astype("<i2")
    angles = np.round(ground.angle[ground.skin] / np.pi * 255).astype(np.uint8)
    parts = (places, turns, np.packbits(ground.skin), angles, template.sketch)
    return head + b"".join(part.tobytes() for part in parts)


def decode(content: bytes) -> Template:
    """Return what `encode` wrote. Raise `ValueError` for anything else."""
    try:
        version, count, rows, columns = _HEAD.unpack_from(content)
        if version != _VERSION:
            raise ValueError("a template of another version")
        at = _HEAD.size
        places = np.frombuffer(content, "<u2", 2 * count, at).reshape(count, 2) / _FINER
        at += 4 * count
        turns = np.frombuffer(content, "<i2", count, at) / 32_767 * np.pi
        at += 2 * count
        packed = np.frombuffer(content, np.uint8, (rows * columns + 7) // 8, at)
        at += len(packed)
        skin = np.unpackbits(packed, count=rows * columns).reshape(rows, columns).astype(bool)
        cells = int(skin.sum())
        angle = np.zeros((rows, columns), np.float32)
        angle[skin] = np.frombuffer(content, np.uint8, cells, at) / 255 * np.pi
        at += cells
        sketch = np.frombuffer(content, np.int8, count * SKETCH, at).reshape(count, SKETCH)
    except struct.error as short:
        raise ValueError("no template") from short
    template = Template(np.column_stack((places, turns)), Ground(angle, skin))
    template.__dict__["sketch"] = sketch  # as it was computed when the print was read
    return template


# The prints of the person in front, each read once: for the check of a slap, for comparing, searching and the seal.

Image = tuple[Pixels, int]
ReadPrint = Callable[[Sample], Image]

_REMEMBERED = 24  # ten fingers and some repeats


class ReadPrints:
    """Templates by the bytes of their sample; `read` returns the grey image of a sample and its ppi.

    They stay in memory until others push them out or `forget`. Any thread may ask.
    """

    def __init__(self, read: ReadPrint) -> None:
        self._read = read
        self._templates = MadeOnce[bytes, Template | None](_REMEMBERED)

    def of(self, sample: Sample, image: Image | None = None) -> Template | None:
        """Return the template of a print, None for what is no print; `image` spares decoding the sample."""
        return self._templates.get(hashlib.sha256(sample.data).digest(), lambda: self._template(sample, image))

    def forget(self) -> None:
        """Forget every template."""
        self._templates.clear()

    def is_drawn(self, sample: Sample, pixels: Pixels, ppi: int) -> bool:
        """Return whether a print is somebody's drawing of ridges; its image comes along."""
        template = self.of(sample, (pixels, ppi))
        return template is not None and template.is_bare

    def _template(self, sample: Sample, image: Image | None) -> Template | None:
        try:
            return read_print(image or self._read(sample))
        except (InputError, ValueError):
            return None
