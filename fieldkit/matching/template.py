"""What is compared of a print, and how it is kept: places and directions, no image."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.minutiae import Minutiae, find_minutiae
from fieldkit.matching.ridges import Ground, Pixels, find_ridges
from fieldkit.matching.surroundings import Surroundings, look_around, sketched

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
