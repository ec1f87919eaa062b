"""An infrared camera that sees both eyes, as MJPEG over HTTP: at first the person moves, then holds still."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from drivers.simulators.camera import CameraServer, Frames
from drivers.simulators.stage import Speed, Stage
from drivers.simulators.subject.presented import Condition, Image, PresentedSubject
from drivers.simulators.subject.ridges import Field, smooth_noise
from fieldkit.domain.recording.positions import EYES, Position

SIZE = (1920, 720)
EYE_SCALE = 0.85  # of the picture of one eye: irises of some 100 px, and so eyes of 63 mm distance 1066 px apart
EYES_APART = 1066
_NOBODY, _SKIN = 18, 174
# Shift in pixels, defocus in pixels, motion in pixels: of a person who is still coming closer.
_MOVING = ((-90, 40, 6.0, 1), (70, -30, 4.0, 41), (-40, 25, 2.5, 31), (25, -10, 2.0, 15))
_STILL_FRAMES = 6


def infrared_camera(stage: Stage, *, speed: Speed = Speed.INSTANT, ports: Iterable[int] = (0,)) -> CameraServer:
    """Return a running camera for irises."""
    return CameraServer(stage, speed=speed, ports=ports, render=render_eyes)


def render_eyes(stage: Stage) -> Frames:
    """Return the moving and the still frames of the person who is there."""
    if stage.subject is None:
        return [_jpeg(np.full(SIZE[::-1], _NOBODY, np.uint8))], [_jpeg(np.full(SIZE[::-1], _NOBODY, np.uint8))]
    face = both_eyes(stage.subject)
    moving = [_jpeg(_smeared(_shifted(face, x, y), defocus, motion)) for x, y, defocus, motion in _MOVING]
    sway = np.linspace(0, 2 * np.pi, _STILL_FRAMES, endpoint=False)
    return moving, [_jpeg(_shifted(face, 4 * np.sin(at), 2 * np.cos(at))) for at in sway]


def eye_camera(stage: Stage, position: Position) -> CameraServer:
    """Return a running camera that is held before one eye."""
    return CameraServer(stage, render=lambda seen: _one_eye(seen, position))


def _one_eye(stage: Stage, position: Position) -> Frames:
    met = stage.glance(position)
    still = np.full((480, 640), _NOBODY, np.uint8) if met is None else met.image
    return [_jpeg(_smeared(still, 5.0, 9))], [_jpeg(still)]


def both_eyes(subject: PresentedSubject) -> Image:
    """Return the upper face under infrared light, shape (720, 1920); the right eye is on the left."""
    skin = _SKIN + 6 * smooth_noise(SIZE[::-1], 90, np.random.default_rng(len(subject.name)))
    face = np.asarray(skin, dtype=np.float32)
    for side, position in zip((-1, 1), EYES, strict=True):
        if subject.condition_of(position) is not Condition.MISSING:
            _set_in(face, _eye(subject, position), SIZE[0] // 2 + side * EYES_APART // 2)
    return np.clip(face, 0, 255).astype(np.uint8)


def _eye(subject: PresentedSubject, position: Position) -> Image:
    picture = subject.iris(position)
    return np.asarray(cv2.resize(picture, None, fx=EYE_SCALE, fy=EYE_SCALE, interpolation=cv2.INTER_AREA), np.uint8)


def _set_in(face: Field, eye: Image, centre_x: int) -> None:
    """Lay the picture of an eye into the face, fading out towards its border."""
    height, width = eye.shape
    left, top = centre_x - width // 2, (SIZE[1] - height) // 2
    inner = np.zeros((height, width), np.float32)
    inner[24:-24, 24:-24] = 1
    cover = np.asarray(cv2.GaussianBlur(inner, (0, 0), 8), dtype=np.float32)
    part = face[top : top + height, left : left + width]
    part += cover * (eye.astype(np.float32) - part)


def _shifted(face: Image, x: float, y: float) -> Image:
    move = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
    return np.asarray(cv2.warpAffine(face, move, SIZE, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _smeared(face: Image, defocus: float, motion: int) -> Image:
    soft = cv2.GaussianBlur(face, (0, 0), defocus)
    return np.asarray(cv2.blur(soft, (motion, 1)), dtype=np.uint8)


def _jpeg(grey: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])
