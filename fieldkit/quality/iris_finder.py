"""Finds eyes in an infrared picture: dark round things first, then both boundaries around each.

Plain Hough circles miss by tens of pixels; the integro-differential search does not, once it starts near the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.circular_edge import Circle, Edge, Field, Pixels, Search, levels_at, strongest_edge
from fieldkit.quality.eye_profile import EyeProfile, Lids, eye_profile, find_lids

# Finds the middles of dark round things by voting along gradients (radial symmetry, Loy and Zelinsky 2003).
#
# A glint inside a pupil, lashes over it or a lid that cuts it take some of the votes, never all.

_SMALLEST_PX, _LARGEST, _NEXT = 3.0, 0.3, 1.22  # radii: the first, of the short side, from one to the next
_VOTING = 74  # percentile of the gradient over which a pixel votes
_FAINTEST = 5.0  # gradient that is a mere trace of noise
_BLUR, _SPREAD = 1.2, 0.12
_PER_RADIUS = 3
_APART = 0.4  # of the smaller radius


def dark_centres(image: Pixels, most: int) -> tuple[Circle, ...]:
    """Return up to `most` circles that are darker than what surrounds them, the clearest first."""
    found: list[tuple[float, Circle]] = []
    for radius, votes in _votes(image):
        for _ in range(_PER_RADIUS):
            _, value, _, (x, y) = cv2.minMaxLoc(votes)
            found.append((value, Circle(float(x), float(y), radius)))
            cv2.circle(votes, (x, y), max(3, int(radius / 2)), 0, -1)
    found.sort(key=lambda scored: -scored[0])
    kept: list[Circle] = []
    for _, circle in found:
        if len(kept) < most and all(circle.distance_to(k) >= _APART * min(k.radius, circle.radius) for k in kept):
            kept.append(circle)
    return tuple(kept)


def _votes(image: Pixels) -> Iterator[tuple[float, Field]]:
    """Yield for each radius how much of such a circle lies around every pixel, 1 when all of it does."""
    height, width = image.shape
    smooth = cv2.GaussianBlur(np.asarray(image, dtype=np.float32), (0, 0), _BLUR)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steep = cv2.magnitude(across, down)
    voting = steep > max(_FAINTEST, float(np.percentile(steep[::2, ::2], _VOTING)))
    y, x = np.nonzero(voting)
    if not len(x):
        return
    x_part, y_part = across[voting] / steep[voting], down[voting] / steep[voting]
    radius = _SMALLEST_PX
    while radius < _LARGEST * min(height, width):
        at_x, at_y = np.rint(x - radius * x_part).astype(np.int32), np.rint(y - radius * y_part).astype(np.int32)
        inside = (at_x >= 0) & (at_y >= 0) & (at_x < width) & (at_y < height)
        counts = np.bincount(at_y[inside] * width + at_x[inside], minlength=height * width)
        spread = max(1.0, _SPREAD * radius)
        votes = cv2.GaussianBlur(counts.reshape(height, width).astype(np.float32), (0, 0), spread)
        yield radius, np.asarray(votes * (spread**2 / radius), dtype=np.float32)
        radius *= _NEXT


SEARCH_AREA_PX = 110_000  # every picture is looked through at about this size
CONCENTRIC = 0.2  # |iris centre - pupil centre| < 0.2 iris radii

_GLINT, _LIT = 30, 0.75  # grey levels over what surrounds it; of the brightest
_GLINTS_BY_SIDE = (0.08, 0.16)  # widest spot by the picture's short side; big ones take longer and hide small eyes
_CLEAR = 40.0  # a score that needs no second look
_WHITE, _PUPIL_REACH = 225, 1.3  # of 255; in pupil radii
_LARGEST_SCALE, _REACH = 4.0, 0.55  # of the picture, and of its long side
_POSSIBLE, _LIKELY, _MIN_SCORE = 8.0, 4, 34.0  # at first sight, how many of them, and from the pupil's middle
_MIN_PUPIL_EDGE, _MIN_LIMBUS_EDGE = 3.0, 1.5  # grey levels, of the weaker side
_PUPIL_SPAN, _LIMBUS_SPAN = (0.75, 1.3), (0.85, 1.18)  # around what the profile said
_PUPIL_ARC = (-40.0, 60.0)
_LIMBUS_ARC = (-25.0, 45.0)
_FIT_ANGLES, _FIT_RINGS, _FIT_ROUNDS = 90, 41, 4
_FIT_ARC = (-40.0, 75.0)
_FIT_WIDTH, _FIT_CAP, _FIT_LOOSE = 0.05, 30.0, 0.03  # of the radius, grey levels, of the radius
_PULL = 0.02
_MOST_EYES = 2
_MOST_CANDIDATES = 12
_SIMILAR = 0.5  # two eyes of one person have irises of about one size in one picture
_AS_LIKELY = 0.5  # of the better eye's score


@dataclass(frozen=True, slots=True)
class FoundEye:
    """An open eye: both boundaries, the lids, and how much speaks for it being an eye."""

    pupil: Circle
    iris: Circle
    lids: Lids
    clarity: float


def find_eyes(frame: Pixels) -> tuple[FoundEye, ...]:
    """Return the open eyes of a grey picture from left to right, at most two."""
    scale = min(_LARGEST_SCALE, (SEARCH_AREA_PX / frame.size) ** 0.5)
    small = np.asarray(cv2.resize(frame, None, fx=scale, fy=scale, interpolation=_resampling(scale)), dtype=np.uint8)
    best = _looked_through(frame, small, scale, _GLINTS_BY_SIDE[0])
    if best and best[0].clarity >= _CLEAR:
        return _from_left(best)
    again = _looked_through(frame, small, scale, _GLINTS_BY_SIDE[1])
    return _from_left(max(best, again, key=lambda found: found[0].clarity if found else 0.0))


def clearest_eye(frame: Pixels) -> FoundEye | None:
    """Return the eye of a picture that is of one eye, None where no open one is found."""
    return max(find_eyes(frame), key=lambda eye: eye.clarity, default=None)


def _from_left(eyes: Sequence[FoundEye]) -> tuple[FoundEye, ...]:
    return tuple(sorted(eyes, key=lambda eye: eye.iris.x))


def _looked_through(frame: Pixels, small: Pixels, scale: float, glints_by_side: float) -> list[FoundEye]:
    """Return the eyes of a picture, the likeliest first; `small` is the frame times `scale`."""
    around, glints = _glints(small, glints_by_side)
    plain = np.where(glints > 0, around, small).astype(np.uint8)
    smooth = np.asarray(cv2.GaussianBlur(plain, (0, 0), 1.0), dtype=np.float32)
    reach_px = _REACH * max(small.shape)
    seen = [(at, eye_profile(smooth, at.x, at.y, reach_px)) for at in dark_centres(plain, _MOST_CANDIDATES)]
    likely = sorted(((at, p) for at, p in seen if p is not None), key=lambda each: -each[1].score)[:_LIKELY]
    rough = [_centred(smooth, at, profile, reach_px) for at, profile in likely if profile.score > _POSSIBLE]
    rough = [each for each in rough if each[1].score > _MIN_SCORE]
    rough.sort(key=lambda each: -each[1].score)
    found: list[FoundEye] = []
    for centre, profile in rough:
        if len(found) == _MOST_EYES or (found and profile.score < _AS_LIKELY * found[0].clarity):
            break
        at = Circle((centre.x + 0.5) / scale - 0.5, (centre.y + 0.5) / scale - 0.5, profile.pupil_px / scale)
        if any(eye.iris.distance_to(at) < eye.iris.radius for eye in found):
            continue
        image = np.asarray(cv2.GaussianBlur(_painted(frame, around, glints, at), (0, 0), 1.5), dtype=np.float32)
        eye = _eye_around(image, at, profile.iris_px / scale, profile.score)
        if eye is not None and _fits(eye, found):
            found.append(eye)
    return found


def _centred(image: Field, at: Circle, profile: EyeProfile, reach_px: float) -> tuple[Circle, EyeProfile]:
    """Look again from the middle of the pupil: what was an eye becomes a clearer one."""
    pupil = _searched(image, Circle(at.x, at.y, profile.pupil_px), profile.pupil_px, _PUPIL_SPAN, _PUPIL_ARC).circle
    again = eye_profile(image, pupil.x, pupil.y, reach_px)
    return (pupil, again) if again is not None and again.score > profile.score else (at, profile)


def _glints(small: Pixels, width_by_side: float) -> tuple[Pixels, Pixels]:
    """Return what surrounds each spot of light and where they are (1); gaps between lashes are darker."""
    width = max(5, round(width_by_side * min(small.shape)) | 1)
    around = np.asarray(cv2.morphologyEx(small, cv2.MORPH_OPEN, _disc(width)), dtype=np.uint8)
    raised = (cv2.subtract(small, around) > _GLINT).astype(np.uint8)
    lit = raised & (small > _LIT * float(small.max()))
    rim = cv2.dilate(lit, _disc(max(5, width // 3 | 1)))
    return around, np.asarray(cv2.dilate(cv2.bitwise_and(raised, rim), _disc(3)), dtype=np.uint8)


def _painted(frame: Pixels, around: Pixels, glints: Pixels, pupil: Circle) -> Pixels:
    """Paint the frame's glints over: the white ones, and in and at the pupil all that is bright."""
    size = (frame.shape[1], frame.shape[0])
    mask = cv2.resize(cv2.dilate(glints, _disc(3)), size, interpolation=cv2.INTER_NEAREST)
    near = np.zeros_like(frame)
    cv2.circle(near, (round(pupil.x), round(pupil.y)), round(_PUPIL_REACH * pupil.radius), 1, -1)
    is_glint = (mask > 0) & ((near > 0) | (cv2.dilate(frame, _disc(7)) > _WHITE))
    return np.where(is_glint, cv2.resize(around, size), frame).astype(np.uint8)


