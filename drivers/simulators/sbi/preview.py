"""Live frames of a sub-device: a slap is the single fingers side by side."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.simulators.stage import Stage
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, Modality, Position

_SIZE = (640, 480)
_FRAMES = 6
LIFTED_FRAMES = 4
# How much lower than the middle finger the others lie, as a share of the height.
_DROP = (0.1, 0.0, 0.05, 0.2)


class Preview:
    """Renders a short loop of frames once per person, attempt and sub-device."""

    def __init__(self, stage: Stage, positions: tuple[Position, ...]) -> None:
        self._stage = stage
        self._positions = positions
        # After an attempt people lift their fingers, move them and lay them down again.
        is_slap = positions[0].modality is Modality.FINGER
        self._lifted = LIFTED_FRAMES if is_slap and any(map(stage.was_tried, positions)) else 0
        self._seen: object = None
        self._frames: list[bytes] = []

    def frame(self, number: int) -> bytes:
        """Return the n-th JPEG frame."""
        is_lifted = number < self._lifted
        met = [None if is_lifted else self._stage.glance(position) for position in self._positions]
        images = [None if one is None else one.image for one in met]
        seen = (self._stage.turn, *(None if one is None else one.quality for one in met))
        if seen != self._seen:
            still = self._still(images)
            self._frames = [_jpeg(_sway(still, step)) for step in range(_FRAMES)]
            self._seen = seen
        return self._frames[number % _FRAMES]

    def _still(self, images: list[Image | None]) -> Image:
        if self._positions[0] in EYES:
            return _eyes(images)
        if self._positions[0] is Position.PORTRAIT:
            return _portrait(images[0])
        return _slap(images, self._positions)


def _slap(images: list[Image | None], positions: tuple[Position, ...]) -> Image:
    canvas = np.full((_SIZE[1], _SIZE[0]), 246, np.uint8)
    # The left hand lies on the glass with its little finger outermost, on the left.
    shown = images[::-1] if positions[0] in LEFT_FOUR else images
    drops = _DROP[: len(images)][::-1] if positions[0] in LEFT_FOUR else _DROP[: len(images)]
    width = _SIZE[0] // max(len(images), 2)
    for place, image in enumerate(shown):
        if image is None:
            continue
        scale = min((width - 8) / image.shape[1], 0.75 * _SIZE[1] / image.shape[0])
        small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        top = round(20 + drops[place % len(drops)] * _SIZE[1])
        left = place * width + (width - small.shape[1]) // 2
        height = min(small.shape[0], _SIZE[1] - top)
        canvas[top : top + height, left : left + small.shape[1]] = small[:height]
    return canvas


def _eyes(images: list[Image | None]) -> Image:
    canvas = np.full((_SIZE[1], _SIZE[0]), 90, np.uint8)
    width = _SIZE[0] // len(images)
    height = min(_SIZE[1], width * 3 // 4)
    top = (_SIZE[1] - height) // 2
    # Seen from the camera, the right eye is on the left.
    for place, image in enumerate(images):
        if image is not None:
            canvas[top : top + height, place * width : (place + 1) * width] = cv2.resize(image, (width, height))
    return canvas


def _portrait(image: Image | None) -> Image:
    if image is None:
        return np.full((640, 480, 3), 90, np.uint8)
    small = cv2.resize(image, (480, 640), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _sway(still: Image, step: int) -> Image:
    phase = 2 * np.pi * step / _FRAMES
    matrix = np.array([[1.0, 0.0, 1.5 * np.sin(phase)], [0.0, 1.0, np.cos(phase)]])
    return np.asarray(
        cv2.warpAffine(still, matrix, still.shape[1::-1], borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def _jpeg(image: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 75])[1])
