"""Judges portrait frames: one face, eyes, size, place, roll, background, light, exposure and sharpness.

Each check yields a margin: 0 at its limit, 1 where it is at its best, negative when it fails. A portrait with a failed
check stays below 60, because the dinas asks for all checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.portrait import Background, PortraitCheck
from fieldkit.domain.recording.samples import QualityScore
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.face_finder import Eyes, FaceFinder, FoundFaces, Pixels
from fieldkit.quality.portrait_crop import crop_upright, passport_frame

ALGORITHM = "fieldkit-portrait"
VERSION = "1"

MIN_EYE_DISTANCE_PX = 90  # ISO/IEC 19794-5:2011, full frontal
PASS_SCORE = 60

_NO_FACE_SCORE, _SEVERAL_SCORE, _NO_EYES_SCORE = 0, 5, 20
_FAILED_SCORE, _PER_FAILURE = 55, 10

_MAX_ROLL_DEG = 8.0
_SMALLEST_FRAMING = 0.45  # of the largest 3:4 window that the frame could hold
_OUTSIDE = 0.04  # how much of the passport frame may lie outside the picture

_HUES = {Background.RED: 0, Background.BLUE: 206, Background.ORANGE: 29}  # degrees
_HUE_TOLERANCE = {Background.RED: 14, Background.BLUE: 26, Background.ORANGE: 14}
_MIN_SATURATION, _MIN_VALUE = 90, 60  # of 255: grey and black walls have no hue
_MAX_BACKDROP_SPREAD = 16.0  # ΔE, CIE 76
_MAX_SIDE_DIFFERENCE = 0.22
_DARK, _BRIGHT = 70, 215  # mean grey level of the face
_MAX_CLIPPED = 0.06
_MIN_RANGE = 55  # grey levels between the 2nd and the 98th percentile
_MIN_SHARPNESS = 12.0

_BLUEST_SKIN, _YELLOWEST_SKIN = 5.0, 34.0  # median b* (CIE Lab); skin of any shade lies around 8 to 24 in neutral light

_TURNS = (1, 3)  # quarter turns: a camera may stand on its side; upside down a collar passes for a face too often
_MEASURED_WIDTH = 360  # the passport frame is measured at this width, whatever the camera's resolution


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended: margin -1 … 1, negative with the hint that helps."""

    check: PortraitCheck
    margin: float
    hint: str = ""

    @property
    def is_passed(self) -> bool:
        """Return whether the check holds."""
        return self.margin >= 0


@dataclass(frozen=True, slots=True)
class FaceReview:
    """Everything known about one frame; without eyes there is nothing to crop.

    The eyes are those of the frame after `quarter_turns` to the left. `advice` is said, but spoils no score.
    """

    score: QualityScore
    results: tuple[CheckResult, ...]
    eyes: Eyes | None
    advice: tuple[str, ...] = ()
    quarter_turns: int = 0

    @property
    def hints(self) -> tuple[str, ...]:
        """Return what would make it better, the first cause first."""
        return (*(result.hint for result in self.results if not result.is_passed), *self.advice)


