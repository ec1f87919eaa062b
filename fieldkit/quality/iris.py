"""Judges frames of infrared cameras eye by eye, with the measures of ISO/IEC 29794-6.

As with portraits each measure yields a margin, and an eye that misses one stays below 60. What the camera cannot give
is no fault of the person: too few pixels are said and leave 60, and a small picture needs less margin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import QualityScore
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.circular_edge import Circle, Pixels
from fieldkit.quality.iris_finder import FoundEye, find_eyes
from fieldkit.quality.iris_metrics import IrisMetrics, margin_around, measure

ALGORITHM = "fieldkit-iris"
VERSION = "2"
PASS_SCORE = 60

_FAILED_SCORE, _PER_FAILURE, _SEEN_SCORE = 55, 8, 10
_WIDTH, _HEIGHT = 640, 480  # of a capture by ISO/IEC 19794-6; the iris of a smaller one cannot have its radius
_TOO_FAR, _LOW_RESOLUTION = "iris.too_far", "iris.low_resolution"
# By ISO/IEC 29794-6; of the pictures of a sensor of 320 × 280 (CASIA) half have less than 60, for the iris fills them:
# there it counts when the iris touches the border.
_LEAST_MARGIN, _LEAST_MARGIN_OF_SMALL = 80, 5
_ALONE = 2.5  # in iris radii: the eyes of a face lie ten apart, so an eye this near the middle is a picture of its own

# The limit of each measure, and where more does not help any more.
_LIMITS: tuple[tuple[Callable[[IrisMetrics], float], float, float, str], ...] = (
    (lambda m: m.iris_radius_px, 80, 105, _TOO_FAR),
    (lambda m: m.usable_iris_area, 70, 95, "iris.lids_cover"),
    (lambda m: m.sharpness, 10, 35, "iris.blurred"),
    (lambda m: -m.interlace, -1.15, -0.7, "iris.interlaced"),
    (lambda m: m.iris_pupil_concentricity, 90, 99, "iris.looks_aside"),
    (lambda m: m.pupil_roundness, 85, 98, "iris.looks_aside"),
    (lambda m: m.pupil_iris_ratio, 20, 30, "iris.pupil_small"),
    (lambda m: -m.pupil_iris_ratio, -70, -60, "iris.pupil_wide"),
    (lambda m: m.iris_pupil_contrast, 30, 65, "iris.pupil_faint"),
    (lambda m: m.iris_sclera_contrast, 5, 18, "iris.edge_faint"),
    (lambda m: m.grey_scale_utilisation, 6, 6.8, "iris.flat"),
)


@dataclass(frozen=True, slots=True)
class IrisReview:
    """One eye of a frame with its score and what would make it better, the first cause first."""

    eye: FoundEye
    metrics: IrisMetrics
    score: QualityScore
    hints: tuple[str, ...]


class IrisJudge:
    """The port `IrisScorer`. `decode` turns a picture into grey pixels and raises `InputError`."""

    def __init__(self, decode: Callable[[bytes], Pixels]) -> None:
        self._decode = decode

    def score_eyes(self, jpeg: bytes, positions: Sequence[Position]) -> Mapping[Position, LiveScore]:
        """Score the wanted eyes that a frame shows. Raise `ValueError` when it is no image."""
        reviews = self.reviews(self.pixels(jpeg), positions)
        return {position: LiveScore(review.score.value, review.hints) for position, review in reviews.items()}

    def pixels(self, jpeg: bytes) -> Pixels:
        """Return the grey pixels of a frame. Raise `ValueError` when it is no image."""
        try:
            return self._decode(jpeg)
        except InputError as damage:
            raise ValueError("not an image") from damage

    def reviews(self, frame: Pixels, positions: Sequence[Position]) -> Mapping[Position, IrisReview]:
        """Review the wanted eyes that a frame shows."""
        seen = _by_position(find_eyes(frame), frame.shape[1], positions)
        return {position: review(frame, eye) for position, eye in seen.items() if position in positions}


def review(frame: Pixels, eye: FoundEye) -> IrisReview:
    """Judge one eye of a grey frame."""
    metrics = measure(frame, eye)
    margins = [((take(metrics) - limit) / (best - limit), hint) for take, limit, best, hint in _LIMITS]
    is_small = frame.shape[0] < _HEIGHT or frame.shape[1] < _WIDTH
    margins = [_place(metrics, frame, eye, is_small=is_small), *margins]
    missed = dict.fromkeys(hint for margin, hint in margins if margin < 0)
    hints = tuple(_LOW_RESOLUTION if is_small and hint == _TOO_FAR else hint for hint in missed)
    failures = sum(hint != _LOW_RESOLUTION for hint in hints)
    if failures:
        value = max(_SEEN_SCORE, _FAILED_SCORE - _PER_FAILURE * (failures - 1))
    elif hints:
        value = PASS_SCORE
    else:
        value = PASS_SCORE + round((100 - PASS_SCORE) * sum(min(1.0, m) for m, _ in margins) / len(margins))
    return IrisReview(eye, metrics, QualityScore(value, ALGORITHM, VERSION), hints)


def _place(metrics: IrisMetrics, frame: Pixels, eye: FoundEye, *, is_small: bool) -> tuple[float, str]:
    """Return the margin of the place in the picture; a small sensor sees an eye and little around it."""
    height, width = frame.shape
    limit = _LEAST_MARGIN_OF_SMALL if is_small else _LEAST_MARGIN
    most = margin_around(Circle(width / 2, height / 2, eye.iris.radius), width, height)
    is_near = most < limit  # even in the middle there would be too little
    margin = most if is_near else metrics.margin_adequacy
    return (margin - limit) / (100 - limit), "iris.too_near" if is_near else "iris.off_centre"


def _by_position(eyes: Sequence[FoundEye], width: int, positions: Sequence[Position]) -> dict[Position, FoundEye]:
    """Tell right from left: the camera faces the person, so the right eye is on the left of the picture.

    An eye alone in the middle is the first of those that are wanted: a camera for one eye cannot know which it sees.
    """
    if len(eyes) == 1 and positions and abs(eyes[0].iris.x - width / 2) < _ALONE * eyes[0].iris.radius:
        return {positions[0]: eyes[0]}
    return dict(_sided(eyes, width))


def _sided(eyes: Sequence[FoundEye], width: int) -> Iterator[tuple[Position, FoundEye]]:
    if len(eyes) == 2:
        yield from zip((Position.EYE_RIGHT, Position.EYE_LEFT), eyes, strict=True)
    for eye in eyes[: len(eyes) % 2]:
        yield (Position.EYE_RIGHT if eye.iris.x < width / 2 else Position.EYE_LEFT), eye
