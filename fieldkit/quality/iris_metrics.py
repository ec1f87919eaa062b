"""Measures an eye as ISO/IEC 29794-6:2015, clause 6 does, from its two boundaries and its lids."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.circular_edge import Circle, Field, Pixels, levels_at
from fieldkit.quality.iris_finder import FoundEye

_RINGS, _SPOKES = 48, 240
_BORDER_ANGLES, _COEFFICIENTS = 256, 17
_GLARE = 240
_SHARP = 1_800_000.0  # 29794-6, 6.3.7: the power at which an image is half sharp
_LOG_SIGMA, _LOG_PX = 1.4, 9
_LOG_PEAK = 40.0
_WIDE, _HIGH = 0.6, 0.2  # margins around the iris, in its radii


@dataclass(frozen=True, slots=True)
class IrisMetrics:
    """The measures of clause 6.2, all in 0–100 but `grey_scale_utilisation` (entropy, 0–8) and `iris_radius_px`.

    `pupil_roundness` is ours: the ratio of the pupil's axes, which tells a sideways look better than the circularity;
    and `interlace`: how much neighbouring lines differ against every other one, 0.6 in a picture taken at once.
    """

    usable_iris_area: float
    iris_sclera_contrast: float
    iris_pupil_contrast: float
    pupil_boundary_circularity: float
    pupil_roundness: float
    grey_scale_utilisation: float
    iris_radius_px: float
    pupil_iris_ratio: float
    iris_pupil_concentricity: float
    margin_adequacy: float
    sharpness: float
    interlace: float


def measure(frame: Pixels, eye: FoundEye) -> IrisMetrics:
    """Measure one eye of a grey picture."""
    pupil, iris = eye.pupil, eye.iris
    image = np.asarray(frame, dtype=np.float32)
    ring, is_iris = _iris_part(image, eye)
    black = _median(_disc_levels(image, pupil, 0.8), 0.0)
    grey, white = _median(ring[is_iris], black), _median(_sclera(image, eye), 0.0)
    window = crop(frame, iris)
    border = _pupil_border(image, eye)
    return IrisMetrics(
        usable_iris_area=100 * float(is_iris.mean()),
        iris_sclera_contrast=_clipped(100 * abs(white - grey) / max(1.0, white + grey - 2 * black)) if white else 0.0,
        iris_pupil_contrast=_pupil_contrast(grey, black),
        pupil_boundary_circularity=_circularity(border, pupil),
        pupil_roundness=_roundness(border),
        grey_scale_utilisation=_entropy(window),
        iris_radius_px=iris.radius,
        pupil_iris_ratio=_clipped(100 * pupil.radius / iris.radius),
        iris_pupil_concentricity=_clipped(100 * (1 - pupil.distance_to(iris) / iris.radius)),
        margin_adequacy=margin_around(iris, frame.shape[1], frame.shape[0]),
        sharpness=_sharpness(window),
        interlace=_interlace(window),
    )


def crop(frame: Pixels, iris: Circle) -> Pixels:
    """Return the iris with margins of 0.6 radii aside and 0.2 above and below (19794-6:2011, cropped image)."""
    height, width = frame.shape
    wide, high = (1 + _WIDE) * iris.radius, (1 + _HIGH) * iris.radius
    left, right = max(0, round(iris.x - wide)), min(width, round(iris.x + wide) + 1)
    top, bottom = max(0, round(iris.y - high)), min(height, round(iris.y + high) + 1)
    return np.ascontiguousarray(frame[top:bottom, left:right])


def _iris_part(image: Field, eye: FoundEye) -> tuple[Field, NDArray[np.bool_]]:
    """Unroll the iris; return its grey levels (ring, spoke) and where neither lid nor lash nor glare covers it."""
    part = (np.arange(_RINGS, dtype=np.float32)[:, None] + 0.5) / _RINGS
    spoke = np.arange(_SPOKES, dtype=np.float32)[None, :] * (2 * np.pi / _SPOKES)
    pupil, iris = eye.pupil, eye.iris
    x, y = (
        (1 - part) * (inner + pupil.radius * turn) + part * (outer + iris.radius * turn)
        for inner, outer, turn in ((pupil.x, iris.x, np.cos(spoke)), (pupil.y, iris.y, np.sin(spoke)))
    )
    levels = levels_at(image, x, y)
    is_open = eye.lids.leave_open((x - iris.x) / iris.radius, (y - iris.y) / iris.radius)
    black = _median(_disc_levels(image, pupil, 0.8), 0.0)
    middle = _median(levels[is_open], black)
    lash = black + 0.45 * (middle - black)
    within = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
    return levels, is_open & within & (levels < _GLARE) & (levels > lash)


def _sclera(image: Field, eye: FoundEye) -> Field:
    """Return grey levels of the white beside the iris, where the lids leave it open."""
    angle = np.deg2rad(np.concatenate((np.linspace(-20, 25, 24), np.linspace(155, 200, 24)))).astype(np.float32)
    out = np.linspace(1.12, 1.3, 8, dtype=np.float32)[:, None]
    x, y = out * np.cos(angle), out * np.sin(angle)
    levels = levels_at(image, eye.iris.x + eye.iris.radius * x, eye.iris.y + eye.iris.radius * y)
    return np.asarray(levels[eye.lids.leave_open(x, y)], dtype=np.float32)


def _disc_levels(image: Field, circle: Circle, part: float) -> Field:
    radius = np.linspace(0, part * circle.radius, 12, dtype=np.float32)[:, None]
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False, dtype=np.float32)[None, :]
    return levels_at(image, circle.x + radius * np.cos(angle), circle.y + radius * np.sin(angle))


def _pupil_contrast(grey: float, black: float) -> float:
    weber = abs(grey - black) / (20 + black)
    return 100 * weber / (0.75 + weber)


def _pupil_border(image: Field, eye: FoundEye) -> Field:
    """Return the points of the pupil's border that no lid covers, where the picture rises most; shape (n, 2)."""
    angle = np.linspace(0, 2 * np.pi, _BORDER_ANGLES, endpoint=False, dtype=np.float32)[:, None]
    radius = eye.pupil.radius * np.linspace(0.7, 1.3, 61, dtype=np.float32)[None, :]
    x, y = eye.pupil.x + radius * np.cos(angle), eye.pupil.y + radius * np.sin(angle)
    profiles = cv2.GaussianBlur(np.minimum(levels_at(image, x, y), _GLARE), (9, 1), 1.5)
    steepest = np.gradient(profiles, axis=1).argmax(axis=1)
    rows = np.arange(len(angle))
    at_x, at_y = x[rows, steepest], y[rows, steepest]
    iris = eye.iris
    is_open = eye.lids.leave_open((at_x - iris.x) / iris.radius, (at_y - iris.y) / iris.radius)
    return np.asarray(np.stack((at_x[is_open], at_y[is_open]), axis=1), dtype=np.float32)


