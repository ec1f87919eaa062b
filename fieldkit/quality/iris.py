"""Judges frames of infrared cameras eye by eye, with the measures of ISO/IEC 29794-6.

As with portraits each measure yields a margin, and an eye that misses one stays below 60. What the camera cannot give
is no fault of the person: too few pixels are said and leave 60, and a small picture needs less margin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.ports.devices import LiveScore
from fieldkit.quality.circular_edge import Circle, Field, Pixels, levels_at
from fieldkit.quality.iris_finder import FoundEye, clearest_eye, find_eyes

# Whether two pictures show one and the same eye: phases of the ring between pupil and limbus, compared turn by turn.
#
# After J. Daugman, "How Iris Recognition Works" (2004): the ring is unrolled, filtered along its circles, and the signs
# of both parts of the answer are bits; of two different eyes half of them differ.

SAME = 0.22  # of the bits differ at most; docs/quality.md has the figures
_CODE_RINGS, _CODE_SPOKES = 12, 256
_INNER, _OUTER = 0.12, 0.85  # of the way from the pupil to the limbus: both borders are no fibres
_WAVES = (10.0, 0.5)  # how many fit round the eye, and how wide the filter is (sigma by frequency, log)
_TURNS = 12  # spokes to each side, 17 degrees
_LEAST = 0.35  # of the bits must be seen in both


@dataclass(frozen=True, slots=True)
class IrisCode:
    """Bits of (rings, spokes, 2), and where the lids leave the ring open, (rings, spokes)."""

    bits: NDArray[np.bool_]
    is_seen: NDArray[np.bool_]


def code_of(frame: Pixels) -> IrisCode | None:
    """Return the code of the clearest eye of a grey picture, None where no open eye is found."""
    eye = clearest_eye(frame)
    return None if eye is None else code_of_eye(frame, eye)


def are_same(one: IrisCode, other: IrisCode) -> bool:
    """Return whether two codes are of one eye; False also where too little of both is seen."""
    return distance(one, other) <= SAME


def other_eyes(
    fresh: Mapping[Position, IrisCode | None], before: Mapping[Position, IrisCode | None]
) -> dict[Position, Position]:
    """Return for each fresh picture that shows the eye of another name which one it is; `before` comes before it.

    Which of the two names is the true one no picture of a single eye tells.
    """
    found: dict[Position, Position] = {}
    known = dict(before)
    for position, code in fresh.items():
        others = (at for at, other in known.items() if at is not position and code and other and are_same(other, code))
        if (other_eye := next(others, None)) is not None:
            found[position] = other_eye
        else:
            known.setdefault(position, code)
    return found


def distance(one: IrisCode, other: IrisCode) -> float:
    """Return the share of bits that differ at the best turn of the head, 1.0 where too little is seen."""
    best = 1.0
    for turn in range(-_TURNS, _TURNS + 1):
        is_seen = one.is_seen & np.roll(other.is_seen, turn, axis=1)
        if is_seen.mean() >= _LEAST:
            differ = (one.bits ^ np.roll(other.bits, turn, axis=1))[is_seen]
            best = min(best, float(differ.mean()))
    return best


def code_of_eye(frame: Pixels, eye: FoundEye) -> IrisCode:
    """Return the code of an eye that was found in a grey picture."""
    angle = np.linspace(0, 2 * np.pi, _CODE_SPOKES, endpoint=False, dtype=np.float32)[None, :]
    way = np.linspace(_INNER, _OUTER, _CODE_RINGS, dtype=np.float32)[:, None]
    pupil, iris = eye.pupil, eye.iris
    x = (1 - way) * (pupil.x + pupil.radius * np.cos(angle)) + way * (iris.x + iris.radius * np.cos(angle))
    y = (1 - way) * (pupil.y + pupil.radius * np.sin(angle)) + way * (iris.y + iris.radius * np.sin(angle))
    ring = levels_at(np.asarray(frame, dtype=np.float32), x, y)
    across, down = (
        np.asarray(each, dtype=np.float32) for each in ((x - iris.x) / iris.radius, (y - iris.y) / iris.radius)
    )
    is_seen = eye.lids.leave_open(across, down)
    is_seen &= ring < np.percentile(ring, 99)  # the lamp's reflection
    # What is not seen is filled with its circle's level, so that its edge makes no waves.
    counted = np.maximum(is_seen.sum(axis=1, keepdims=True), 1)
    level = np.where(is_seen, ring, 0).sum(axis=1, keepdims=True) / counted
    waves = np.fft.fft(np.where(is_seen, ring - level, 0), axis=1) * _log_gabor()
    answer = np.fft.ifft(waves, axis=1)
    return IrisCode(np.stack((answer.real > 0, answer.imag > 0), axis=-1), is_seen)


def _log_gabor() -> NDArray[np.float64]:
    centre, width = _WAVES
    frequency = np.fft.fftfreq(_CODE_SPOKES, 1 / _CODE_SPOKES)
    gain = np.zeros(_CODE_SPOKES)
    gain[frequency > 0] = np.exp(-(np.log(frequency[frequency > 0] / centre) ** 2) / (2 * np.log(width) ** 2))
    return gain


# Measures an eye as ISO/IEC 29794-6:2015, clause 6 does, from its two boundaries and its lids.

_RINGS, _SPOKES = 48, 240
_BORDER_ANGLES, _COEFFICIENTS = 256, 17
_GLARE = 240
_SHARP = 1_800_000.0  # 29794-6, 6.3.7: the power at which an image is half sharp
_LOG_SIGMA, _LOG_PX = 1.4, 9
_LOG_PEAK = 40.0
_WIDE, _HIGH = 0.6, 0.2  # margins around the iris, in its radii


@dataclass(frozen=True, slots=True)
class IrisMetrics:
    """The measures of clause 6.2, all in 0–100 but `grey_scale_utilisation` (entropy, 0–8) and `iris_radius_px`.

    `pupil_roundness` is ours: the ratio of the pupil's axes, which tells a sideways look better than the circularity;
    and `interlace`: how much neighbouring lines differ against every other one, 0.6 in a picture taken at once.
    """

    usable_iris_area: float
    iris_sclera_contrast: float
    iris_pupil_contrast: float
    pupil_boundary_circularity: float
    pupil_roundness: float
    grey_scale_utilisation: float
    iris_radius_px: float
    pupil_iris_ratio: float
    iris_pupil_concentricity: float
    margin_adequacy: float
    sharpness: float
    interlace: float


def measure(frame: Pixels, eye: FoundEye) -> IrisMetrics:
    """Measure one eye of a grey picture."""
    pupil, iris = eye.pupil, eye.iris
    image = np.asarray(frame, dtype=np.float32)
    ring, is_iris = _iris_part(image, eye)
    black = _median(_disc_levels(image, pupil, 0.8), 0.0)
    grey, white = _median(ring[is_iris], black), _median(_sclera(image, eye), 0.0)
    window = crop(frame, iris)
    border = _pupil_border(image, eye)
    return IrisMetrics(
        usable_iris_area=100 * float(is_iris.mean()),
        iris_sclera_contrast=_clipped(100 * abs(white - grey) / max(1.0, white + grey - 2 * black)) if white else 0.0,
        iris_pupil_contrast=_pupil_contrast(grey, black),
        pupil_boundary_circularity=_circularity(border, pupil),
        pupil_roundness=_roundness(border),
        grey_scale_utilisation=_entropy(window),
        iris_radius_px=iris.radius,
        pupil_iris_ratio=_clipped(100 * pupil.radius / iris.radius),
        iris_pupil_concentricity=_clipped(100 * (1 - pupil.distance_to(iris) / iris.radius)),
        margin_adequacy=margin_around(iris, frame.shape[1], frame.shape[0]),
        sharpness=_sharpness(window),
        interlace=_interlace(window),
    )


def crop(frame: Pixels, iris: Circle) -> Pixels:
    """Return the iris with margins of 0.6 radii aside and 0.2 above and below (19794-6:2011, cropped image)."""
    height, width = frame.shape
    wide, high = (1 + _WIDE) * iris.radius, (1 + _HIGH) * iris.radius
    left, right = max(0, round(iris.x - wide)), min(width, round(iris.x + wide) + 1)
    top, bottom = max(0, round(iris.y - high)), min(height, round(iris.y + high) + 1)
    return np.ascontiguousarray(frame[top:bottom, left:right])


def _iris_part(image: Field, eye: FoundEye) -> tuple[Field, NDArray[np.bool_]]:
    """Unroll the iris; return its grey levels (ring, spoke) and where neither lid nor lash nor glare covers it."""
    part = (np.arange(_RINGS, dtype=np.float32)[:, None] + 0.5) / _RINGS
    spoke = np.arange(_SPOKES, dtype=np.float32)[None, :] * (2 * np.pi / _SPOKES)
    pupil, iris = eye.pupil, eye.iris
    x, y = (
        (1 - part) * (inner + pupil.radius * turn) + part * (outer + iris.radius * turn)
        for inner, outer, turn in ((pupil.x, iris.x, np.cos(spoke)), (pupil.y, iris.y, np.sin(spoke)))
    )
    levels = levels_at(image, x, y)
    is_open = eye.lids.leave_open((x - iris.x) / iris.radius, (y - iris.y) / iris.radius)
    black = _median(_disc_levels(image, pupil, 0.8), 0.0)
    middle = _median(levels[is_open], black)
    lash = black + 0.45 * (middle - black)
    within = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
    return levels, is_open & within & (levels < _GLARE) & (levels > lash)


def _sclera(image: Field, eye: FoundEye) -> Field:
    """Return grey levels of the white beside the iris, where the lids leave it open."""
    angle = np.deg2rad(np.concatenate((np.linspace(-20, 25, 24), np.linspace(155, 200, 24)))).astype(np.float32)
    out = np.linspace(1.12, 1.3, 8, dtype=np.float32)[:, None]
    x, y = out * np.cos(angle), out * np.sin(angle)
    levels = levels_at(image, eye.iris.x + eye.iris.radius * x, eye.iris.y + eye.iris.radius * y)
    return np.asarray(levels[eye.lids.leave_open(x, y)], dtype=np.float32)


def _disc_levels(image: Field, circle: Circle, part: float) -> Field:
    radius = np.linspace(0, part * circle.radius, 12, dtype=np.float32)[:, None]
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False, dtype=np.float32)[None, :]
    return levels_at(image, circle.x + radius * np.cos(angle), circle.y + radius * np.sin(angle))


def _pupil_contrast(grey: float, black: float) -> float:
    weber = abs(grey - black) / (20 + black)
    return 100 * weber / (0.75 + weber)


def _pupil_border(image: Field, eye: FoundEye) -> Field:
    """Return the points of the pupil's border that no lid covers, where the picture rises most; shape (n, 2)."""
    angle = np.linspace(0, 2 * np.pi, _BORDER_ANGLES, endpoint=False, dtype=np.float32)[:, None]
    radius = eye.pupil.radius * np.linspace(0.7, 1.3, 61, dtype=np.float32)[None, :]
    x, y = eye.pupil.x + radius * np.cos(angle), eye.pupil.y + radius * np.sin(angle)
    profiles = cv2.GaussianBlur(np.minimum(levels_at(image, x, y), _GLARE), (9, 1), 1.5)
    steepest = np.gradient(profiles, axis=1).argmax(axis=1)
    rows = np.arange(len(angle))
    at_x, at_y = x[rows, steepest], y[rows, steepest]
    iris = eye.iris
    is_open = eye.lids.leave_open((at_x - iris.x) / iris.radius, (at_y - iris.y) / iris.radius)
    return np.asarray(np.stack((at_x[is_open], at_y[is_open]), axis=1), dtype=np.float32)


