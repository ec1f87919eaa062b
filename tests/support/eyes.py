"""Calculated eyes that are hard to find: by another painter than the simulators'.

Grey levels, pupils, lids, lashes, glints (one big, a ring of lamps, scattered ones, a ring light), blur and noise vary.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HardEye:
    """A picture of shape (height, width), and where its boundaries truly are: x, y and radius in pixels."""

    picture: Pixels
    iris: tuple[float, float, float]
    pupil: tuple[float, float, float]


def hard_eye(seed: int, iris_px: float, size: tuple[int, int] = (640, 480), openness: float | None = None) -> HardEye:
    """Paint an eye; size as (width, height), openness 0 (shut) to 1."""
    rng = np.random.default_rng((seed, 29794))
    width, height = size
    x, y = width / 2 + rng.uniform(-0.35, 0.35) * iris_px, height / 2 + rng.uniform(-0.2, 0.25) * iris_px
    pupil_px = iris_px * rng.uniform(0.25, 0.6)
    pupil = x + rng.uniform(-0.06, 0.06) * iris_px, y + rng.uniform(-0.05, 0.05) * iris_px, pupil_px
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across, down = (columns - x) / iris_px, (rows - y) / iris_px
    in_pupil = np.hypot(columns - pupil[0], rows - pupil[1]) / pupil_px
    black = rng.uniform(12, 60)
    grey = black + rng.uniform(28, 70)
    white = grey + rng.uniform(18, 60)
    fibres = grey + _fibres(np.hypot(across, down), np.arctan2(down, across), rng)
    fibres += 8 * np.exp(-(((in_pupil - 1.5) / 0.2) ** 2)) + 3 * _noise(size, 4, rng)
    image = white - 6 * np.abs(across) + 3 * _noise(size, 24, rng)
    image = _over(image, fibres, _step(1 - np.hypot(across, down), rng.uniform(0.02, 0.05)))
    image = _over(image, black, _step(1 - in_pupil, rng.uniform(0.015, 0.04)))
    image = _lids(image, (across, down), white + rng.uniform(-5, 45), openness or rng.uniform(0.6, 1.05), rng)
    image = _glints(image, pupil, rng)
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 2.2) * iris_px / 110), np.float32)
    image = image * rng.uniform(0.7, 1.1) + 2 * rng.standard_normal(image.shape)
    return HardEye(np.clip(image, 0, 255).astype(np.uint8), (x, y, iris_px), pupil)


def closed_with_lashes(seed: int) -> Pixels:
    """Paint a shut eye whose lashes stand out."""
    rng = np.random.default_rng((seed, 77))
    image = 178 + 10 * _noise((640, 480), 60, rng) + 3 * _noise((640, 480), 6, rng)
    lashes = np.zeros((480, 640), np.uint8)
    across = np.linspace(90, 550, 60)
    line = np.stack((across, 340 + 50 * ((across - 320) / 230) ** 2), axis=1)
    cv2.polylines(lashes, [np.round(line).astype(np.int32)], False, 255, 5, cv2.LINE_AA)
    for x, y in line[rng.integers(0, 60, 80)]:
        end = (round(x + 0.12 * (x - 320) + rng.uniform(-8, 8)), round(y + rng.uniform(15, 60)))
        cv2.line(lashes, (round(x), round(y)), end, 255, int(rng.integers(1, 4)), cv2.LINE_AA)
    image = _over(image, 45, lashes.astype(np.float32) / 255 * 0.85)
    return np.clip(image + 2 * rng.standard_normal(image.shape), 0, 255).astype(np.uint8)


def _fibres(out: Field, around: Field, rng: np.random.Generator) -> Field:
    waves = [(rng.uniform(1.4, 4.2), rng.integers(5, 60), rng.uniform(0, 6), rng.uniform(0, 3)) for _ in range(12)]
    return np.asarray(sum(a * np.cos(k * around + at + turn * out) for a, k, at, turn in waves), np.float32)


def _lids(image: Field, at: tuple[Field, Field], skin_level: float, openness: float, rng: np.random.Generator) -> Field:
    across, down = at
    height, width = image.shape
    half = rng.uniform(2.2, 2.7)
    span = np.clip(1 - (across / half) ** 2, 0, None)
    upper, lower = 0.08 - 1.05 * openness * span, rng.uniform(0.85, 1.1) * span - 0.02
    skin = skin_level + 10 * _noise((width, height), 60, rng) + 2 * _noise((width, height), 4, rng)
    shade = 1 - rng.uniform(0.15, 0.4) * np.exp(-np.clip(down - upper, 0, None) / 0.12)
    image = _over(skin, image * shade, _step(down - upper, 0.02) * _step(lower - down, 0.02))
    scale = 1 / float(across[0, 1] - across[0, 0])
    origin = np.array([-across[0, 0], -down[0, 0]]) * scale
    lashes = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(60, 160))):
        foot = rng.uniform(-0.9 * half, 0.9 * half)
        high = 0.08 - 1.05 * openness * (1 - (foot / half) ** 2)
        long = rng.uniform(0.15, 0.55) * (1 if rng.random() < 0.45 else -1)
        bow = [
            (foot, high),
            (1.05 * foot, high + long / 2),
            (1.18 * foot + rng.uniform(-0.08, 0.08), high + 0.8 * long),
        ]
        line = np.round((np.array(bow) * scale + origin) * 8).astype(np.int32)
        cv2.polylines(lashes, [line], False, 255, max(1, round(scale / 60)), cv2.LINE_AA, 3)
    return _over(image, rng.uniform(25, 60), lashes.astype(np.float32) / 255 * rng.uniform(0.5, 0.9))


def _glints(image: Field, pupil: tuple[float, float, float], rng: np.random.Generator) -> Field:
    x, y, radius = pupil
    light = np.zeros(image.shape, np.float32)
    kind, count = rng.integers(0, 4), int(rng.integers(3, 10))
    spots: list[tuple[float, float, float, float]] = []
    if kind == 0:
        spots = [(*(rng.uniform(-0.5, 0.5, 2)), *(rng.uniform(0.2, 0.6, 2)))]
    elif kind == 1:
        out, turns = rng.uniform(0.3, 1.05), np.arange(count) * 2 * np.pi / count
        spots = [(out * np.cos(turn), out * np.sin(turn), 0.15, 0.15) for turn in turns]
    elif kind == 2:
        spots = [(*rng.uniform(-1.6, 1.6, 2), *rng.uniform(0.08, 0.35, 2)) for _ in range(count)]
    else:
        middle = (round(x + rng.uniform(-0.4, 0.4) * radius), round(y + rng.uniform(-0.4, 0.4) * radius))
        cv2.circle(light, middle, round(rng.uniform(0.2, 0.5) * radius), 1, max(2, round(0.15 * radius)))
    for across, down, wide, high in spots:
        box = ((x + across * radius, y + down * radius), (2 * wide * radius, 2 * high * radius), 0)
        cv2.ellipse(light, box, 1, -1)
    return _over(image, rng.uniform(235, 255), np.asarray(cv2.GaussianBlur(light, (0, 0), 1), np.float32))


def _noise(size: tuple[int, int], cell: int, rng: np.random.Generator) -> Field:
    width, height = size
    coarse = rng.standard_normal((height // cell + 3, width // cell + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _step(distance: Field, softness: float) -> Field:
    return np.asarray(1 / (1 + np.exp(-np.clip(distance / softness, -40, 40))), np.float32)


def _over(below: Field, above: Field | float, cover: Field) -> Field:
    return np.asarray(below * (1 - cover) + above * cover, np.float32)