def _fits(eye: FoundEye, found: list[FoundEye]) -> bool:
    """Tell whether an eye may stand beside those that were found: apart from them, and of about their size."""
    return all(
        eye.iris.distance_to(other.iris) > eye.iris.radius + other.iris.radius
        and abs(eye.iris.radius / other.iris.radius - 1) < _SIMILAR
        for other in found
    )


def _eye_around(image: Field, guess: Circle, iris_px: float, score: float) -> FoundEye | None:
    pupil = _searched(image, guess, guess.radius, _PUPIL_SPAN, _PUPIL_ARC)
    if pupil.weaker_side < _MIN_PUPIL_EDGE:
        return None
    limbus = _searched(image, pupil.circle, iris_px, _LIMBUS_SPAN, _LIMBUS_ARC)
    if limbus.weaker_side < _MIN_LIMBUS_EDGE:
        return None
    lids = find_lids(image, pupil.circle, limbus.circle)
    iris = _fitted(image, pupil.circle, limbus.circle, lids)
    return FoundEye(pupil.circle, iris, lids, score)


def _searched(
    image: Field, centre: Circle, radius: float, span: tuple[float, float], arc_deg: tuple[float, float]
) -> Edge:
    low, high = (part * radius for part in span)
    return strongest_edge(image, Search(centre, (max(2.0, low - 1), high + 1), CONCENTRIC, arc_deg))


