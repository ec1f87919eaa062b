"""Frontal portraits, drawn with soft shading so that a face detector and a person both see a face."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulators.subject.presented import Image, Rgb
from drivers.simulators.subject.ridges import smooth_noise
from fieldkit.ports.devices import PenPoint, Signature

HEIGHT, WIDTH = 960, 720
_SKINS = ((224, 178, 140), (205, 156, 116), (188, 138, 100), (172, 124, 88), (158, 112, 80))
_CLOTHES = ((235, 235, 238), (40, 62, 98), (96, 62, 50), (58, 92, 70), (110, 40, 60))
_VEILS = ((38, 44, 66), (92, 70, 84), (200, 192, 180), (56, 88, 92))

# Beyond so many times its softness an edge covers less than a 20,000th, which no grey level shows.
_FAINT = 10.0

Layer = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Face:
    """Proportions in pixels and colours of a face."""

    skin: Rgb
    cloth: Rgb
    veil: Rgb | None
    hair: float  # 0 black … 1 white
    half_width: float
    half_height: float
    eye_apart: float
    eye_size: float
    brow: float
    nose: float
    mouth: float
    moustache: bool
    grain: int


def grow(rng: np.random.Generator) -> Face:
    """Choose a face."""
    veiled = bool(rng.random() < 0.35)
    return Face(
        skin=_SKINS[rng.integers(len(_SKINS))],
        cloth=_CLOTHES[rng.integers(len(_CLOTHES))],
        veil=_VEILS[rng.integers(len(_VEILS))] if veiled else None,
        hair=float(rng.choice([0.0, 0.05, 0.1, 0.6])),
        half_width=float(rng.uniform(160, 178)),
        half_height=float(rng.uniform(218, 236)),
        eye_apart=float(rng.uniform(74, 82)),
        eye_size=float(rng.uniform(31, 36)),
        brow=float(rng.uniform(5, 9)),
        nose=float(rng.uniform(26, 34)),
        mouth=float(rng.uniform(52, 66)),
        moustache=not veiled and bool(rng.random() < 0.25),
        grain=int(rng.integers(1 << 30)),
    )


def draw(face: Face, background_rgb: Rgb) -> Image:
    """Draw the portrait in RGB before a uniform background."""
    canvas = _Canvas(background_rgb)
    _draw_body(canvas, face)
    _draw_head(canvas, face)
    for side in (-1, 1):
        _draw_eye(canvas, face, side)
    _draw_nose_and_mouth(canvas, face)
    _draw_hair(canvas, face)
    return canvas.finish(face.grain)


@dataclass(frozen=True, slots=True)
class _Cover:
    """How much of each pixel a shape covers, 0 … 1; outside its box nothing to speak of."""

    rows: slice
    columns: slice
    much: Layer

    def times(self, much: Layer) -> _Cover:
        """Return the cover where something else, given in the same box, is there too."""
        return replace(self, much=self.much * much)


class _Canvas:
    """Soft-edged shapes on a float picture; coordinates are relative to the middle of the face."""

    def __init__(self, background_rgb: Rgb) -> None:
        self._picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        self._picture[:] = background_rgb
        self._is_person = np.zeros((HEIGHT, WIDTH), np.float32)
        self._x = np.arange(WIDTH, dtype=np.float32) - WIDTH / 2
        self._y = np.arange(HEIGHT, dtype=np.float32) - 440

    def oval(
        self,
        x: float,
        y: float,
        half_width: float,
        half_height: float,
        soft: float = 0.02,
        power: float = 2.0,
        within: _Cover | None = None,
    ) -> _Cover:
        """Return the cover of an ellipse (or a squarer shape for a higher power), in its own box or another's."""
        if within is None:
            far = (1 + _FAINT * soft) ** (1 / power)
            rows = _reach(self._y, y, far * half_height)
            columns = _reach(self._x, x, far * half_width)
        else:
            rows, columns = within.rows, within.columns
        across = (np.abs(self._x[columns] - x) / half_width) ** power
        down = (np.abs(self._y[rows] - y) / half_height) ** power
        much = np.clip((down[:, None] + across[None, :] - 1) / soft, -40, 40)
        return _Cover(rows, columns, np.asarray(1 / (1 + np.exp(much)), dtype=np.float32))

    def places(self, cover: _Cover) -> tuple[Layer, Layer]:
        """Return x as a row and y as a column, of the pixels in the box of a cover."""
        return self._x[None, cover.columns], self._y[cover.rows, None]

    def paint(self, cover: _Cover, colour: tuple[float, float, float], strength: float = 1.0) -> None:
        """Lay a colour over the person; the background keeps its own."""
        self._lay(cover.times(self._is_person[cover.rows, cover.columns] * np.float32(strength)), colour)

    def _lay(self, cover: _Cover, colour: tuple[float, float, float]) -> None:
        part = self._picture[cover.rows, cover.columns]
        part += cover.much[..., None] * (np.asarray(colour, np.float32) - part)

    def solid(self, cover: _Cover, colour: tuple[float, float, float]) -> None:
        """Lay a part of the person over what is there."""
        self._lay(cover, colour)
        person = self._is_person[cover.rows, cover.columns]
        np.maximum(person, cover.much, out=person)

    def shade(self, cover: _Cover, amount: float) -> None:
        """Lighten (> 0) or darken (< 0) the person, never the background."""
        where = cover.rows, cover.columns
        self._picture[where] *= (1 + np.float32(amount) * cover.much * self._is_person[where])[..., None]

    def finish(self, grain: int) -> Image:
        """Return the picture with the grain of a sensor on the person."""
        rng = np.random.default_rng(grain)
        texture = 2.2 * smooth_noise((HEIGHT, WIDTH), 3, rng) + 3.0 * smooth_noise((HEIGHT, WIDTH), 40, rng)
        self._picture += (texture * self._is_person)[..., None]
        return np.clip(cv2.GaussianBlur(self._picture, (0, 0), 1.1), 0, 255).astype(np.uint8)


