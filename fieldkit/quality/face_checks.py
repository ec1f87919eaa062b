"""The checks of a portrait: where the face is, what shows in it, backdrop, light and sharpness.

Each yields a margin: 0 at its limit, 1 where it is at its best, negative when it fails, None where nothing can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fieldkit.domain.recording.portrait import Background, PortraitCheck
from fieldkit.quality.face_features import FaceFeatures
from fieldkit.quality.face_finder import Eyes, Pixels
from fieldkit.quality.face_pose import Pose
from fieldkit.quality.portrait_crop import passport_frame

PIXELS = "pixels"  # the method of every check that looks at the picture itself

MIN_EYE_DISTANCE_PX = 90  # ISO/IEC 19794-5:2011, full frontal

_MAX_ROLL_DEG = 8.0
_MAX_YAW_DEG, _MAX_PITCH_DEG = 15.0, 15.0  # a generic head fits nobody better than to some degrees
_SMALLEST_FRAMING = 0.45  # of the largest 3:4 window that the frame could hold
_OUTSIDE = 0.04  # how much of the passport frame may lie outside the picture
_CHIN_BELOW = 1.9  # eye distances from the eyes to the chin
_LEAST_CROWN = 0.06  # eye distances of wall above the head

_OPEN_IRIS, _SHUT_IRIS = 0.38, 0.32  # between them nobody can tell
_DARK_GLASS = 0.25  # of the grey of the skin
_ASYMMETRY = 0.14  # about 15° of yaw
_LIPS, _NO_LIPS = 6.0, 4.5  # redness in a*: a hand before the mouth has 3.7 at most, lips had 10 and more
_MAX_GAP = 0.08  # eye distances between the lips
_MAX_COVERED = 0.35

_HUES = {Background.RED: 0, Background.BLUE: 206, Background.ORANGE: 29}  # degrees
_HUE_TOLERANCE = {Background.RED: 14, Background.BLUE: 26, Background.ORANGE: 14}
_MIN_SATURATION, _MIN_VALUE = 90, 60  # of 255: grey and black walls have no hue
_MAX_BACKDROP_SPREAD = 16.0  # ΔE, CIE 76
_MAX_SIDE_DIFFERENCE = 0.22
_DARKEST_WHITE = 95  # level of the white of the eyes, which is white whatever the skin
_BRIGHT = 215  # mean grey level of the face
_MAX_CLIPPED = 0.06
_MIN_RANGE = 0.4  # between the 2nd and the 98th percentile of grey, as a share of the latter
_MIN_SHARPNESS = 12.0

_BLUEST_SKIN, _YELLOWEST_SKIN = 5.0, 34.0  # median b* (CIE Lab); skin of any shade lies around 8 to 24 in neutral light


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended: margin -1 … 1, negative with the hint that helps, None when nobody could tell.

    `method` says what judged it: the finder of faces, or the picture itself.
    """

    check: PortraitCheck
    margin: float | None
    hint: str = ""
    method: str = PIXELS

    @property
    def is_failed(self) -> bool:
        """Return whether the check was made and does not hold."""
        return self.margin is not None and self.margin < 0


def placement(frame: Pixels, eyes: Eyes, method: str) -> Iterator[CheckResult]:
    """Check how near the face is, where it lies in the frame and whether the head is upright."""
    height, width = frame.shape[:2]
    window = passport_frame(eyes)
    largest = min(width, height * 0.75)
    if window.width > largest * (1 + 2 * _OUTSIDE):
        yield CheckResult(PortraitCheck.DISTANCE, -1, "face.too_close", method)
        return  # what does not fit cannot be in place either
    nearness = min(eyes.distance / MIN_EYE_DISTANCE_PX, window.width / (_SMALLEST_FRAMING * largest))
    yield CheckResult(PortraitCheck.DISTANCE, max(-1, nearness - 1), "face.too_far", method)
    outside = _OUTSIDE * window.width
    over = max(-window.left, window.left + window.width - width)
    above, below = -window.top, window.top + window.height - height
    worst, hint = max((over, "face.off_centre"), (above, "face.too_high"), (below, "face.too_low"))
    yield CheckResult(PortraitCheck.PLACE, max(-1, 1 - max(0.0, worst) / outside), hint, method)
    yield CheckResult(PortraitCheck.UPRIGHT, max(-1, 1 - abs(eyes.roll_deg) / _MAX_ROLL_DEG), "face.tilted", method)


