"""Frontal portraits, drawn with soft shading so that a face detector and a person both see a face."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulators.subject.presented import Image, Rgb
from drivers.simulators.subject.ridges import smooth_noise

HEIGHT, WIDTH = 960, 720
_SKINS = ((224, 178, 140), (205, 156, 116), (188, 138, 100), (172, 124, 88), (158, 112, 80))
_CLOTHES = ((235, 235, 238), (40, 62, 98), (96, 62, 50), (58, 92, 70), (110, 40, 60))
_VEILS = ((38, 44, 66), (92, 70, 84), (200, 192, 180), (56, 88, 92))

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


class _Canvas:
    """Soft-edged shapes on a float picture; coordinates are relative to the middle of the face."""

    def __init__(self, background_rgb: Rgb) -> None:
        self._picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        self._picture[:] = background_rgb
        self._is_person = np.zeros((HEIGHT, WIDTH), np.float32)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        self.x, self.y = columns - WIDTH / 2, rows - 440

    def oval(
        self, x: float, y: float, half_width: float, half_height: float, soft: float = 0.02, power: float = 2.0
    ) -> Layer:
        """Return the cover 0 … 1 of an ellipse (or a squarer shape for a higher power)."""
        distance = (np.abs(self.x - x) / half_width) ** power + (np.abs(self.y - y) / half_height) ** power
        return np.asarray(1 / (1 + np.exp(np.clip((distance - 1) / soft, -40, 40))), dtype=np.float32)

    def paint(self, cover: Layer, colour: tuple[float, float, float], strength: float = 1.0) -> None:
        """Lay a colour over the person; the background keeps its own."""
        self._lay(cover * self._is_person * strength, colour)

    def _lay(self, cover: Layer, colour: tuple[float, float, float]) -> None:
        cover = cover[..., None]
        self._picture = self._picture * (1 - cover) + np.asarray(colour, np.float32) * cover

    def solid(self, cover: Layer, colour: tuple[float, float, float]) -> None:
        """Lay a part of the person over what is there."""
        self._lay(cover, colour)
        self._is_person = np.maximum(self._is_person, cover)

    def shade(self, cover: Layer, amount: float) -> None:
        """Lighten (> 0) or darken (< 0) the person, never the background."""
        self._picture *= (1 + amount * cover * self._is_person)[..., None]

    def finish(self, grain: int) -> Image:
        """Return the picture with the grain of a sensor on the person."""
        rng = np.random.default_rng(grain)
        texture = 2.2 * smooth_noise((HEIGHT, WIDTH), 3, rng) + 3.0 * smooth_noise((HEIGHT, WIDTH), 40, rng)
        self._picture += (texture * self._is_person)[..., None]
        return np.clip(cv2.GaussianBlur(self._picture, (0, 0), 1.1), 0, 255).astype(np.uint8)


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
    canvas.paint(canvas.oval(x, y, size * 0.5, size * 0.5, 0.06) * opening, (58, 36, 24))
    canvas.paint(canvas.oval(x, y, size * 0.22, size * 0.22, 0.1) * opening, (8, 6, 6))
    canvas.paint(canvas.oval(x - 4, y - 5, 3.4, 3.4, 0.3), (250, 250, 250))
    lid = canvas.oval(x, y - 1, size * 1.1, size * 0.62, 0.08, 1.8)
    canvas.paint(lid * (1 - canvas.oval(x, y + 4, size * 1.08, size * 0.6, 0.1, 1.8)), (30, 20, 18), 0.9)
    arch = canvas.y - (y - size * 1.28 + ((canvas.x - x) / size) ** 2 * 7)
    brow = np.exp(-((arch / face.brow) ** 2)) * canvas.oval(x + side * 4, y - size * 1.2, size * 1.35, 26, 0.12, 3)
    canvas.paint(brow.astype(np.float32), _hair(face), 0.88)


def _draw_nose_and_mouth(canvas: _Canvas, face: Face) -> None:
    canvas.shade(canvas.oval(0, 5, 13, 70, 0.8), 0.13)
    for side in (-1, 1):
        canvas.shade(canvas.oval(side * 22, 15, 10, 60, 0.9), -0.09)
        canvas.shade(canvas.oval(side * face.nose, 70, 13, 15, 0.7), -0.15)
        canvas.paint(canvas.oval(side * face.nose * 0.52, 80, 9, 5, 0.4), (66, 34, 28), 0.75)
    canvas.shade(canvas.oval(0, 64, 17, 15, 0.7), 0.12)
    canvas.shade(canvas.oval(0, 94, 30, 8, 0.8), -0.15)
    bend = 5 * (canvas.x / face.mouth) ** 2
    lips = canvas.oval(0, 132, face.mouth, 19, 0.14, 1.9)
    canvas.paint(lips, (168, 84, 78), 0.8)
    line = np.exp(-(((canvas.y - 130 + bend) / 3.0) ** 2)) * canvas.oval(0, 132, face.mouth, 22, 0.1)
    canvas.paint(line.astype(np.float32), (78, 34, 34), 0.85)
    canvas.shade(canvas.oval(0, 160, 46, 9, 0.8), -0.13)
    if face.moustache:
        canvas.paint(canvas.oval(0, 108, face.mouth * 0.95, 11, 0.5), _hair(face), 0.7)


def _draw_hair(canvas: _Canvas, face: Face) -> None:
    width, height = face.half_width, face.half_height
    frame = canvas.oval(0, 22, width * 0.93, height * 0.93, 0.03, 2.2)
    if face.veil:
        hood = canvas.oval(0, -20, width + 30, height + 42, 0.02, 2.3) * (1 - frame)
        canvas.solid(hood.astype(np.float32), face.veil)
        rim = np.clip(canvas.oval(0, 22, width * 0.97, height * 0.97, 0.05, 2.2) - frame, 0, 1)
        canvas.shade(rim.astype(np.float32), -0.35)
        return
    fringe = canvas.oval(0, 30, width * 0.95, height * 0.94, 0.05, 2.6)
    cap = canvas.oval(0, -60, width + 12, height - 12, 0.015, 2.3) * (1 - fringe)
    cap *= 1 / (1 + np.exp(np.clip((canvas.y + 38) / 14, -40, 40)))
    canvas.solid(cap.astype(np.float32), _hair(face))
    canvas.shade(canvas.oval(-40, -height, 110, 22, 0.9), 0.5)


def _hair(face: Face) -> tuple[float, float, float]:
    grey = 26 + 150 * face.hair
    return (grey + 4, grey, grey - 2)
