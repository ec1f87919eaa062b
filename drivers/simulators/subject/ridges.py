"""Fingerprints with true ridge flow, grown from noise along an orientation field.

Orientation: zero-pole model (Sherlock and Monro, 1993) for loops and whorls, arching curves for arches. Ridges:
repeated filtering with a Gabor kernel that is bent along the field (after the idea of Cappelli's SFinGe), which makes
endings and bifurcations where the flow needs them. An impression is the same finger under another pressure, place and
skin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulators.subject.presented import Image

Field = NDArray[np.floating[Any]]

HEIGHT, WIDTH = 400, 300  # pixels at 500 ppi: 20 × 15 mm
MARGIN = 24  # the grown skin is larger than the window, so that a shifted impression shows true ridges
# About as common as on real hands: loops first, then whorls, few arches.
_PATTERNS = ("arch", "tented", *["left loop", "right loop"] * 3, "whorl", "whorl", "double")

_GLASS = 246.0
_GRAIN_PX = 2.7  # of skin between its creases: 0.14 mm
_TREMBLES_PX, _SLIDES_PX, _MOMENTS = 2.4, 8.0, 9


@dataclass(frozen=True, slots=True)
class Touch:
    """How a finger meets the glass: each 0 (as it should be) to 1 (hardly usable), but `wear`, of which 1 ruins it.

    `rough` is the grain of living skin: 0.45 as fine as it gets, 1.3 from hard work; 0 is smoother than anybody's.
    `broad` is how much wider the finger lies on the glass.
    """

    dry: float = 0.0
    wet: float = 0.0
    light: float = 0.0
    partial: float = 0.0
    moved: float = 0.0
    wear: float = 0.0
    rough: float = 0.0
    broad: float = 0.0


CLEAN = Touch()


@dataclass(frozen=True, slots=True)
class Skin:
    """A grown finger: `ridges` in −1 … 1 (positive = ridge), `pores` 0 … 1, both (HEIGHT, WIDTH) plus margins."""

    ridges: Field
    pores: Field
    pattern: str


def grow(rng: np.random.Generator) -> Skin:
    """Grow one finger."""
    pattern = str(rng.choice(_PATTERNS))
    shape = (HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN)
    angle = _orientation(pattern, shape, rng)
    period = float(rng.uniform(8.4, 9.6)) * np.exp(0.09 * smooth_noise(shape, 60, rng))
    # Coarse growth at half size is four times cheaper; two rounds at full size sharpen it.
    half = (shape[1] // 2, shape[0] // 2)
    small_angle = 0.5 * np.arctan2(cv2.resize(np.sin(2 * angle), half), cv2.resize(np.cos(2 * angle), half))
    small: Field = rng.standard_normal((half[1], half[0])).astype(np.float32)
    bent = _BentGabor(small_angle, np.asarray(cv2.resize(period, half)) / 2)
    for _ in range(7):
        small = bent.filter(small)
    ridges: Field = np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))
    bent = _BentGabor(angle, period)
    for _ in range(2):
        ridges = bent.filter(ridges)
    return Skin(ridges, _pores(ridges, rng), pattern)


def impress(skin: Skin, impression: int, touch: Touch, rng: np.random.Generator) -> Image:
    """Press a finger on the glass: `impression` 0 lies straight, others are turned, shifted and pressed differently."""
    turn = 0.0 if impression == 0 else float(rng.uniform(-9, 9))
    shift = np.zeros(2) if impression == 0 else rng.uniform(-9, 9, 2)
    pressure = float(rng.uniform(-0.18, 0.18)) - 0.5 * touch.light
    ridges, pores = (_lay(layer, turn, shift, rng_seed=impression) for layer in (skin.ridges, skin.pores))
    ridges = np.asarray(cv2.GaussianBlur(ridges, (0, 0), 0.7))
    damp = 0.16 * smooth_noise(ridges.shape, 35, rng) + pressure
    if touch.rough:
        ridges = ridges + touch.rough * smooth_noise(ridges.shape, _GRAIN_PX, rng)
    if touch.dry:  # ridges touch in dots only, in some places not at all
        damp -= touch.dry * (0.35 + 0.25 * smooth_noise(ridges.shape, 22, rng))
        ridges = ridges - 0.9 * touch.dry * np.abs(smooth_noise(ridges.shape, 3.2, rng))
    if touch.wet:  # valleys fill up
        damp += touch.wet * (0.75 + 0.35 * smooth_noise(ridges.shape, 28, rng))
    ink = 1 / (1 + np.exp(-6.0 * (ridges + damp)))
    ink = ink * (1 - 0.75 * pores * (1 - min(1.0, touch.wet))) + 0.06 * rng.standard_normal(ridges.shape)
    contact = _contact(pressure + 4 * touch.broad, shift, touch.partial, rng)
    depth = (172 + 14 * smooth_noise(ridges.shape, 50, rng)) * (1 - 0.35 * touch.dry) * (1 - 0.78 * touch.light)
    tone = 232 - 30 * touch.wet - depth * ink
    image = contact * tone + (1 - contact) * (246 + 3 * rng.standard_normal(ridges.shape))
    worn = wear_down(np.clip(image, 0, 255).astype(np.uint8), touch.wear, rng)
    return _while_moving(worn, touch.moved, rng) if touch.moved else worn


def _while_moving(image: Image, moved: float, rng: np.random.Generator) -> Image:
    """Return the mean of what lay on the glass during the exposure: a finger that trembles, slides and turns.

    Many small movements to every side add up to a Gaussian; 1 trembles by 0.12 mm and slides by 0.4 mm.
    """
    height, width = image.shape
    way, turn_deg = rng.uniform(0, 2 * np.pi), float(rng.normal(0, 3)) * moved
    trembled = cv2.GaussianBlur(image.astype(np.float32), (0, 0), _TREMBLES_PX * moved)
    seen = np.zeros((height, width), np.float32)
    for moment in np.linspace(-0.5, 0.5, _MOMENTS):
        place = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg * moment, 1)
        place[:, 2] += _SLIDES_PX * moved * moment * np.array((np.cos(way), np.sin(way)))
        seen += cv2.warpAffine(trembled, place, (width, height), borderValue=(_GLASS,))
    noise = rng.standard_normal((height, width))  # of the sensor, which stands still
    return np.asarray(np.clip(seen / _MOMENTS + noise, 0, 255), dtype=np.uint8)


def wear_down(image: Image, wear: float, rng: np.random.Generator) -> Image:
    """Return the print of worn skin: flat, broken, scarred. `wear` 0 leaves the image as it is, 1 ruins it."""
    if wear <= 0:
        return image
    grey = image.astype(np.float32)
    flat = cv2.GaussianBlur(grey, (0, 0), 9)
    skin = np.clip((240 - flat) / 70, 0, 1)
    keep = 1 / (1 + np.exp(-4 * (smooth_noise(grey.shape, 16, rng) + 1.7 - 2.6 * wear)))
    grit = smooth_noise(grey.shape, 2.7, rng) * 15 * wear
    grey = flat + (grey - flat) * (1 - skin * (1 - keep * (1 - 0.55 * wear))) + skin * (grit + 30 * wear)
    worn: Image = np.asarray(np.clip(grey, 0, 255), dtype=np.uint8)
    height, width = worn.shape
    for _ in range(round(7 * wear)):
        start = rng.uniform((0.15 * width, 0.15 * height), (0.85 * width, 0.85 * height))
        heading, length = rng.uniform(0, np.pi), rng.uniform(40, 170)
        bend = rng.uniform(-0.5, 0.5)
        steps = np.linspace(0, 1, 12)
        course = heading + bend * steps
        line = start + length * np.column_stack((steps * np.cos(course), steps * np.sin(course)))
        cv2.polylines(worn, [np.round(line * 8).astype(np.int32)], False, 236, int(rng.integers(1, 3)), cv2.LINE_AA, 3)
    return worn


def bandage(rng: np.random.Generator) -> Image:
    """Return what a scanner sees of a bandaged finger: woven cloth, no ridges."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    weave = np.sin(x / 1.9 + 0.4 * smooth_noise(x.shape, 25, rng)) * np.sin(y / 2.1)
    cloth = 205 + 14 * weave + 16 * smooth_noise(x.shape, 45, rng)
    contact = _contact(0.0, np.zeros(2), 0.0, rng)
    return np.asarray(np.clip(contact * cloth + (1 - contact) * 246, 0, 255), dtype=np.uint8)