def face_itself(features: FaceFeatures, pose: Pose | None, method: str) -> Iterator[CheckResult]:
    """Check that the eyes are open, the head faces the camera, the mouth is closed and nothing lies over the face."""
    yield _eyes_open(features)
    yield _turned(features, pose, method)
    if pose is None:
        yield CheckResult(PortraitCheck.LEVEL, None)
    else:
        yield CheckResult(PortraitCheck.LEVEL, _within(pose.pitch_deg, _MAX_PITCH_DEG), "face.nodding", method)
    is_hidden = features.redness is not None and features.redness < _NO_LIPS
    sees_lips = features.redness is not None and features.redness >= _LIPS
    if features.mouth_gap is None or not sees_lips:
        yield CheckResult(PortraitCheck.MOUTH_CLOSED, None)
    else:
        yield CheckResult(PortraitCheck.MOUTH_CLOSED, max(-1.0, 1 - features.mouth_gap / _MAX_GAP), "face.mouth_open")
    if is_hidden or features.covered > _MAX_COVERED:
        yield CheckResult(PortraitCheck.UNCOVERED, -1, "face.covered")
    elif sees_lips:
        yield CheckResult(PortraitCheck.UNCOVERED, 1 - features.covered / _MAX_COVERED, "face.covered")
    else:
        yield CheckResult(PortraitCheck.UNCOVERED, None)


def head_inside(frame: Pixels, eyes: Eyes, features: FaceFeatures) -> CheckResult:
    """Check that crown and chin are in the picture; the crown only tells before an even wall."""
    if eyes.middle[1] + _CHIN_BELOW * eyes.distance > frame.shape[0]:
        return CheckResult(PortraitCheck.HEAD_INSIDE, -1, "face.chin_cut")
    if features.crown is None:
        return CheckResult(PortraitCheck.HEAD_INSIDE, None)
    return CheckResult(
        PortraitCheck.HEAD_INSIDE, float(np.clip(features.crown / _LEAST_CROWN - 1, -1, 1)), "face.crown_cut"
    )


def why_hidden(features: FaceFeatures) -> tuple[str, ...]:
    """Return what probably keeps the eyes of a face from being seen, as a hint."""
    if features.eye_darkness < _DARK_GLASS:
        return ("face.dark_glasses",)
    if features.asymmetry is not None and abs(features.asymmetry) > 2 * _ASYMMETRY:
        return ("face.turned",)
    return ("face.eyes_shut",) if features.iris_contrast < _SHUT_IRIS else ()


