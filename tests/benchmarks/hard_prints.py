"""Prints as hard as real ones: grown fingers laid elsewhere, turned, torn aside by the glass, dry, wet, worn, noisy.

The distortion is that of Cappelli, Maio and Maltoni (2001): the middle of the finger sticks to the glass, the skin
around it follows the bone, which pulls and turns, and between them it stretches. How hard impressions are was set so
that the former matcher (version 1, fieldkit-minutiae) erred here as strangers had measured it on FVC2002 DB2_B.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulators.subject.presented import Image
from drivers.simulators.subject.ridges import Skin, grow, smooth_noise, wear_down

_PAPER = 243.0


def impressions(seed: int, count: int) -> list[Image]:
    """Grow a finger and press it `count` times."""
    skin = grow(np.random.default_rng((seed, 77)))
    hands = float(np.random.default_rng((seed, 78)).beta(1.3, 2.0))  # how worn and how dry or wet this finger is
    return [press(skin, hands, np.random.default_rng((seed, number))) for number in range(count)]


def press(skin: Skin, hands: float, rng: np.random.Generator) -> Image:
    """Return one impression; `hands` 0 (an office) … 1 (lime and cement)."""
    height, width = skin.ridges.shape
    turn, shift = rng.normal(0, 8), rng.normal((0, 0), (14, 26))
    half = rng.uniform((95, 125), (140, 200))
    x, y = _torn(skin.ridges.shape, shift, half, turn, rng)
    ridges, pores = (
        np.asarray(cv2.remap(layer, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=-1))
        for layer in (skin.ridges.astype(np.float32), skin.pores.astype(np.float32))
    )
    inside = (x >= 0) & (y >= 0) & (x < width - 1) & (y < height - 1)
    ridges = np.asarray(cv2.GaussianBlur(ridges, (0, 0), rng.uniform(0.7, 1.3)))
    damp = rng.normal(0, 0.22) + 0.2 * smooth_noise(ridges.shape, 35, rng)
    dry = max(0.0, float(hands * rng.normal(0.55, 0.35)))
    ridges = ridges - 0.9 * dry * np.abs(smooth_noise(ridges.shape, 3.2, rng))
    damp -= dry * (0.3 + 0.25 * smooth_noise(ridges.shape, 22, rng))
    damp += max(0.0, rng.normal(-0.3, 0.5)) * (0.75 + 0.35 * smooth_noise(ridges.shape, 28, rng))
    ink = 1 / (1 + np.exp(np.clip(-5.0 * (ridges + damp), -50, 50)))
    ink = ink * (1 - 0.6 * np.clip(pores, 0, 1))
    contact = _contact(ridges.shape, half, rng) * inside
    grey = _PAPER - contact * (15 + rng.uniform(70, 170) * ink)
    worn = wear_down(
        np.clip(grey, 0, 255).astype(np.uint8), float(np.clip(hands * rng.uniform(0.5, 0.95), 0, 0.8)), rng
    )
    noisy = worn + rng.uniform(3, 14) * rng.standard_normal(worn.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def press_again(image: Image, rng: np.random.Generator) -> Image:
    """Return a real print (500 ppi) laid once more: elsewhere, turned, torn, in part, noisier."""
    height, width = image.shape
    half = rng.uniform((0.33 * width, 0.33 * height), (0.5 * width, 0.5 * height))
    x, y = _torn(image.shape, rng.normal((0, 0), (10, 18)), half, rng.normal(0, 8), rng)
    laid = np.asarray(cv2.remap(image.astype(np.float32), x, y, cv2.INTER_CUBIC, borderValue=_PAPER))
    contact = _contact(image.shape, half, rng)
    laid = _PAPER + (np.clip(laid, 0, 255) - _PAPER) * contact * rng.uniform(0.6, 1.0)
    laid = wear_down(np.clip(laid, 0, 255).astype(np.uint8), float(rng.uniform(0, 0.4)), rng)
    return np.asarray(np.clip(laid + rng.uniform(3, 12) * rng.standard_normal(laid.shape), 0, 255), np.uint8)


def _torn(
    shape: tuple[int, ...], shift: NDArray[Any], half: NDArray[Any], turn_deg: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return where on the skin each pixel of the image lies."""
    height, width = shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = x - width / 2, y - height / 2
    stuck = rng.uniform(0.25, 0.6)
    far = np.sqrt((dx / half[0]) ** 2 + (dy / half[1]) ** 2)
    loose = 0.5 - 0.5 * np.cos(np.pi * np.clip((far - stuck) / (1.3 - stuck), 0, 1))
    bone, torque = rng.normal(0, 8, 2), np.deg2rad(rng.normal(0, 5))
    pulled_x = (np.cos(torque) - 1) * dx - np.sin(torque) * dy + bone[0]
    pulled_y = np.sin(torque) * dx + (np.cos(torque) - 1) * dy + bone[1]
    bend = [1.5 * smooth_noise((height, width), 90, rng) for _ in range(2)]
    dx, dy = dx + loose * pulled_x + bend[0], dy + loose * pulled_y + bend[1]
    turn = np.deg2rad(turn_deg)
    on_x = np.cos(turn) * dx + np.sin(turn) * dy + width / 2 + shift[0]
    on_y = -np.sin(turn) * dx + np.cos(turn) * dy + height / 2 + shift[1]
    return on_x.astype(np.float32), on_y.astype(np.float32)


def _contact(shape: tuple[int, ...], half: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    height, width = shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = np.abs(x - width / 2) / half[0], np.abs(y - height / 2) / half[1]
    edge = 1 - (dx**2.3 + dy**2.6) + 0.035 * smooth_noise((height, width), 9, rng)
    return np.asarray(1 / (1 + np.exp(np.clip(-22 * edge, -60, 60))))


def at_500(image: Image, ppi: int) -> Image:
    """Return a print at 500 ppi."""
    size = (round(image.shape[1] * 500 / ppi), round(image.shape[0] * 500 / ppi))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