class PortraitJudge:
    """The port `FrameScorer` for the photo camera. `expected` is set per subject; None leaves the colour open.

    `decode` turns a JPEG into RGB pixels and raises `InputError`. Not thread-safe: every executor has its own.
    """

    def __init__(self, decode: Callable[[bytes], Pixels], expected: Background | None = None) -> None:
        self._decode = decode
        self._finder = FaceFinder()
        self.expected = expected

    def score(self, jpeg: bytes) -> LiveScore:
        """Score one frame. Raise `ValueError` when it is no image."""
        review = self.review(self.pixels(jpeg))
        return LiveScore(review.score.value, review.hints)

    def pixels(self, jpeg: bytes) -> Pixels:
        """Return the RGB pixels of a frame. Raise `ValueError` when it is no image."""
        try:
            return self._decode(jpeg)
        except InputError as damage:
            raise ValueError("not an image") from damage

    def review(self, frame: Pixels) -> FaceReview:
        """Make every check that can be made on an RGB frame, turned upright when its face lies on the side."""
        found = self._finder.find(frame)
        if found.count:
            return self._review(frame, found)
        return max(self._turned(frame), key=lambda r: r.score.value, default=_NOBODY)

    def _turned(self, frame: Pixels) -> Iterator[FaceReview]:
        """Review what is found when the frame is turned to either side."""
        for turns in _TURNS:
            turned = upright(frame, turns)
            found = self._finder.find(turned)
            if found.eyes is not None:
                yield replace(self._review(turned, found), quarter_turns=turns)

    def _review(self, frame: Pixels, found: FoundFaces) -> FaceReview:
        if found.count > 1:
            return _blind(_SEVERAL_SCORE, CheckResult(PortraitCheck.ONE_FACE, -1, "face.several_faces"))
        if found.eyes is None:
            return _blind(_NO_EYES_SCORE, CheckResult(PortraitCheck.EYES, -1, "face.no_eyes"))
        portrait = crop_upright(frame, found.eyes, _MEASURED_WIDTH)
        results = (
            CheckResult(PortraitCheck.ONE_FACE, 1),
            CheckResult(PortraitCheck.EYES, 1),
            *_placement(frame, found.eyes),
            *self._appearance(portrait),
        )
        score = QualityScore(_total(results), ALGORITHM, VERSION)
        return FaceReview(score, results, found.eyes, _white_balance(_face_part(portrait)))

    def _appearance(self, portrait: Pixels) -> Iterator[CheckResult]:
        sides = _backdrop(portrait)
        if self.expected is not None:
            yield _colour(sides, self.expected)
        yield _evenness(sides)
        face = _face_part(np.asarray(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
        yield _light(face)
        yield _exposure(face)
        yield _sharpness(face)


def upright(frame: Pixels, quarter_turns: int) -> Pixels:
    """Return a frame after quarter turns to the left."""
    return np.ascontiguousarray(np.rot90(frame, quarter_turns))


def _blind(score: int, failure: CheckResult) -> FaceReview:
    before = (CheckResult(PortraitCheck.ONE_FACE, 1),) if failure.check is PortraitCheck.EYES else ()
    return FaceReview(QualityScore(score, ALGORITHM, VERSION), (*before, failure), None)


_NOBODY = _blind(_NO_FACE_SCORE, CheckResult(PortraitCheck.ONE_FACE, -1, "face.no_face"))


def _total(results: tuple[CheckResult, ...]) -> int:
    failures = sum(not result.is_passed for result in results)
    if failures:
        return max(_NO_EYES_SCORE + 1, _FAILED_SCORE - _PER_FAILURE * (failures - 1))
    mean = sum(min(1.0, result.margin) for result in results) / len(results)
    return round(PASS_SCORE + (100 - PASS_SCORE) * mean)


def _placement(frame: Pixels, eyes: Eyes) -> Iterator[CheckResult]:
    height, width = frame.shape[:2]
    window = passport_frame(eyes)
    largest = min(width, height * 0.75)
    if window.width > largest * (1 + 2 * _OUTSIDE):
        yield CheckResult(PortraitCheck.DISTANCE, -1, "face.too_close")
        return  # what does not fit cannot be in place either
    nearness = min(eyes.distance / MIN_EYE_DISTANCE_PX, window.width / (_SMALLEST_FRAMING * largest))
    yield CheckResult(PortraitCheck.DISTANCE, max(-1, nearness - 1), "face.too_far")
    outside = _OUTSIDE * window.width
    over = max(-window.left, window.left + window.width - width)
    above, below = -window.top, window.top + window.height - height
    worst, hint = max((over, "face.off_centre"), (above, "face.too_high"), (below, "face.too_low"))
    yield CheckResult(PortraitCheck.PLACE, max(-1, 1 - max(0.0, worst) / outside), hint)
    yield CheckResult(PortraitCheck.UPRIGHT, max(-1, 1 - abs(eyes.roll_deg) / _MAX_ROLL_DEG), "face.tilted")


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


def _face_part(portrait: Pixels) -> Pixels:
    """Return the skin between brows and chin: the token frame has the eyes at 0.45 of its height."""
    height, width = portrait.shape[:2]
    return portrait[int(0.40 * height) : int(0.68 * height), int(0.32 * width) : int(0.68 * width)]


def _white_balance(face: Pixels) -> tuple[str, ...]:
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


def _exposure(face: Pixels) -> CheckResult:
    mean = float(face.mean())
    clipped = float(((face >= 250) | (face <= 5)).mean())
    low, high = (float(n) for n in np.percentile(face, (2, 98)))
    if mean < _DARK:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.too_dark")
    if mean > _BRIGHT or clipped > _MAX_CLIPPED:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.too_bright")
    if high - low < _MIN_RANGE:
        return CheckResult(PortraitCheck.EXPOSURE, -1, "face.flat")
    centred = 1 - abs(mean - (_DARK + _BRIGHT) / 2) / ((_BRIGHT - _DARK) / 2)
    return CheckResult(PortraitCheck.EXPOSURE, min(1.0, 2 * centred), "")


def _sharpness(face: Pixels) -> CheckResult:
    evened = face.astype(np.float32) * (128 / max(1.0, float(face.mean())))  # a dark face is not a blurred one
    edges = float(cv2.Laplacian(evened, cv2.CV_32F, ksize=3).std())
    return CheckResult(PortraitCheck.SHARPNESS, float(np.clip(edges / _MIN_SHARPNESS - 1, -1, 1)), "face.blurred")
