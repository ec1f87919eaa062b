"""Judges portrait frames: one face, how it holds itself, what lies over it, size, place, background and light.

A portrait with a check that is bad stays below 60, because the dinas asks for all checks. What a check cannot tell is
neither good nor bad: it spoils no score, and a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

import cv2
import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.portrait import ALGORITHM, LOOK, Background, PortraitCheck
from fieldkit.domain.recording.samples import QualityScore
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.face_checks import (
    LANDMARKS,
    CheckResult,
    face_itself,
    head_inside,
    placement,
    presence,
    surroundings,
    white_balance,
)
from fieldkit.quality.face_cut import Pixels, cut
from fieldkit.quality.face_features import lay_out, measure
from fieldkit.quality.face_finder import FaceFinder
from fieldkit.quality.face_landmarks import Eyes, Landmarks
from fieldkit.quality.face_pose import pose_of
from fieldkit.quality.face_surroundings import look_around
from fieldkit.quality.portrait_crop import upright_map

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
