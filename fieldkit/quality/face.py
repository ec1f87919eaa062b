"""Judges portrait frames: one face, how it holds itself, what lies over it, size, place, background and light.

A portrait with a check that is bad stays below 60, because the dinas asks for all checks. What a check cannot tell is
neither good nor bad: it spoils no score, and a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import ALGORITHM, LOOK, Background, PortraitCheck, Preparation
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.face_cut import Pixels, cut
from fieldkit.quality.face_features import (
    FaceFeatures,
    Surroundings,
    crop_middle,
    crop_upright,
    lay_out,
    look_around,
    measure,
    passport_frame,
    upright_map,
)
from fieldkit.quality.face_networks import Eyes, FaceFinder, Landmarks, Pose, pose_of

# The checks of a portrait, each with three answers: good, look yourself, bad.
#
# Bad only where real pictures separate, or where a standard sets the number; what lies between asks the petugas.
# docs/quality.md has the figures behind every limit.

LANDMARKS, PIXELS = "landmarks", "pixels"  # what a check went by

MIN_EYE_DISTANCE_PX = 90  # ISO/IEC 19794-5:2011, full frontal
_FEW_EYE_PX = 80  # somewhat fewer ask

_SMALLEST_FRAMING = 0.45  # of the largest 3:4 window that the frame could hold
_OUTSIDE = 0.04  # how much of the passport frame may lie outside the picture
_CHIN_BELOW = 1.9  # eye distances from the eyes to the chin
_CROWN_ABOVE, _FOREHEAD_ABOVE = 1.75, 1.2  # eye distances from the eyes up to the crown, and to the hair
_LEAST_CROWN = 0.06  # eye distances of wall above the head

_HUES = {Background.RED: 0, Background.BLUE: 206, Background.ORANGE: 29}  # degrees
_HUE_TOLERANCE = {Background.RED: 14, Background.BLUE: 26, Background.ORANGE: 14}
_MIN_SATURATION, _MIN_VALUE = 90, 60  # of 255: grey and black walls have no hue
_DARKEST_WHITE = 95  # level of the white of the eyes, which is white whatever the skin
_BLUEST_SKIN, _YELLOWEST_SKIN = 5.0, 34.0  # median b* (CIE Lab); skin of any shade lies around 8 to 24 in neutral light


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a measure is at its best, the last value that is good, and the first that is bad."""

    best: float
    good: float
    bad: float

    def margin(self, value: float) -> float | None:
        """Return 1 at its best, 0 at the last good value, down to -1 from the first bad one, None between."""
        distance = (value - self.best) / (self.good - self.best)
        if distance <= 1:
            return 1 - max(0.0, distance)
        beyond = (value - self.bad) / (self.bad - self.best)
        return max(-1.0, -0.01 - beyond) if beyond >= 0 else None