def _circularity(border: Field, pupil: Circle) -> float:
    """Return 100 less the power of 16 Fourier coefficients of the border's distance, in pupil radii (6.2.4)."""
    if len(border) < _BORDER_ANGLES // 3:
        return 0.0
    away = np.hypot(border[:, 0] - pupil.x, border[:, 1] - pupil.y) / pupil.radius
    power = np.abs(np.fft.fft(away)[1:_COEFFICIENTS]) ** 2
    return _clipped(100 - float(power.sum()) / len(away))


def _roundness(border: Field) -> float:
    """Return the axes' ratio of the ellipse through the pupil's border, from which a sideways look is seen."""
    if len(border) < _BORDER_ANGLES // 3:
        return 0.0
    axes = cv2.fitEllipseDirect(border)[1]
    return 100 * min(axes) / max(1e-3, *axes)


def _entropy(window: Pixels) -> float:
    shares = np.bincount(window.ravel(), minlength=256) / max(1, window.size)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def margin_around(iris: Circle, width: int, height: int) -> float:
    """Return the margin adequacy (6.2.9) of an iris in a picture: 100 with 0.6 radii aside, 0.2 above and below."""
    wide, high = _WIDE * iris.radius, _HIGH * iris.radius
    aside = min(iris.x - iris.radius, width - iris.x - iris.radius) / wide
    over = min(iris.y - iris.radius, height - iris.y - iris.radius) / high
    return _clipped(100 * min(aside, over))


def _sharpness(window: Pixels) -> float:
    """Return how much power a Laplacian of Gaussian (9 × 9) finds, 100 x² / (x² + c²)."""
    answer = cv2.filter2D(np.asarray(window, dtype=np.float32), cv2.CV_32F, _laplacian_of_gaussian())
    power = float((answer.astype(np.float64) ** 2).mean())
    return 100 * power**2 / (power**2 + _SHARP**2)


def _interlace(window: Pixels) -> float:
    """Return how much line differs from line, in the difference of every other one: combs of two half pictures show."""
    lines = window.astype(np.int16)
    every_other = float(np.abs(lines[2:] - lines[:-2]).mean()) if len(lines) > 2 else 0.0
    return float(np.abs(np.diff(lines, axis=0)).mean()) / every_other if every_other else 0.0


def _laplacian_of_gaussian() -> Field:
    at = np.arange(_LOG_PX, dtype=np.float64) - _LOG_PX // 2
    square = (at[:, None] ** 2 + at[None, :] ** 2) / (2 * _LOG_SIGMA**2)
    kernel = -(1 - square) * np.exp(-square)
    kernel -= kernel.mean()  # an even area is no edge
    return np.asarray(kernel * (_LOG_PEAK / -kernel.min()), dtype=np.float32)


def _median(levels: Field, otherwise: float) -> float:
    return float(np.median(levels)) if levels.size else otherwise


def _clipped(value: float) -> float:
    return min(100.0, max(0.0, value))
