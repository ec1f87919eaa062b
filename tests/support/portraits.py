"""What people do before a camera, painted onto a portrait: shut eyes, a mask, a hand, an open mouth, a turn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulators.subject import RED
from drivers.simulators.subject.face import draw, grow

Pixels = NDArray[np.uint8]
Eyes = tuple[NDArray[np.float64], NDArray[np.float64]]

DARK_SKIN = (92, 60, 44)


@cache
def drawn(seed: int, skin: tuple[int, int, int] | None = None) -> tuple[Pixels, Eyes]:
    """Return a drawn portrait before a red wall, for reading only, and where its eyes are."""
    face = grow(np.random.default_rng(seed))
    picture = draw(replace(face, skin=skin or face.skin), RED)
    picture.setflags(write=False)
    return picture, (np.array((360 - face.eye_apart, 410.0)), np.array((360 + face.eye_apart, 410.0)))


def unit_of(eyes: Eyes) -> float:
    return float(np.hypot(*(eyes[1] - eyes[0])))


def shut(picture: Pixels, eyes: Eyes) -> Pixels:
    """Paint a lid with its lashes over each eye."""
    layer, unit = picture.astype(np.float32), unit_of(eyes)
    for eye in eyes:
        lid = _blurred(picture, lambda m, e=eye: _oval(m, e, 0.27 * unit, 0.14 * unit), 0.02 * unit)
        layer = layer * (1 - lid) + _skin_below(picture, eye, unit) * 0.92 * lid
        lashes = np.zeros(picture.shape[:2], np.float32)
        line = (int(0.23 * unit), int(0.06 * unit))
        cv2.ellipse(lashes, _at(eye + np.array((0, 0.03 * unit))), line, 0, 10, 170, 1.0, max(2, int(0.035 * unit)))
        layer *= 1 - 0.75 * cv2.GaussianBlur(lashes, (0, 0), 1.5)[..., None]
    return np.clip(layer + np.random.default_rng(1).normal(0, 2, layer.shape), 0, 255).astype(np.uint8)


def dark_glasses(picture: Pixels, eyes: Eyes) -> Pixels:
    """Put dark glasses on."""
    worn, unit = picture.copy(), unit_of(eyes)
    for eye in eyes:
        cv2.ellipse(worn, _at(eye), (int(0.4 * unit), int(0.3 * unit)), 0, 0, 360, (18, 18, 20), -1)
    cv2.line(worn, _at(eyes[0]), _at(eyes[1]), (18, 18, 20), int(0.06 * unit))
    return worn


def masked(picture: Pixels, eyes: Eyes) -> Pixels:
    """Hang a light blue mask over nose, mouth and chin."""
    worn, unit, middle = picture.copy(), unit_of(eyes), (eyes[0] + eyes[1]) / 2
    edge = (
        (-0.75, 0.5),
        (-0.2, 0.35),
        (0.2, 0.35),
        (0.75, 0.5),
        (0.65, 1.3),
        (0.25, 1.75),
        (-0.25, 1.75),
        (-0.65, 1.3),
    )
    cv2.fillPoly(worn, [(np.array(edge) * unit + middle).astype(np.int32)], (150, 190, 210))
    return worn


def hand_before_mouth(picture: Pixels, eyes: Eyes) -> Pixels:
    """Lay four fingers of the same skin over the mouth."""
    layer, unit, middle = picture.astype(np.float32), unit_of(eyes), (eyes[0] + eyes[1]) / 2
    skin = _skin_below(picture, eyes[0], unit) * 0.93
    for finger in range(4):
        line = np.zeros(picture.shape[:2], np.float32)
        down = 0.67 + 0.22 * finger
        ends = (middle + np.array((-1.1, down)) * unit, middle + np.array((0.5, down - 0.03)) * unit)
        cv2.line(line, _at(ends[0]), _at(ends[1]), 1.0, int(0.2 * unit))
        edge, shade = (cv2.GaussianBlur(line, (0, 0), sigma)[..., None] for sigma in (2, 0.06 * unit))
        layer = layer * (1 - 0.35 * shade * (1 - edge)) * (1 - edge) + skin * edge * (0.75 + 0.25 * shade)
    return np.clip(layer, 0, 255).astype(np.uint8)


def open_mouthed(picture: Pixels, eyes: Eyes) -> Pixels:
    """Open the mouth by a third of an eye distance."""
    opened, unit = picture.copy(), unit_of(eyes)
    mouth = _at((eyes[0] + eyes[1]) / 2 + np.array((0, 1.06 * unit)))
    cv2.ellipse(opened, mouth, (int(0.36 * unit), int(0.26 * unit)), 0, 0, 360, (170, 86, 80), -1)
    cv2.ellipse(opened, mouth, (int(0.28 * unit), int(0.16 * unit)), 0, 0, 360, (52, 20, 20), -1)
    return np.asarray(cv2.GaussianBlur(opened, (0, 0), 1.5), np.uint8)


def turned_aside(picture: Pixels, eyes: Eyes, yaw_deg: float) -> Pixels:
    """Turn the head about the neck, seen as an egg with nose and eye sockets; the body stays."""
    unit, middle, angle = unit_of(eyes), (eyes[0] + eyes[1]) / 2, np.radians(yaw_deg)
    # The map is as smooth as the egg: every fourth pixel is enough of it.
    rows, columns = 4 * np.indices((picture.shape[0] // 4, picture.shape[1] // 4)).astype(np.float32)
    x, y = (columns - middle[0]) / unit, (rows - middle[1]) / unit
    up = ((y - 0.3) / 1.95) ** 2

    def depth(across: NDArray[np.float32]) -> NDArray[np.float32]:
        egg = np.clip(1 - (across / 1.25) ** 2 - up, 0, 1)
        nose = 0.38 * np.exp(-((across / 0.2) ** 2) - ((y - 0.62) / 0.3) ** 2 * np.where(y < 0.62, 0.6, 2.5))
        sockets = sum(np.exp(-(((across - at) / 0.25) ** 2) - (y / 0.15) ** 2) for at in (-0.5, 0.5))
        return np.asarray(1.45 * np.sqrt(egg) + (nose - 0.12 * sockets) * (egg > 0), np.float32)

    source = x / np.float32(np.cos(angle))
    for _ in range(20):
        source = 0.5 * source + 0.5 * (x - depth(source) * np.float32(np.sin(angle))) / np.float32(np.cos(angle))
    size = (picture.shape[1], picture.shape[0])
    maps = [cv2.resize(part.astype(np.float32), size) for part in (source * unit + middle[0], rows)]
    return np.asarray(cv2.remap(picture, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _at(point: NDArray[np.float64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def _oval(mask: NDArray[np.float32], middle: NDArray[np.float64], wide: float, high: float) -> None:
    cv2.ellipse(mask, _at(middle), (int(wide), int(high)), 0, 0, 360, 1.0, -1)


def _blurred(picture: Pixels, paint, sigma: float) -> NDArray[np.float32]:  # type: ignore[no-untyped-def]  # a local brush
    mask = np.zeros(picture.shape[:2], np.float32)
    paint(mask)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)[..., None]


def _skin_below(picture: Pixels, eye: NDArray[np.float64], unit: float) -> NDArray[np.float64]:
    x, y = _at(eye)
    part = picture[y + int(0.3 * unit) : y + int(0.5 * unit), x - int(0.15 * unit) : x + int(0.15 * unit)]
    return np.asarray(np.median(part.reshape(-1, 3), axis=0))