def smooth_noise(shape: tuple[int, ...], scale: float, rng: np.random.Generator) -> Field:
    """Return smooth noise of mean 0 and deviation 1 whose spots are about `scale` pixels wide."""
    rows, columns = (int(np.ceil(side / scale)) + 4 for side in shape[:2])
    coarse = rng.standard_normal((rows, columns)).astype(np.float32)
    size = (int(columns * scale), int(rows * scale))
    noise = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC))
    noise = noise[int(scale) : int(scale) + shape[0], int(scale) : int(scale) + shape[1]]
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), dtype=np.float32)


class _BentGabor:
    """A Gabor kernel whose long axis follows the field: smooth along the ridge, band-pass across it."""

    def __init__(self, angle: Field, period: Field) -> None:
        height, width = angle.shape
        self._x, self._y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        # Image rows grow downwards, the field is defined with y upwards.
        cosine, sine = np.cos(angle), -np.sin(angle)
        self._along = (cosine * period / 5, sine * period / 5)
        self._across = (-sine * period / 6, cosine * period / 6)
        taps = np.arange(-7, 8, dtype=np.float32)
        self._smooth = np.exp(-0.5 * (taps / 3.4) ** 2)
        self._smooth /= self._smooth.sum()
        wave = np.exp(-0.5 * (taps / 3.4) ** 2) * np.cos(2 * np.pi * taps / 6)
        self._wave = wave - wave.mean()

    def filter(self, image: Field) -> Field:
        """Filter once and limit the result to −1 … 1."""
        smooth = self._walk(image, self._along, self._smooth)
        wave = self._walk(smooth, self._across, self._wave)
        return np.asarray(np.tanh(1.6 * wave / (float(wave.std()) + 1e-6)), dtype=np.float32)

    def _walk(self, image: Field, step: tuple[Field, Field], kernel: Field) -> Field:
        total = np.zeros_like(image)
        middle = len(kernel) // 2
        for tap, weight in enumerate(kernel):
            x = np.asarray(self._x + (tap - middle) * step[0], dtype=np.float32)
            y = np.asarray(self._y + (tap - middle) * step[1], dtype=np.float32)
            total += float(weight) * cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return total


