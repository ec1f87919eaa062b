"""From a print to its clean ridges: where skin lies, where the ridges run, and the ridges as black and white."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

PPI = 500
_PERIOD_PX = 9.0  # of adult ridges at 500 ppi; the filter is wide enough for 6 to 13
_DIRECTIONS = 16
_FLAT = 12.0  # grey levels of deviation below which nothing lies on the glass
_UNCLEAR = 0.35  # certainty of the direction below which a place tells nothing
_BLOCK_PX = 17


@dataclass(frozen=True, slots=True)
class Ridges:
    """A print at 500 ppi: `angle` of the ridges in radians (0 … π, y downwards), `skin` where clear, `lines`."""

    angle: Field
    skin: Mask
    lines: Mask


def find_ridges(pixels: Pixels, ppi: int) -> Ridges:
    """Filter along the ridges and cut at the mean. Raise `ValueError` for pixels that are no grey image."""
    if pixels.ndim != 2 or min(pixels.shape) < 2 * _BLOCK_PX or ppi <= 0:
        raise ValueError("no grey image of a print")
    if ppi != PPI:
        size = (max(1, round(pixels.shape[1] * PPI / ppi)), max(1, round(pixels.shape[0] * PPI / ppi)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    grey = cv2.GaussianBlur(pixels, (0, 0), 0.8).astype(np.float32)
    mean, power = (cv2.GaussianBlur(part, (0, 0), 12) for part in (grey, grey * grey))
    deviation = np.sqrt(np.maximum(power - mean * mean, 1e-3))
    even = np.clip((grey - mean) / np.maximum(deviation, _FLAT), -2.5, 2.5).astype(np.float32)
    angle, certainty = _direction(even)
    skin = (deviation > _FLAT) & (certainty > _UNCLEAR)
    opened = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_BLOCK_PX, _BLOCK_PX), np.uint8))
    skin = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)).astype(bool)
    return Ridges(angle, skin, (_along(even, angle) < 0) & skin)


def _direction(even: Field) -> tuple[Field, Field]:
    across, down = (cv2.Sobel(even, cv2.CV_32F, *step) for step in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.GaussianBlur(part, (0, 0), 7) for part in (across * across, down * down, across * down))
    certainty = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1e-6)
    # The gradient points across the ridge.
    angle = (0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2) % np.pi
    return np.asarray(angle), np.asarray(certainty)


def _along(even: Field, angle: Field) -> Field:
    """Return each pixel's answer to a Gabor filter that lies along its ridge.

    Filtered at half the resolution, where a ridge still has four pixels: what is smooth can be drawn larger again.
    """
    height, width = even.shape
    small = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    turned = cv2.resize(angle, (width // 2, height // 2), interpolation=cv2.INTER_NEAREST)
    which = np.round(turned / np.pi * _DIRECTIONS).astype(np.int8) % _DIRECTIONS
    answer = np.zeros_like(small)
    for number in range(_DIRECTIONS):
        theta = number * np.pi / _DIRECTIONS + np.pi / 2  # OpenCV's angle is that of the wave
        kernel = cv2.getGaborKernel((13, 13), 1.8, theta, _PERIOD_PX / 2, 0.8, 0, cv2.CV_32F)
        kernel -= kernel.mean()
        np.copyto(answer, cv2.filter2D(small, cv2.CV_32F, kernel), where=which == number)
    return np.asarray(cv2.resize(answer, (width, height), interpolation=cv2.INTER_CUBIC))