_NEVER = 1e9  # no value of this measure is bad by itself
_SURE = Limits(1.0, 0.5, 0.1)
_BYSTANDER = Limits(0.0, 0.3, 0.5)  # width of the next face to that of the largest
_LIDS_NARROWER, _LIDS_WIDER = Limits(0.25, 0.15, 0.0), Limits(0.25, 0.15, 0.12)
_GLASS = Limits(0.9, 0.58, 0.42)
_GAZE = Limits(0.0, 0.09, _NEVER)
_PUPIL = Limits(0.0, 30.0, _NEVER)
_YAW, _PITCH = Limits(0.0, 13.0, 20.0), Limits(0.0, 15.5, 23.0)
_ROLL = Limits(0.0, 8.0, 11.0)
_MOUTH = Limits(0.0, 0.075, 0.1)
_COVER = Limits(-5.0, -0.9, 0.0)
_BEARD, _CERTAIN_COVER = 0.2, 2.0  # of 690 masks laid on none has more than 0.16, few real ones
_UNEVEN_WALL = Limits(0.0, 16.0, 24.0)
_SIDE_LIGHT = Limits(0.0, 0.45, 0.5)
_EYE_WHITE = Limits(190.0, 95.0, 75.0)
_LIGHTNESS, _LOST = Limits(170.0, 210.0, 215.0), Limits(0.0, 0.1, 0.13)
_CONTRAST = Limits(0.7, 0.4, 0.34)
_SHARPNESS = Limits(24.0, 11.0, 8.0)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended: margin 0 … 1 for good, below 0 for bad with the hint that helps, None for look yourself."""

    check: PortraitCheck
    margin: float | None
    hint: str = ""
    method: str = PIXELS

    @property
    def is_failed(self) -> bool:
        """Return whether the check does not hold for sure."""
        return self.margin is not None and self.margin < 0

    @property
    def answer(self) -> str:
        """Return the answer in a word."""
        return "look" if self.margin is None else "bad" if self.margin < 0 else "good"


def presence(sure: float, bystander: float) -> Iterator[CheckResult]:
    """Check that one person stands there, whose face shows."""
    yield CheckResult(PortraitCheck.ONE_FACE, _BYSTANDER.margin(bystander), "face.several_faces", LANDMARKS)
    yield CheckResult(PortraitCheck.EYES, _SURE.margin(sure), "face.no_eyes", LANDMARKS)


def face_itself(features: FaceFeatures, pose: Pose, *, may_be_shut: bool = False) -> Iterator[CheckResult]:
    """Check eyes, gaze, pose and mouth, and that nothing lies over the face.

    `may_be_shut`: an eye of this person is a biometric exception, so shut eyes are only asked about.
    """
    yield _eyes_open(features, may_be_shut=may_be_shut)
    yield CheckResult(PortraitCheck.GAZE, _GAZE.margin(features.gaze), method=LANDMARKS)
    yield CheckResult(PortraitCheck.RED_EYES, _PUPIL.margin(features.pupil_redness))
    yield CheckResult(PortraitCheck.FACING, _YAW.margin(abs(pose.yaw_deg)), "face.turned", LANDMARKS)
    yield CheckResult(PortraitCheck.LEVEL, _PITCH.margin(abs(pose.pitch_deg)), "face.nodding", LANDMARKS)
    mouth = _MOUTH.margin(features.mouth_gap)
    yield CheckResult(PortraitCheck.MOUTH_CLOSED, mouth, "face.mouth_open", LANDMARKS)
    yield _uncovered(features, laughs=mouth is not None and mouth < 0)


def _eyes_open(features: FaceFeatures, *, may_be_shut: bool) -> CheckResult:
    """Judge by the wider eye what is bad: a squint or a drooping lid narrows one, and only asks."""
    glass = _GLASS.margin(features.glass)
    if glass is not None and glass < 0:
        return CheckResult(PortraitCheck.EYES_OPEN, glass, "face.dark_glasses")
    wider, narrower = _LIDS_WIDER.margin(features.lids_wider), _LIDS_NARROWER.margin(features.lids_narrower)
    if wider is not None and wider < 0:
        return CheckResult(PortraitCheck.EYES_OPEN, None if may_be_shut else wider, "face.eyes_shut", LANDMARKS)
    if glass is None or wider is None or narrower is None:
        return CheckResult(PortraitCheck.EYES_OPEN, None, method=PIXELS if glass is None else LANDMARKS)
    return CheckResult(PortraitCheck.EYES_OPEN, narrower, method=LANDMARKS)


def _uncovered(features: FaceFeatures, *, laughs: bool) -> CheckResult:
    cover = _COVER.margin(features.cover)
    no_lips = features.lips < 1  # a hand in the colour of the face, or very pale lips
    is_bearded = features.beard > _BEARD and features.cover < _CERTAIN_COVER
    # A beard and a laughing mouth differ from a bare still face too.
    if cover is not None and (no_lips if cover >= 0 else laughs or is_bearded):
        cover = None
    return CheckResult(PortraitCheck.UNCOVERED, cover, "face.covered")


def placement(width: int, height: int, eyes: Eyes) -> Iterator[CheckResult]:
    """Check how near the face is, where it lies in a frame of that size and whether the head is upright."""
    window = passport_frame(eyes)
    largest = min(width, height * 0.75)
    if window.width > largest * (1 + 2 * _OUTSIDE):
        yield CheckResult(PortraitCheck.DISTANCE, -1, "face.too_close", LANDMARKS)
        return  # what does not fit cannot be in place either
    needed = _SMALLEST_FRAMING * largest * MIN_EYE_DISTANCE_PX
    pixels = min(eyes.distance, window.width * MIN_EYE_DISTANCE_PX**2 / needed)
    distance = Limits(2 * MIN_EYE_DISTANCE_PX, MIN_EYE_DISTANCE_PX, _FEW_EYE_PX).margin(pixels)
    yield CheckResult(PortraitCheck.DISTANCE, distance, "face.too_far", LANDMARKS)
    over = max(-window.left, window.left + window.width - width)
    above, below = -window.top, window.top + window.height - height
    worst, hint = max((over, "face.off_centre"), (above, "face.too_high"), (below, "face.too_low"))
    place = Limits(0.0, _OUTSIDE, 1.5 * _OUTSIDE).margin(max(0.0, worst / window.width))
    yield CheckResult(PortraitCheck.PLACE, place, hint, LANDMARKS)
    yield CheckResult(PortraitCheck.UPRIGHT, _ROLL.margin(abs(eyes.roll_deg)), "face.tilted", LANDMARKS)


def head_inside(height: int, eyes: Eyes, crown: float | None) -> CheckResult:
    """Check that crown and chin are in the picture; wall above the head proves the crown where little room is left."""
    if eyes.middle[1] + _CHIN_BELOW * eyes.distance > height:
        return CheckResult(PortraitCheck.HEAD_INSIDE, -1, "face.chin_cut", LANDMARKS)
    above = eyes.middle[1] / eyes.distance
    if above < _FOREHEAD_ABOVE or (above < _CROWN_ABOVE and crown is not None and crown < _LEAST_CROWN):
        return CheckResult(PortraitCheck.HEAD_INSIDE, -1, "face.crown_cut", LANDMARKS)
    if above >= _CROWN_ABOVE:
        return CheckResult(PortraitCheck.HEAD_INSIDE, min(1.0, above - _CROWN_ABOVE), "face.crown_cut", LANDMARKS)
    return CheckResult(PortraitCheck.HEAD_INSIDE, None if crown is None else min(1.0, crown))


def surroundings(seen: Surroundings, expected: Background | None) -> Iterator[CheckResult]:
    """Check backdrop, light, exposure and sharpness."""
    if expected is not None:
        yield _colour(seen, expected)
    yield CheckResult(PortraitCheck.BACKDROP_EVEN, _UNEVEN_WALL.margin(seen.unevenness), "face.backdrop_uneven")
    yield CheckResult(PortraitCheck.LIGHT, _SIDE_LIGHT.margin(seen.side_light), "face.light_uneven")
    yield _exposure(seen)
    yield CheckResult(PortraitCheck.SHARPNESS, _SHARPNESS.margin(seen.sharpness), "face.blurred")


def white_balance(seen: Surroundings) -> tuple[str, ...]:
    """Say when lamps or a wrong setting of the camera colour the skin."""
    if seen.yellowness > _YELLOWEST_SKIN:
        return ("face.too_yellow",)
    return ("face.too_blue",) if seen.yellowness < _BLUEST_SKIN else ()


def _colour(seen: Surroundings, expected: Background) -> CheckResult:
    wall = np.asarray(seen.wall, np.uint8).reshape(1, 1, 3)
    half_hue, saturation, value = (int(n) for n in cv2.cvtColor(wall, cv2.COLOR_RGB2HSV)[0, 0])
    hint = f"face.background_{expected}"
    if saturation < _MIN_SATURATION or value < _MIN_VALUE:
        return CheckResult(PortraitCheck.BACKGROUND, -1, hint)
    away = abs((2 * half_hue - _HUES[expected] + 180) % 360 - 180)
    tolerance = _HUE_TOLERANCE[expected]
    return CheckResult(PortraitCheck.BACKGROUND, Limits(0.0, tolerance, 1.4 * tolerance).margin(away), hint)


def _exposure(seen: Surroundings) -> CheckResult:
    """Judge by the white of the eyes and by what is lost: a dark skin in good light is no dark picture."""
    ways = (
        (_EYE_WHITE.margin(seen.eye_white), "face.too_dark"),
        (_LIGHTNESS.margin(seen.lightness), "face.too_bright"),
        (_LOST.margin(seen.lost), "face.too_bright" if seen.lightness > _DARKEST_WHITE else "face.too_dark"),
        (_CONTRAST.margin(seen.contrast), "face.flat"),
    )
    for margin, hint in ways:
        if margin is not None and margin < 0:
            return CheckResult(PortraitCheck.EXPOSURE, margin, hint)
    told = [margin for margin, _ in ways if margin is not None]
    return CheckResult(PortraitCheck.EXPOSURE, min(told) if len(told) == len(ways) else None)


VERSION = "3"
PASS_SCORE = 60

_NO_FACE_SCORE, _SEVERAL_SCORE, _NO_EYES_SCORE = 0, 5, 20
_FAILED_SCORE, _PER_FAILURE = 55, 10
_TURNS = (1, 3)  # quarter turns: a camera may stand on its side; upside down a collar passes for a face too often
_TURNED_PX = 256  # longest side while a turned frame is searched
_ON_ITS_SIDE_DEG = 45.0
_FINE_WIDTH, _FINE_CORNER, _FINE_SIZE = 360, (115, 192), (130, 134)  # brows to chin of the passport frame

# What a full frontal picture promises (ISO/IEC 19794-5:2011, 8): told, not presumed.
_FRONTAL = (
    PortraitCheck.ONE_FACE,
    PortraitCheck.EYES,
    PortraitCheck.EYES_OPEN,
    PortraitCheck.FACING,
    PortraitCheck.LEVEL,
    PortraitCheck.UPRIGHT,
    PortraitCheck.MOUTH_CLOSED,
    PortraitCheck.UNCOVERED,
    PortraitCheck.HEAD_INSIDE,
    PortraitCheck.DISTANCE,
    PortraitCheck.PLACE,
)


@dataclass(frozen=True, slots=True)
class FaceReview:
    """Everything known about one frame; without eyes there is nothing to crop.

    The eyes are those of the frame after `quarter_turns` to the left. `advice` is said, but spoils no score. `measures`
    are what the checks went by.
    """

    score: QualityScore
    results: tuple[CheckResult, ...]
    eyes: Eyes | None
    advice: tuple[str, ...] = ()
    quarter_turns: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def hints(self) -> tuple[str, ...]:
        """Return what would make it better, the first cause first."""
        return (*(result.hint for result in self.results if result.is_failed), *self.advice)

    @property
    def looks(self) -> tuple[str, ...]:
        """Return what a person has to look at, because nothing here could tell."""
        return tuple(LOOK[result.check] for result in self.results if result.margin is None)

    @property
    def is_full_frontal(self) -> bool:
        """Return whether everything that a full frontal picture promises was judged and holds."""
        margins = {result.check: result.margin for result in self.results}
        return all((margin := margins.get(check)) is not None and margin >= 0 for check in _FRONTAL)


class PortraitJudge:
    """The port `PortraitScorer`. `expected` and `may_be_shut` are set per subject; no colour expected leaves it open.

    `decode` turns a JPEG into RGB pixels and raises `InputError`. Not thread-safe: every executor has its own.
    """

    def __init__(self, decode: Callable[[bytes], Pixels], expected: Background | None = None) -> None:
        self._decode = decode
        self._finder = FaceFinder()
        self.expected = expected
        self.may_be_shut = False

    def score(self, jpeg: bytes) -> LiveScore:
        """Score one live frame. Raise `ValueError` when it is no image."""
        review = self._review_of(self.pixels(jpeg), tries=1)
        return LiveScore(review.score.value, review.hints)

    def pixels(self, jpeg: bytes) -> Pixels:
        """Return the RGB pixels of a frame. Raise `ValueError` when it is no image."""
        try:
            return self._decode(jpeg)
        except InputError as damage:
            raise ValueError("not an image") from damage

    def review(self, frame: Pixels) -> FaceReview:
        """Make every check that can be made on an RGB frame, turned upright when its face lies on the side."""
        return self._review_of(frame)

    def judge(self, portrait: Pixels) -> tuple[QualityScore, tuple[str, ...]]:
        """Score a portrait as its device laid it out, with hints and what a person has to look at; none on its side."""
        review = self._upright_review(portrait) or _NOBODY
        return review.score, (*review.hints, *review.looks)

    def _review_of(self, frame: Pixels, tries: int = 2) -> FaceReview:
        review = self._upright_review(frame, tries)
        return review or max(self._turned(frame), key=lambda each: each.score.value, default=_NOBODY)

    def _turned(self, frame: Pixels) -> Iterator[FaceReview]:
        """Yield what is seen when the frame is turned to either side."""
        scale = min(1.0, _TURNED_PX / max(frame.shape[:2]))
        small = np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        for turns in _TURNS:
            if not self._finder.may_show_one(upright(small, turns)):
                continue
            if review := self._upright_review(upright(frame, turns)):
                yield replace(review, quarter_turns=turns)

    def _upright_review(self, frame: Pixels, tries: int = 2) -> FaceReview | None:
        """Review a frame as it stands; None where no face is, or one that lies on its side."""
        found = self._finder.find(frame, tries)
        face = found.landmarks
        if face is None or abs(face.eyes.roll_deg) > _ON_ITS_SIDE_DEG:
            return None
        present = tuple(presence(face.sure, found.bystander))
        for result, score in zip(present, (_SEVERAL_SCORE, _NO_EYES_SCORE), strict=True):
            if result.is_failed:
                return _blind(score, *present[: present.index(result) + 1])
        return self._review(frame, face, present)

    def _review(self, frame: Pixels, face: Landmarks, present: tuple[CheckResult, ...]) -> FaceReview:
        height, width = frame.shape[:2]
        laid = lay_out(frame, face)
        features, pose = measure(face, laid), pose_of(face.points)
        seen = look_around(laid, _fine(frame, face.eyes))
        results = (
            *present,
            *face_itself(features, pose, may_be_shut=self.may_be_shut),
            head_inside(height, face.eyes, seen.crown),
            *placement(width, height, face.eyes),
            *surroundings(seen, self.expected),
        )
        told = asdict(features) | asdict(pose) | {k: v for k, v in asdict(seen).items() if isinstance(v, float)}
        told |= {"eye_distance": face.eyes.distance, "roll_deg": face.eyes.roll_deg, "face_sureness": face.sure}
        score = QualityScore(_total(results), ALGORITHM, VERSION)
        return FaceReview(score, results, face.eyes, white_balance(seen), measures=told)


def upright(frame: Pixels, quarter_turns: int) -> Pixels:
    """Return a frame after quarter turns to the left."""
    return np.ascontiguousarray(np.rot90(frame, quarter_turns))


def _fine(frame: Pixels, eyes: Eyes) -> Pixels:
    """Return the face between brows and chin, grey, at 90 pixels between the eyes."""
    onto = upright_map(eyes, _FINE_WIDTH)
    onto[:, 2] -= _FINE_CORNER
    return np.asarray(cv2.cvtColor(cut(frame, onto, _FINE_SIZE), cv2.COLOR_RGB2GRAY), np.uint8)


def _blind(score: int, *results: CheckResult) -> FaceReview:
    return FaceReview(QualityScore(score, ALGORITHM, VERSION), results, None)


_NOBODY = _blind(_NO_FACE_SCORE, CheckResult(PortraitCheck.ONE_FACE, -1, "face.no_face", LANDMARKS))


def _total(results: tuple[CheckResult, ...]) -> int:
    failures = sum(result.is_failed for result in results)
    if failures:
        return max(_NO_EYES_SCORE + 1, _FAILED_SCORE - _PER_FAILURE * (failures - 1))
    margins = [min(1.0, result.margin) for result in results if result.margin is not None]
    return round(PASS_SCORE + (100 - PASS_SCORE) * sum(margins) / len(margins))


# Makes the portrait sample of the chosen frame.

PORTRAIT_WIDTH_PX = 720  # 3:4, inter-eye distance 180 px

WriteRecord = Callable[[Pixels, QualityScore, datetime, Preparation], bytes]


class PortraitEncoder:
    """The port `FrameEncoder` for the photo camera: crops upright to 3:4 and writes an ISO/IEC 19794-5 record.

    `write_record` lays out (pixels, quality, time, preparation). A frame without a face gives its middle part with a
    low score.
    """

    def __init__(self, judge: PortraitJudge, write_record: WriteRecord) -> None:
        self._judge = judge
        self._write_record = write_record

    def encode(self, jpeg: bytes, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` when it is no image or no portrait is asked for."""
        if position is not Position.PORTRAIT:
            raise ValueError(f"{position} is no portrait")
        frame = self._judge.pixels(jpeg)
        review = self._judge.review(frame)
        frame = upright(frame, review.quarter_turns)
        if review.eyes is None:
            middle = crop_middle(frame)
            portrait = _at_most(middle, PORTRAIT_WIDTH_PX)
            is_rotated, is_reduced = review.quarter_turns > 0, portrait.shape != middle.shape
        else:  # never enlarged: invented pixels are no detail
            width = min(PORTRAIT_WIDTH_PX, int(review.eyes.distance * 4) // 3 * 3)
            portrait = crop_upright(frame, review.eyes, width)
            is_rotated = True  # laid upright by the eyes, be it by a part of a degree
            is_reduced = width + 3 < review.eyes.distance * 4
        made = Preparation(review.is_full_frontal, is_rotated, is_reduced)
        record = self._write_record(portrait, review.score, at, made)
        hints = (*review.hints, *review.looks)
        return Sample(position, SampleFormat.ISO_19794_5, record, review.score, hints=hints)


def _at_most(pixels: Pixels, width: int) -> Pixels:
    if pixels.shape[1] <= width:
        return pixels
    height = round(pixels.shape[0] * width / pixels.shape[1])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