def _reach(places: Layer, middle: float, far: float) -> slice:
    """Return which of the places, which stand in order, are no farther than that."""
    first, last = np.searchsorted(places, (middle - far, middle + far))
    return slice(int(first), int(last))


def _dim(colour: Rgb, factor: float) -> tuple[float, float, float]:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def _draw_body(canvas: _Canvas, face: Face) -> None:
    canvas.solid(canvas.oval(0, 560, 330, 270, 0.015, 2.6), face.cloth)
    canvas.shade(canvas.oval(0, 560, 150, 250, 0.5), 0.06)
    canvas.solid(canvas.oval(0, 225, 88, 165, 0.03, 3), _dim(face.skin, 0.86))
    canvas.shade(canvas.oval(0, 215, 130, 55, 0.6), -0.28)
    for side in (-1, 1):
        canvas.solid(canvas.oval(side * 62, 372, 62, 26, 0.1), _dim(face.cloth, 0.82))
    if face.veil:
        canvas.solid(canvas.oval(0, 60, face.half_width + 66, face.half_height + 92, 0.02, 2.3), face.veil)
        canvas.solid(canvas.oval(0, 380, 250, 180, 0.03, 2.4), face.veil)
        canvas.shade(canvas.oval(-120, 330, 40, 160, 0.6), -0.18)
        canvas.shade(canvas.oval(90, 350, 30, 150, 0.6), -0.14)


def _draw_head(canvas: _Canvas, face: Face) -> None:
    width, height = face.half_width, face.half_height
    if not face.veil:
        for side in (-1, 1):
            canvas.solid(canvas.oval(side * (width - 2), 15, 20, 46, 0.1), _dim(face.skin, 0.82))
        canvas.solid(canvas.oval(0, -46, width + 10, height - 8, 0.015, 2.4), _hair(face))
    canvas.solid(canvas.oval(0, 0, width, height, 0.02, 2.25), face.skin)
    canvas.shade(canvas.oval(0, -120, 110, 70, 0.8), 0.09)
    for side in (-1, 1):
        canvas.shade(canvas.oval(side * width, 40, 62, 210, 0.7), -0.2)
        canvas.shade(canvas.oval(side * 88, 66, 44, 36, 0.8), 0.1)
        canvas.paint(canvas.oval(side * 92, 78, 50, 36, 0.9), (206, 96, 84), 0.13)
    canvas.shade(canvas.oval(0, height, 120, 50, 0.8), -0.16)