def _fitted(image: Field, pupil: Circle, iris: Circle, lids: Lids) -> Circle:
    """Lay the circle through the border's points that no lid covers, however many lashes cross it."""
    angle = np.linspace(0, 2 * np.pi, _FIT_ANGLES, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    is_open = lids.leave_open(np.asarray(cos, np.float32), np.asarray(sin, np.float32))
    is_open &= (np.rad2deg(np.arcsin(sin)) > _FIT_ARC[0]) & (np.rad2deg(np.arcsin(sin)) < _FIT_ARC[1])
    if is_open.sum() < _FIT_ANGLES // 6:
        return iris
    cos, sin = cos[is_open], sin[is_open]
    radii = iris.radius * np.linspace(*_LIMBUS_SPAN, _FIT_RINGS)
    outer, inner = (
        levels_at(image, iris.x + part * radii[None] * cos[:, None], iris.y + part * radii[None] * sin[:, None])
        for part in (1 + _FIT_WIDTH, 1 - _FIT_WIDTH)
    )
    rise = np.clip(outer - inner, -_FIT_CAP, _FIT_CAP)
    # The whole ring weighs in, so that an angle without a clear border follows the others.
    steepest = (rise + rise.mean(axis=0)).argmax(axis=1)
    at = radii[steepest]
    weight = np.clip(rise[np.arange(len(at)), steepest], 0.1, None)
    points = np.stack((iris.x + at * cos, iris.y + at * sin))
    fitted = iris
    for _ in range(_FIT_ROUNDS):
        away = np.hypot(points[0] - fitted.x, points[1] - fitted.y) - fitted.radius
        trust = weight / (1 + (away / (_FIT_LOOSE * iris.radius)) ** 2) ** 2
        fitted = _circle_through(points, trust, pupil)
    is_near = fitted.distance_to(pupil) < CONCENTRIC * fitted.radius
    return fitted if is_near and _LIMBUS_SPAN[0] < fitted.radius / iris.radius < _LIMBUS_SPAN[1] else iris


def _circle_through(points: NDArray[np.float64], trust: NDArray[np.float64], pupil: Circle) -> Circle:
    """Return the circle of least squares through points, shape (2, n), drawn a little to the pupil's middle."""
    x, y = points[0] - pupil.x, points[1] - pupil.y
    square = x**2 + y**2
    scale = float(np.sqrt(square.mean()))
    left = np.stack((2 * x, 2 * y, np.ones_like(x)), axis=1)
    pull = np.diag((_PULL * trust.sum() * scale**2, _PULL * trust.sum() * scale**2, 0.0))
    middle_x, middle_y, rest = np.linalg.solve(left.T @ (trust[:, None] * left) + pull, left.T @ (trust * square))
    radius = float(np.sqrt(max(1.0, rest + middle_x**2 + middle_y**2)))
    return Circle(pupil.x + float(middle_x), pupil.y + float(middle_y), radius)


def _resampling(scale: float) -> int:
    return cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR


def _disc(size: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)