def _circularity(border: Field, pupil: Circle) -> float:
    """Return 100 less the power of 16 Fourier coefficients of the border's distance, in pupil radii (6.2.4)."""
    if len(border) < _BORDER_ANGLES // 3:
        return 0.0
    away = np.hypot(border[:, 0] - pupil.x, border[:, 1] - pupil.y) / pupil.radius
    power = np.abs(np.fft.fft(away)[1:_COEFFICIENTS]) ** 2
    return _clipped(100 - float(power.sum()) / len(away))


def _roundness(border: Field) -> float:
    """Return the axes' ratio of the ellipse through the pupil's border, from which a sideways look is seen."""
    if len(border) < _BORDER_ANGLES // 3:
        return 0.0
    axes = cv2.fitEllipseDirect(border)[1]
    return 100 * min(axes) / max(1e-3, *axes)


def _entropy(window: Pixels) -> float:
    shares = np.bincount(window.ravel(), minlength=256) / max(1, window.size)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def margin_around(iris: Circle, width: int, height: int) -> float:
    """Return the margin adequacy (6.2.9) of an iris in a picture: 100 with 0.6 radii aside, 0.2 above and below."""
    wide, high = _WIDE * iris.radius, _HIGH * iris.radius
    aside = min(iris.x - iris.radius, width - iris.x - iris.radius) / wide
    over = min(iris.y - iris.radius, height - iris.y - iris.radius) / high
    return _clipped(100 * min(aside, over))