def _orientation(pattern: str, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return the ridge angle in radians, y upwards, for each pixel."""
    height, width = shape
    x, y = np.meshgrid((np.arange(width) - width / 2) / 100, (height / 2 - np.arange(height)) / 100)
    x, y = x + rng.uniform(-0.12, 0.12), y + rng.uniform(-0.2, 0.1)
    bump = np.exp(-((x / 0.75) ** 2))
    if pattern in ("arch", "tented"):
        rise = (1.3 if pattern == "tented" else 0.85) * np.exp(-(((y + 0.35) / 1.1) ** 2))
        rise += 0.25 * (y > -0.35) * np.tanh(y + 0.35)
        angle = np.arctan(-2 * x / 0.56 * bump * rise * 0.55)
        angle -= 0.4 * np.tanh(1.1 * x) * (1 / (1 + np.exp(-2.5 * (y - 0.5))))
    else:
        cores, deltas = _singular_points(pattern, rng)
        z = x + 1j * y
        angle = np.zeros(shape)
        for core in cores:
            angle += 0.5 * np.angle((z - core) * np.exp(-0.5j * np.pi)) + 0.25 * np.pi
        for delta in deltas:
            angle -= 0.5 * np.angle((z - delta) * np.exp(-0.5j * np.pi)) + 0.25 * np.pi
        # Ridges over the core bow round the tip of the finger.
        angle -= 0.45 * np.tanh(1.1 * x) * (1 / (1 + np.exp(-3.0 * (y - 0.2))))
    return np.asarray(angle + 0.04 * smooth_noise(shape, 70, rng), dtype=np.float32)


def _singular_points(pattern: str, rng: np.random.Generator) -> tuple[list[complex], list[complex]]:
    def near(x: float, y: float) -> complex:
        return complex(x + rng.uniform(-0.1, 0.1), y + rng.uniform(-0.1, 0.1))

    match pattern:
        case "left loop":
            return [near(0.05, 0.25)], [near(0.85, -1.05)]
        case "right loop":
            return [near(-0.05, 0.25)], [near(-0.85, -1.05)]
        case "whorl":
            top = near(0.0, 0.38)
            below = top - complex(rng.uniform(-0.08, 0.08), rng.uniform(0.25, 0.5))
            return [top, below], [near(-1.05, -0.95), near(1.05, -0.95)]
        case _:
            return [near(-0.2, 0.42), near(0.2, -0.3)], [near(-1.1, -1.05), near(1.1, -1.05)]


def _pores(ridges: Field, rng: np.random.Generator) -> Field:
    pores = np.zeros_like(ridges)
    places = rng.integers((0, 0), ridges.shape, size=(2600, 2))
    places = places[ridges[places[:, 0], places[:, 1]] > 0.8]
    pores[places[:, 0], places[:, 1]] = 1
    return np.asarray(np.minimum(np.asarray(cv2.GaussianBlur(pores, (0, 0), 0.8)) * 3.2, 1), dtype=np.float32)


def _lay(layer: Field, turn_deg: float, shift: NDArray[np.float64], rng_seed: int) -> Field:
    """Turn, shift and stretch a layer of skin and cut the window out."""
    height, width = layer.shape
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    if rng_seed == 0:
        return np.asarray(layer[MARGIN : MARGIN + HEIGHT, MARGIN : MARGIN + WIDTH])
    stretch = np.random.default_rng((7, rng_seed))
    bend = [2.2 * smooth_noise((HEIGHT, WIDTH), 110, stretch) for _ in range(2)]
    turn = np.deg2rad(turn_deg)
    dx, dy = x - WIDTH / 2, y - HEIGHT / 2
    source_x = np.cos(turn) * dx + np.sin(turn) * dy + width / 2 + shift[0] + bend[0]
    source_y = -np.sin(turn) * dx + np.cos(turn) * dy + height / 2 + shift[1] + bend[1]
    source = (np.asarray(source_x, dtype=np.float32), np.asarray(source_y, dtype=np.float32))
    return np.asarray(cv2.remap(layer, *source, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def _contact(pressure: float, shift: NDArray[np.float64], partial: float, rng: np.random.Generator) -> Field:
    """Return 1 where skin touches the glass, with a soft uneven edge; of a `partial` touch the upper end."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    size = 1 + 0.25 * pressure
    dx = np.abs(x - WIDTH / 2 + 0.5 * shift[0]) / (WIDTH * 0.455 * size * (1 - 0.35 * partial))
    middle = HEIGHT * (0.5 - 0.3 * partial) - 0.5 * shift[1]
    dy = np.abs(y - middle) / (HEIGHT * 0.465 * size * (1 - 0.62 * partial))
    edge = 1 - (dx**2.3 + dy**2.6) + 0.035 * smooth_noise((HEIGHT, WIDTH), 9, rng)
    return np.asarray(1 / (1 + np.exp(np.clip(-22 * edge, -60, 60))), dtype=np.float32)
