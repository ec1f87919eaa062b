"""Eyes under infrared light: pupil, fibres that belong to seed and side, lids, lashes, the lamp's reflection."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from drivers.simulators.subject.presented import Image
from drivers.simulators.subject.ridges import Field, smooth_noise

HEIGHT, WIDTH = 480, 640
IRIS_RADIUS = (112, 121)  # pixels: the diameter stays over the 210 that registration devices must reach
_RINGS, _SPOKES = 128, 1024


@dataclass(frozen=True, slots=True)
class Eye:
    """A grown eye: `texture` (rings, spokes) from the pupil outwards, and its proportions."""

    texture: Field
    radius: float
    lid_height: float


def grow(rng: np.random.Generator) -> Eye:
    """Grow one eye."""
    fibres = _ring_noise(rng, (26, 5)) * 0.55 + _ring_noise(rng, (9, 2.2)) * 0.35 + _ring_noise(rng, (60, 30)) * 0.5
    ring = np.linspace(0, 1, _RINGS, dtype=np.float32)[:, None]
    spoke = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False, dtype=np.float32)[None, :]
    frill = 0.3 + 0.035 * np.sin(spoke * int(rng.integers(5, 9)) + rng.uniform(0, 6))
    frill = frill + 0.03 * _ring_noise(rng, (400, 22))[:1]
    collarette = np.exp(-(((ring - frill) / 0.045) ** 2))
    texture = 132 + 15 * fibres + 20 * collarette + 16 * (ring < frill) - 34 * ring**6
    for _ in range(int(rng.integers(9, 16))):
        r, a = rng.uniform(0.38, 0.85), rng.uniform(0, 2 * np.pi)
        apart = np.angle(np.exp(1j * (spoke - a)))
        texture -= rng.uniform(18, 34) * np.exp(-(((ring - r) / 0.07) ** 2) - (apart / rng.uniform(0.05, 0.1)) ** 2)
    return Eye(texture.astype(np.float32), float(rng.uniform(*IRIS_RADIUS)), float(rng.uniform(0.98, 1.08)))


@dataclass(frozen=True, slots=True)
class Gaze:
    """How an eye stands before the camera: centre in pixels, turn in radians, pupil by iris, lids 0 (shut) to 1."""

    x: float = WIDTH / 2
    y: float = HEIGHT / 2
    turn: float = 0.0
    dilation: float = 0.4
    openness: float = 1.0


def look(eye: Eye, impression: int, rng: np.random.Generator) -> Image:
    """Take a picture of an eye: `impression` moves, turns and dilates it."""
    moved = impression != 0
    x, y = WIDTH / 2 + moved * rng.uniform(-18, 18), HEIGHT / 2 + moved * rng.uniform(-12, 12)
    turn, dilation = moved * rng.uniform(-0.05, 0.05), 0.4 + moved * rng.uniform(-0.05, 0.06)
    return draw(eye, Gaze(x, y, turn, dilation), rng)


def draw(eye: Eye, gaze: Gaze, rng: np.random.Generator) -> Image:
    """Draw an eye as it stands, shape (480, 640)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    dx, dy = x - gaze.x, y - gaze.y
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx) + gaze.turn
    pupil = gaze.dilation * eye.radius
    ring = np.clip((radius - pupil) / (eye.radius - pupil), 0, 1) * (_RINGS - 1)
    spoke = np.mod(angle, 2 * np.pi) / (2 * np.pi) * _SPOKES
    wrapped = np.hstack((eye.texture, eye.texture[:, :2]))
    polar = (np.asarray(spoke, dtype=np.float32), np.asarray(ring, dtype=np.float32))
    fibres: Field = np.asarray(cv2.remap(wrapped, *polar, cv2.INTER_LINEAR), dtype=np.float32)
    white = 192 - 0.00016 * dx**2 - 0.0009 * dy**2 + 4 * smooth_noise(x.shape, 30, rng)
    image = _blend(white, fibres, _step(eye.radius - radius, 2.6))
    image = _blend(image, np.full_like(image, 26), _step(pupil - radius, 1.2))
    image = _lids(image, dx, dy, eye.lid_height * gaze.openness, eye.lid_height, rng)
    for side in (-1, 1):
        spot = np.hypot(dx - side * 13, dy + 9)
        image = _blend(image, np.full_like(image, 251), _step(6.5 - spot, 0.9))
    image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8)) + 1.6 * rng.standard_normal(image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def closed(rng: np.random.Generator) -> Image:
    """Return what the camera sees of an eye that does not open."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    skin = 178 + 10 * smooth_noise(x.shape, 60, rng) + 3 * smooth_noise(x.shape, 6, rng)
    crease = 300 - 50 * (1 - ((x - WIDTH / 2) / 230) ** 2) + 90
    slit = np.exp(-(((y - crease) / 5) ** 2)) * (np.abs(x - WIDTH / 2) < 230)
    return np.asarray(np.clip(skin - 110 * slit, 0, 255), dtype=np.uint8)


def _lids(
    image: Field, dx: Field, dy: Field, upper_height: float, lower_height: float, rng: np.random.Generator
) -> Field:
    skin = 172 + 9 * smooth_noise(image.shape, 70, rng) + 2.5 * smooth_noise(image.shape, 5, rng)
    span = np.clip(1 - (dx / 285) ** 2, 0, None)
    upper = -118 * upper_height * span + 12
    lower = 122 * lower_height * span - 4
    open_slit = _step(dy - upper, 2) * _step(lower - dy, 2)
    shade = 1 - 0.28 * np.exp(-np.clip(dy - upper, 0, None) / 16)
    image = _blend(skin - 22 * np.exp(-(((dy - upper + 34) / 7) ** 2)), image * shade, open_slit)
    lashes = np.zeros(image.shape, np.uint8)
    origin = np.array([-dx[0, 0], -dy[0, 0]])
    for _ in range(110):
        foot_x = rng.uniform(-235, 235)
        foot_y = -118 * upper_height * (1 - (foot_x / 285) ** 2) + 12
        tip = (foot_x * 1.16 + rng.uniform(-6, 6), foot_y - rng.uniform(22, 46))
        line = np.array([(foot_x, foot_y), (foot_x * 1.05, foot_y - 14), tip]) + origin
        cv2.polylines(lashes, [np.round(line * 8).astype(np.int32)], False, 255, 1, cv2.LINE_AA, 3)
    return _blend(image, np.full_like(image, 62), lashes.astype(np.float32) / 255 * 0.85)


def _ring_noise(rng: np.random.Generator, scale: tuple[float, float]) -> Field:
    """Return noise over (rings, spokes) that closes round the circle; scale in cells, radial and angular."""
    rows, columns = int(_RINGS / scale[0]) + 3, max(8, int(_SPOKES / scale[1]))
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    coarse = np.hstack((coarse[:, -2:], coarse, coarse[:, :2]))
    width = round(_SPOKES * (columns + 4) / columns)
    fine = cv2.resize(coarse, (width, _RINGS), interpolation=cv2.INTER_CUBIC)
    start = (width - _SPOKES) // 2
    fine = fine[:, start : start + _SPOKES]
    return np.asarray(fine / (fine.std() + 1e-6), dtype=np.float32)


def _step(distance: Field, softness: float) -> Field:
    return np.asarray(1 / (1 + np.exp(-np.clip(distance / softness, -40, 40))), dtype=np.float32)


def _blend(below: Field, above: Field, cover: Field) -> Field:
    return np.asarray(below * (1 - cover) + above * cover, dtype=np.float32)