def _sharpness(window: Pixels) -> float:
    """Return how much power a Laplacian of Gaussian (9 × 9) finds, 100 x² / (x² + c²)."""
    answer = cv2.filter2D(np.asarray(window, dtype=np.float32), cv2.CV_32F, _laplacian_of_gaussian())
    power = float((answer.astype(np.float64) ** 2).mean())
    return 100 * power**2 / (power**2 + _SHARP**2)


def _interlace(window: Pixels) -> float:
    """Return how much line differs from line, in the difference of every other one: combs of two half pictures show."""
    lines = window.astype(np.int16)
    every_other = float(np.abs(lines[2:] - lines[:-2]).mean()) if len(lines) > 2 else 0.0
    return float(np.abs(np.diff(lines, axis=0)).mean()) / every_other if every_other else 0.0


def _laplacian_of_gaussian() -> Field:
    at = np.arange(_LOG_PX, dtype=np.float64) - _LOG_PX // 2
    square = (at[:, None] ** 2 + at[None, :] ** 2) / (2 * _LOG_SIGMA**2)
    kernel = -(1 - square) * np.exp(-square)
    kernel -= kernel.mean()  # an even area is no edge
    return np.asarray(kernel * (_LOG_PEAK / -kernel.min()), dtype=np.float32)


def _median(levels: Field, otherwise: float) -> float:
    return float(np.median(levels)) if levels.size else otherwise


def _clipped(value: float) -> float:
    return min(100.0, max(0.0, value))


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


# Makes the iris sample of the chosen frame.

WriteRecord = Callable[[Pixels, Position, QualityScore, datetime], bytes]


class IrisEncoder:
    """The port `FrameEncoder` for infrared cameras: crops one eye and writes an ISO/IEC 19794-6 record."""

    def __init__(self, judge: IrisJudge, write_record: WriteRecord) -> None:
        self._judge = judge
        self._write_record = write_record

    def encode(self, jpeg: bytes, position: Position, at: datetime) -> Sample:
        """Return the sample of one eye. Raise `ValueError` when the frame does not show it."""
        if position not in EYES:
            raise ValueError(f"{position} is no eye")
        frame = self._judge.pixels(jpeg)
        review = self._judge.reviews(frame, (position,)).get(position)
        if review is None:
            raise ValueError(f"{position} is not seen")
        record = self._write_record(crop(frame, review.eye.iris), position, review.score, at)
        return Sample(position, SampleFormat.ISO_19794_6, record, review.score, hints=review.hints)
