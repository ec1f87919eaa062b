"""Signatures: loops along a slanted line, with the speed and pressure of a hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fieldkit.ports.devices import PenPoint, Signature

Curve = NDArray[np.float64]

PAD_UM = (133_195, 86_732)  # Topaz SigLite 1x5: 2150 × 1400 steps at 410 per inch
_STEP_MS = 10


def sign(rng: np.random.Generator) -> Signature:
    """Write a signature that belongs to a seed: one flowing name, one flourish, perhaps a dot."""
    strokes, start_ms = [], 0
    for stroke in range(int(rng.integers(2, 4))):
        points = _name(rng, start_ms) if stroke == 0 else _flourish(rng, start_ms)
        strokes.append(points)
        start_ms = points[-1].t_ms + int(rng.integers(12, 30)) * _STEP_MS
    return Signature(tuple(strokes), *PAD_UM)


def _name(rng: np.random.Generator, start_ms: int) -> tuple[PenPoint, ...]:
    loops = int(rng.integers(5, 9))
    count = loops * 24
    phase = np.linspace(0, 2 * np.pi * loops, count)
    heights = np.repeat(rng.uniform(0.35, 1.0, loops), 24) * np.where(np.arange(count) < 24, 1.7, 1.0)
    x = 0.14 + 0.62 * np.linspace(0, 1, count) + rng.uniform(0.02, 0.04) * np.sin(phase + rng.uniform(0, 1))
    y = 0.52 + 0.16 * heights * np.cos(phase) - 0.12 * np.linspace(0, 1, count)
    return _points(x, y, 0.45 + 0.35 * np.sin(phase / 2) ** 2, start_ms)


def _flourish(rng: np.random.Generator, start_ms: int) -> tuple[PenPoint, ...]:
    count = int(rng.integers(30, 55))
    along = np.linspace(0, 1, count)
    left, right = rng.uniform(0.12, 0.3), rng.uniform(0.6, 0.88)
    x = left + (right - left) * along
    y = rng.uniform(0.6, 0.72) - rng.uniform(0.0, 0.12) * along + 0.05 * np.sin(along * rng.uniform(3, 9))
    return _points(x, y, 0.8 - 0.5 * along, start_ms)


def _points(x: Curve, y: Curve, pressure: Curve, start_ms: int) -> tuple[PenPoint, ...]:
    width, height = PAD_UM
    smooth = np.convolve(np.pad(y, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    course = zip(np.clip(x, 0.02, 0.98), np.clip(smooth, 0.02, 0.98), pressure, strict=True)
    return tuple(
        PenPoint(round(px * width), round(py * height), round(float(force), 3), start_ms + at * _STEP_MS)
        for at, (px, py, force) in enumerate(course)
    )