def _draw_eye(canvas: _Canvas, face: Face, side: int) -> None:
    x, y, size = side * face.eye_apart, -30.0, face.eye_size
    canvas.shade(canvas.oval(x, y - 6, size * 1.75, size * 1.1, 0.7), -0.26)
    canvas.shade(canvas.oval(x, y + 34, size * 1.3, 9, 0.8), -0.08)
    opening = canvas.oval(x, y, size, size * 0.46, 0.08, 1.8)
    canvas.paint(opening, (236, 232, 228))
    canvas.paint(opening.times(canvas.oval(x, y, size * 0.5, size * 0.5, 0.06, within=opening).much), (58, 36, 24))
    canvas.paint(opening.times(canvas.oval(x, y, size * 0.22, size * 0.22, 0.1, within=opening).much), (8, 6, 6))
    canvas.paint(canvas.oval(x - 4, y - 5, 3.4, 3.4, 0.3), (250, 250, 250))
    lid = canvas.oval(x, y - 1, size * 1.1, size * 0.62, 0.08, 1.8)
    below = canvas.oval(x, y + 4, size * 1.08, size * 0.6, 0.1, 1.8, within=lid)
    canvas.paint(lid.times(1 - below.much), (30, 20, 18), 0.9)
    brow = canvas.oval(x + side * 4, y - size * 1.2, size * 1.35, 26, 0.12, 3)
    across, down = canvas.places(brow)
    arch = down - (y - size * 1.28 + ((across - x) / size) ** 2 * 7)
    canvas.paint(brow.times(np.exp(-((arch / face.brow) ** 2))), _hair(face), 0.88)


def _draw_nose_and_mouth(canvas: _Canvas, face: Face) -> None:
    canvas.shade(canvas.oval(0, 5, 13, 70, 0.8), 0.13)
    for side in (-1, 1):
        canvas.shade(canvas.oval(side * 22, 15, 10, 60, 0.9), -0.09)
        canvas.shade(canvas.oval(side * face.nose, 70, 13, 15, 0.7), -0.15)
        canvas.paint(canvas.oval(side * face.nose * 0.52, 80, 9, 5, 0.4), (66, 34, 28), 0.75)
    canvas.shade(canvas.oval(0, 64, 17, 15, 0.7), 0.12)
    canvas.shade(canvas.oval(0, 94, 30, 8, 0.8), -0.15)
    lips = canvas.oval(0, 132, face.mouth, 19, 0.14, 1.9)
    canvas.paint(lips, (168, 84, 78), 0.8)
    line = canvas.oval(0, 132, face.mouth, 22, 0.1)
    across, down = canvas.places(line)
    bend = 5 * (across / face.mouth) ** 2
    canvas.paint(line.times(np.exp(-(((down - 130 + bend) / 3.0) ** 2))), (78, 34, 34), 0.85)
    canvas.shade(canvas.oval(0, 160, 46, 9, 0.8), -0.13)
    if face.moustache:
        canvas.paint(canvas.oval(0, 108, face.mouth * 0.95, 11, 0.5), _hair(face), 0.7)


def _draw_hair(canvas: _Canvas, face: Face) -> None:
    width, height = face.half_width, face.half_height
    if face.veil:
        hood = canvas.oval(0, -20, width + 30, height + 42, 0.02, 2.3)
        frame = canvas.oval(0, 22, width * 0.93, height * 0.93, 0.03, 2.2, within=hood).much
        canvas.solid(hood.times(1 - frame), face.veil)
        rim = canvas.oval(0, 22, width * 0.97, height * 0.97, 0.05, 2.2, within=hood).much
        canvas.shade(replace(hood, much=np.clip(rim - frame, 0, 1)), -0.35)
        return
    cap = canvas.oval(0, -60, width + 12, height - 12, 0.015, 2.3)
    fringe = canvas.oval(0, 30, width * 0.95, height * 0.94, 0.05, 2.6, within=cap).much
    _, down = canvas.places(cap)
    canvas.solid(cap.times((1 - fringe) / (1 + np.exp(np.clip((down + 38) / 14, -40, 40)))), _hair(face))
    canvas.shade(canvas.oval(-40, -height, 110, 22, 0.9), 0.5)


def _hair(face: Face) -> tuple[float, float, float]:
    grey = 26 + 150 * face.hair
    return (grey + 4, grey, grey - 2)


# Signatures: loops along a slanted line, with the speed and pressure of a hand.

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
