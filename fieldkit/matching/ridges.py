"""From a print to its clean ridges: where skin lies, where the ridges run, and the ridges as black and white."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

PPI = 500
STEP_PX = 8  # of the coarse picture that a comparison needs
_PERIOD_PX = 9.0  # of adult ridges at 500 ppi; the filter is wide enough for 6 to 13
_DIRECTIONS = 16
_FLAT = 5.4  # grey levels of deviation, of what is as wide as ridges, below which nothing lies on the glass
_GRAIN_PX, _SHADE_PX = 1.4, 6.0  # finer is noise, wider is damp skin
_UNCLEAR, _UNCLEAR_ONCE_FILTERED = 0.2, 0.6  # certainty of the direction below which a place tells nothing
_NEAR_RIDGE_PX, _FAR_PX = 7.0, 12.0  # a direction is taken from nearby, where that is uncertain from farther away
_BLOCK_PX = 17
_REACH_PX = 6  # of the filters along a ridge, at half the resolution
_SIZES = 6  # of pictures whose filters are kept, some 3 MB each; the prints of a device are alike


@dataclass(frozen=True, slots=True)
class Ridges:
    """A print at 500 ppi: `sine` and `cosine` of the double angle of the ridges, `skin` where clear, `lines`."""

    sine: Field
    cosine: Field
    skin: Mask
    lines: Mask

    def angle(self, where: Any) -> Field:
        """Return the angles in radians (0 … π, y downwards) of the places that an index picks; few are asked for."""
        sine, cosine = (np.ascontiguousarray(part[where]) for part in (self.sine, self.cosine))
        return np.asarray(0.5 * np.arctan2(sine, cosine) % np.pi)

    def ground(self) -> Ground:
        """Return the coarse picture."""
        cells = np.s_[::STEP_PX, ::STEP_PX]
        return Ground(self.angle(cells).astype(np.float32), self.skin[cells].copy())


@dataclass(frozen=True, slots=True)
class Ground:
    """`angle` and `skin` of every eighth pixel: enough to tell where two prints overlap and how their ridges run."""

    angle: NDArray[np.float32]
    skin: Mask

    def at(self, x: NDArray[Any], y: NDArray[Any]) -> tuple[Mask, NDArray[np.float32]]:
        """Return of places in px whether clear skin lies there, and the angle of its ridges."""
        column, row = (np.round(place / STEP_PX).astype(np.int32) for place in (x, y))
        inside = (column >= 0) & (row >= 0) & (column < self.skin.shape[1]) & (row < self.skin.shape[0])
        row, column = np.where(inside, row, 0), np.where(inside, column, 0)
        return inside & self.skin[row, column], self.angle[row, column]

    def cells(self) -> Field:
        """Return x, y and angle of the places that show skin, (n, 3)."""
        y, x = np.nonzero(self.skin)
        return np.column_stack((x * STEP_PX, y * STEP_PX, self.angle[y, x])).astype(np.float64)

    @property
    def area_mm2(self) -> float:
        """Return how much skin there is."""
        return float(self.skin.sum() * (STEP_PX * 25.4 / PPI) ** 2)


def find_ridges(pixels: Pixels, ppi: int) -> Ridges:
    """Filter along the ridges, twice, and cut at the mean. Raise `ValueError` for pixels that are no grey image.

    The directions of the second pass come from the first, where scars, pores and noise are gone.
    """
    if pixels.ndim != 2 or min(pixels.shape) < 2 * _BLOCK_PX or ppi <= 0:
        raise ValueError("no grey image of a print")
    if ppi != PPI:
        size = (max(1, round(pixels.shape[1] * PPI / ppi)), max(1, round(pixels.shape[0] * PPI / ppi)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    grey = pixels.astype(np.float32)
    wave = cv2.GaussianBlur(grey, (0, 0), _GRAIN_PX) - cv2.GaussianBlur(grey, (0, 0), _SHADE_PX)
    power = np.sqrt(cv2.GaussianBlur(wave * wave, (0, 0), 12))
    even = np.clip(wave / np.maximum(power, _FLAT), -2.5, 2.5).astype(np.float32)
    angle, certainty = _direction(even)
    once = _along(_halved(even), angle)
    once = np.clip(once / (np.sqrt(cv2.GaussianBlur(once * once, (0, 0), 8)) + 0.02), -2.5, 2.5).astype(np.float32)
    angle, again = _direction(_sized(once, even.shape, cv2.INTER_CUBIC))
    clear = _sized(certainty, even.shape) > _UNCLEAR
    skin = (power > _FLAT) & clear & (_sized(again, even.shape) > _UNCLEAR_ONCE_FILTERED)
    opened = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_BLOCK_PX, _BLOCK_PX), np.uint8))
    skin = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)).astype(bool)
    lines = _sized(_along(once, angle), even.shape, cv2.INTER_CUBIC) < 0
    # An angle goes round: its double is drawn larger as sine and cosine.
    sine, cosine = (_sized(part, even.shape) for part in (np.sin(2 * angle), np.cos(2 * angle)))
    return Ridges(sine, cosine, skin, lines & skin)


def _halved(image: Field) -> Field:
    """Draw at half the resolution, where a ridge still has four pixels: the filters are four times cheaper there."""
    return np.asarray(cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA))


def _sized(image: Field, shape: tuple[int, ...], way: int = cv2.INTER_LINEAR) -> Field:
    return np.asarray(cv2.resize(image, (shape[1], shape[0]), interpolation=way))


def _direction(even: Field) -> tuple[Field, Field]:
    """Return angle and certainty at half the resolution."""
    across, down = (cv2.Sobel(even, cv2.CV_32F, *step) for step in ((1, 0), (0, 1)))
    parts = [_halved(part) for part in (across**2 - down**2, 2 * across * down, across**2 + down**2)]
    near, far = ([cv2.GaussianBlur(part, (0, 0), spread / 2) for part in parts] for spread in (_NEAR_RIDGE_PX, _FAR_PX))
    certainty = np.hypot(near[0], near[1]) / (near[2] + 1e-6)
    trust = np.clip((certainty - 0.3) / 0.3, 0, 1)
    straight, slanted = (trust * near[n] / (near[2] + 1e-6) + (1 - trust) * far[n] / (far[2] + 1e-6) for n in (0, 1))
    # The gradient points across the ridge.
    return np.asarray((0.5 * np.arctan2(slanted, straight) + np.pi / 2) % np.pi), np.asarray(certainty)


def _along(small: Field, angle: Field) -> Field:
    """Return each pixel's answer to a Gabor filter that lies along its ridge, at half the resolution."""
    which = np.round(angle / np.pi * _DIRECTIONS).astype(np.int8) % _DIRECTIONS
    answer = np.zeros_like(small)
    framed = np.asarray(cv2.copyMakeBorder(small, *(_REACH_PX,) * 4, cv2.BORDER_REFLECT_101), np.float32)
    height, width = framed.shape
    rows, columns = cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width)
    waves = _waves(framed, rows, columns)  # taken once for all directions
    inside = np.s_[2 * _REACH_PX : height, 2 * _REACH_PX : width]
    for number, filter_ in enumerate(_filters(rows, columns)):
        filtered = cv2.idft(cv2.mulSpectrums(waves, filter_, 0), flags=cv2.DFT_SCALE)
        np.copyto(answer, filtered[inside], where=which == number)
    return answer


def _waves(image: Field, rows: int, columns: int) -> Field:
    held = np.zeros((rows, columns), np.float32)
    held[: image.shape[0], : image.shape[1]] = image
    return np.asarray(cv2.dft(held))


@lru_cache(_SIZES)
def _filters(rows: int, columns: int) -> tuple[Field, ...]:
    """Return the Gabor filter of each direction, as waves of a picture of that size."""
    made = []
    for number in range(_DIRECTIONS):
        theta = number * np.pi / _DIRECTIONS + np.pi / 2  # OpenCV's angle is that of the wave
        size = (2 * _REACH_PX + 1,) * 2
        kernel = cv2.getGaborKernel(size, 1.8, theta, _PERIOD_PX / 2, 0.8, 0, cv2.CV_32F)
        even = kernel - kernel.mean()
        made.append(_waves(even / np.abs(even).sum(), rows, columns))
    return tuple(made)