def surroundings(portrait: Pixels, expected: Background | None, features: FaceFeatures) -> Iterator[CheckResult]:
    """Check backdrop, light, exposure and sharpness of a passport frame."""
    sides = _backdrop(portrait)
    if expected is not None:
        yield _colour(sides, expected)
    yield _evenness(sides)
    face = face_part(np.asarray(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    yield _light(face)
    yield _exposure(face, features.eye_white)
    yield _sharpness(face)


def _within(angle_deg: float, limit_deg: float) -> float:
    return max(-1.0, 1 - abs(angle_deg) / limit_deg)


def _eyes_open(features: FaceFeatures) -> CheckResult:
    if features.eye_darkness < _DARK_GLASS:
        return CheckResult(PortraitCheck.EYES_OPEN, -1, "face.dark_glasses")
    if _SHUT_IRIS <= features.iris_contrast < _OPEN_IRIS:
        return CheckResult(PortraitCheck.EYES_OPEN, None)
    return CheckResult(
        PortraitCheck.EYES_OPEN, float(np.clip(features.iris_contrast / _OPEN_IRIS - 1, -1, 1)), "face.eyes_shut"
    )


def _turned(features: FaceFeatures, pose: Pose | None, method: str) -> CheckResult:
    if pose is not None:
        return CheckResult(PortraitCheck.FACING, _within(pose.yaw_deg, _MAX_YAW_DEG), "face.turned", method)
    if features.asymmetry is None:
        return CheckResult(PortraitCheck.FACING, None)
    return CheckResult(PortraitCheck.FACING, _within(features.asymmetry, _ASYMMETRY), "face.turned")


def _backdrop(portrait: Pixels) -> Pixels:
    """Return the pixels beside the head and above it, shape (n, 3): where hair, veil and shoulders do not reach."""
    height, width = portrait.shape[:2]
    side, foot, crown = int(0.09 * width), int(0.45 * height), int(0.05 * height)
    parts = (portrait[:foot, :side], portrait[:foot, -side:], portrait[:crown])
    return np.concatenate([part.reshape(-1, 3) for part in parts])


def _colour(backdrop: Pixels, expected: Background) -> CheckResult:
    median = np.median(backdrop, axis=0).astype(np.uint8).reshape(1, 1, 3)
    half_hue, saturation, value = (int(n) for n in cv2.cvtColor(median, cv2.COLOR_RGB2HSV)[0, 0])
    hint = f"face.background_{expected}"
    if saturation < _MIN_SATURATION or value < _MIN_VALUE:
        return CheckResult(PortraitCheck.BACKGROUND, -1, hint)
    away = abs((2 * half_hue - _HUES[expected] + 180) % 360 - 180)
    return CheckResult(PortraitCheck.BACKGROUND, max(-1.0, 1 - away / _HUE_TOLERANCE[expected]), hint)


def _evenness(backdrop: Pixels) -> CheckResult:
    lab = cv2.cvtColor(backdrop.reshape(1, -1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2Lab)[0]
    distance = np.linalg.norm(lab - np.median(lab, axis=0), axis=1)
    spread = float(np.percentile(distance, 90))
    return CheckResult(
        PortraitCheck.BACKDROP_EVEN, max(-1.0, 1 - spread / _MAX_BACKDROP_SPREAD), "face.backdrop_uneven"
    )


def face_part(portrait: Pixels) -> Pixels:
    """Return the skin between brows and chin: the token frame has the eyes at 0.45 of its height."""
    height, width = portrait.shape[:2]
    return portrait[int(0.40 * height) : int(0.68 * height), int(0.32 * width) : int(0.68 * width)]


def white_balance(face: Pixels) -> tuple[str, ...]:
    """Say when lamps or a wrong setting of the camera colour the skin."""
    lab = cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    yellow = float(np.median(lab[..., 2]))
    if yellow > _YELLOWEST_SKIN:
        return ("face.too_yellow",)
    return ("face.too_blue",) if yellow < _BLUEST_SKIN else ()


def _light(face: Pixels) -> CheckResult:
    half = face.shape[1] // 2
    left, right = float(face[:, :half].mean()), float(face[:, -half:].mean())
    difference = abs(left - right) / max(1.0, (left + right) / 2)
    return CheckResult(PortraitCheck.LIGHT, max(-1.0, 1 - difference / _MAX_SIDE_DIFFERENCE), "face.light_uneven")


def _exposure(face: Pixels, eye_white: float) -> CheckResult:
    """Judge by the white of the eyes and by what is lost: a dark skin in good light is no dark picture."""
    clipped = float(((face >= 250) | (face <= 5)).mean())
    low, high = (float(n) for n in np.percentile(face, (2, 98)))
    if eye_white < _DARKEST_WHITE:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.too_dark")
    if float(face.mean()) > _BRIGHT or clipped > _MAX_CLIPPED:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.too_bright")
    if high - low < _MIN_RANGE * high:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.flat")
    light = (eye_white - _DARKEST_WHITE) / _DARKEST_WHITE
    return CheckResult(PortraitCheck.EXPOSURE, min(1.0, light, (_BRIGHT - float(face.mean())) / 40), "")


def _sharpness(face: Pixels) -> CheckResult:
    evened = face.astype(np.float32) * (128 / max(1.0, float(face.mean())))  # a dark face is not a blurred one
    edges = float(cv2.Laplacian(evened, cv2.CV_32F, ksize=3).std())
    return CheckResult(PortraitCheck.SHARPNESS, float(np.clip(edges / _MIN_SHARPNESS - 1, -1, 1)), "face.blurred")
