"""Judges portrait frames: one face, how it holds itself, what lies over it, size, place, background and light.

A portrait with a failed check stays below 60, because the dinas asks for all checks. What a check cannot tell is
neither good nor bad: it spoils no score, and a person is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.portrait import ALGORITHM, LOOK, Background, PortraitCheck
from fieldkit.domain.recording.samples import QualityScore
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.face_checks import (
    CheckResult,
    face_itself,
    face_part,
    head_inside,
    placement,
    surroundings,
    white_balance,
    why_hidden,
)
from fieldkit.quality.face_features import FRAME_WIDTH, measure
from fieldkit.quality.face_finder import Eyes, FaceDetector, FaceFinder, FoundFaces, Pixels
from fieldkit.quality.face_pose import pose_of
from fieldkit.quality.portrait_crop import crop_upright

VERSION = "2"
PASS_SCORE = 60

_NO_FACE_SCORE, _SEVERAL_SCORE, _NO_EYES_SCORE = 0, 5, 20
_FAILED_SCORE, _PER_FAILURE = 55, 10
_TURNS = (1, 3)  # quarter turns: a camera may stand on its side; upside down a collar passes for a face too often

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

    The eyes are those of the frame after `quarter_turns` to the left. `reasons` say why something is not seen, `advice`
    is said, but spoils no score. `measures` are what the checks went by.
    """

    score: QualityScore
    results: tuple[CheckResult, ...]
    eyes: Eyes | None
    reasons: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    quarter_turns: int = 0
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def hints(self) -> tuple[str, ...]:
        """Return what would make it better, the first cause first."""
        return (*self.reasons, *(result.hint for result in self.results if result.is_failed), *self.advice)

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
    """The port `FrameScorer` for the photo camera. `expected` is set per subject; None leaves the colour open.

    `decode` turns a JPEG into RGB pixels and raises `InputError`. Not thread-safe: every executor has its own.
    """

    def __init__(
        self,
        decode: Callable[[bytes], Pixels],
        expected: Background | None = None,
        detector: FaceDetector | None = None,
    ) -> None:
        self._decode = decode
        self._detector = detector or FaceFinder()
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
        found = self._detector.find(frame)
        return self._review(frame, found) if found.count else self._turned(frame)

    def judge(self, portrait: Pixels) -> tuple[QualityScore, tuple[str, ...]]:
        """Score a portrait as its device laid it out, with hints and what a person has to look at; none on its side."""
        found = self._detector.find(portrait)
        review = self._review(portrait, found) if found.count else _NOBODY
        return review.score, (*review.hints, *review.looks)

    def _turned(self, frame: Pixels) -> FaceReview:
        """Review what is found when the frame is turned to either side."""
        return max(self._turns(frame), key=lambda review: review.score.value, default=_NOBODY)

    def _turns(self, frame: Pixels) -> Iterator[FaceReview]:
        for turns in _TURNS:
            turned = upright(frame, turns)
            found = self._detector.find(turned, tries=1)
            if found.eyes is not None:
                yield replace(self._review(turned, found), quarter_turns=turns)

    def _review(self, frame: Pixels, found: FoundFaces) -> FaceReview:
        method = self._detector.method
        if found.count > 1:
            return _blind(_SEVERAL_SCORE, CheckResult(PortraitCheck.ONE_FACE, -1, "face.several_faces", method))
        one = CheckResult(PortraitCheck.ONE_FACE, 1, method=method)
        if found.eyes is None:
            no_eyes = CheckResult(PortraitCheck.EYES, -1, "face.no_eyes", method)
            if found.presumed is None:
                return _blind(_NO_EYES_SCORE, one, no_eyes)
            features = measure(crop_upright(frame, found.presumed, FRAME_WIDTH))
            return replace(_blind(_NO_EYES_SCORE, one, no_eyes), reasons=why_hidden(features))
        portrait = crop_upright(frame, found.eyes, FRAME_WIDTH)
        features = measure(portrait)
        pose = pose_of(found.eyes, found.lower, *frame.shape[:2]) if found.lower else None
        results = (
            one,
            CheckResult(PortraitCheck.EYES, 1, method=method),
            *face_itself(features, pose, method),
            head_inside(frame, found.eyes, features),
            *placement(frame, found.eyes, method),
            *surroundings(portrait, self.expected, features),
        )
        measures = {name: value for name, value in asdict(features).items() if value is not None}
        measures |= {"eye_distance": found.eyes.distance, "roll_deg": found.eyes.roll_deg}
        score = QualityScore(_total(results), ALGORITHM, VERSION)
        advice = white_balance(face_part(portrait))
        return FaceReview(score, results, found.eyes, advice=advice, measures=measures | (asdict(pose) if pose else {}))


def upright(frame: Pixels, quarter_turns: int) -> Pixels:
    """Return a frame after quarter turns to the left."""
    return np.ascontiguousarray(np.rot90(frame, quarter_turns))


def _blind(score: int, *results: CheckResult) -> FaceReview:
    return FaceReview(QualityScore(score, ALGORITHM, VERSION), results, None)


_NOBODY = _blind(_NO_FACE_SCORE, CheckResult(PortraitCheck.ONE_FACE, -1, "face.no_face"))


def _total(results: tuple[CheckResult, ...]) -> int:
    failures = sum(result.is_failed for result in results)
    if failures:
        return max(_NO_EYES_SCORE + 1, _FAILED_SCORE - _PER_FAILURE * (failures - 1))
    margins = [min(1.0, result.margin) for result in results if result.margin is not None]
    return round(PASS_SCORE + (100 - PASS_SCORE) * sum(margins) / len(margins))
