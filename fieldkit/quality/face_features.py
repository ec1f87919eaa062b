"""What shows in a face, measured relative to its own skin: open eyes, lips, what covers it, which way it is turned.

All of it is read from the passport frame at 360 pixels (`portrait_crop`): the eyes lie 90 pixels apart at (135, 216)
and (225, 216). Distances are in eye distances, greys relative to the grey of the skin, colours are CIE Lab a* and b*
relative to the skin, so that no measure depends on how light or dark somebody is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.face_finder import Pixels, iris_contrast

FRAME_WIDTH = 360  # of the passport frame in which everything is measured
_DISTANCE = 90
_EYE_ROW, _EYE_COLUMNS, _MIDDLE = 216, (135, 225), 180
_BRIDGE = (slice(205, 243), slice(168, 192))  # of the nose: neither hair, beard, mask nor veil reach there
_LOWER = (slice(_EYE_ROW + 40, _EYE_ROW + 144), slice(105, 255))
_LIP_ROWS = slice(_EYE_ROW + 68, _EYE_ROW + 138)
_SAME_SKIN = 14.0  # distance in a*, b* within which skin in one light lies
_DARK_SHARE = 0.5  # of the grey of the skin: hair, brows, pupils and shadows are darker
_LEAST_REDNESS = 3.5  # in a*: lips have 8 to 17 more than the skin around them, a hand has 0.6 at most
_LEAST_ROWS = 6  # of lips
_LIP_SHARE = 0.4  # of the most reddened row
_FOOT = _LOWER[0].stop
_CONTOUR_ROWS = range(_EYE_ROW + 9, _EYE_ROW + 84, 5)
_WIDTHS = (1.45, 2.75)  # plausible widths of a face between its contours, in eye distances
_OTHER_THAN_WALL = 14.0  # ΔE from the backdrop

Layer = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceFeatures:
    """Measures of one face; None where nothing can be told.

    `iris_contrast` is that of the poorer eye (0.45 and more open, 0.3 and less shut), `eye_darkness` the grey of the
    lighter eye region, `eye_white` the level 0 … 255 of the brightest in the eyes, `redness` how much redder the lips
    are, `mouth_gap` what lies open between them, `covered` the share of the lower face in another colour, `asymmetry`
    how much nearer one contour is (0.07 at 10°, 0.2 at 20° of yaw), `crown` the rows between the upper edge and the
    head.
    """

    skin: float
    iris_contrast: float
    eye_darkness: float
    eye_white: float
    redness: float | None
    mouth_gap: float | None
    covered: float
    darkened: float
    asymmetry: float | None
    crown: float | None


def measure(portrait: Pixels) -> FaceFeatures:
    """Return what shows in a passport frame, shape (480, 360, 3), RGB."""
    portrait = portrait[:_FOOT]  # what lies below tells nothing
    lab = np.asarray(cv2.cvtColor(portrait.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)
    grey = np.asarray(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), np.float32)
    skin = max(1.0, float(np.median(grey[_BRIDGE])))
    tone = np.median(lab[_BRIDGE].reshape(-1, 3), axis=0)
    away = lab - tone
    relative = grey / skin
    eyes = [_around(relative, column) for column in _EYE_COLUMNS]
    redness, gap = _mouth(relative, away, has_colour=float(np.hypot(*tone[1:])) > 4)
    is_dark = relative <= _DARK_SHARE
    is_skin = (cv2.magnitude(*cv2.split(away)[1:]) < _SAME_SKIN) & ~is_dark
    is_face = _lower_oval()
    return FaceFeatures(
        skin=skin,
        iris_contrast=min(iris_contrast(eye, _DISTANCE)[0] for eye in eyes),
        eye_darkness=max(float(np.median(eye[20:41, 20:41])) for eye in eyes),
        eye_white=_white(portrait),
        redness=redness,
        mouth_gap=gap,
        covered=float((~is_skin & ~is_dark)[_LOWER][is_face].mean()),
        darkened=float(is_dark[_LOWER][is_face].mean()),
        asymmetry=_asymmetry(is_skin),
        crown=_crown(lab),
    )


def _around(relative: Layer, column: int) -> Layer:
    return relative[_EYE_ROW - 30 : _EYE_ROW + 31, column - 30 : column + 31]


def _white(portrait: Pixels) -> float:
    """Return the brightest channel of the eyes, glints left out: the white of an eye is white whatever the skin."""
    parts = [portrait[_EYE_ROW - 6 : _EYE_ROW + 7, column - 20 : column + 21] for column in _EYE_COLUMNS]
    return float(min(np.percentile(part.max(axis=2), 90) for part in parts))


def _mouth(relative: Layer, colours: Layer, *, has_colour: bool) -> tuple[float | None, float | None]:
    """Return how red the lips are and how far they are apart; None for what a picture without colours cannot tell."""
    if not has_colour:
        return None, None
    columns = slice(_MIDDLE - 12, _MIDDLE + 13)
    rows = cv2.blur(colours[_LIP_ROWS, columns], (1, 3)).mean(axis=1)
    greys = relative[_LIP_ROWS, columns].mean(axis=1)
    red = rows[:, 1]
    most = float(np.sort(red)[-_LEAST_ROWS])  # a strip between two fingers is no lip
    if most < _LEAST_REDNESS:
        return most, None
    is_lip = (red >= _LIP_SHARE * most) & (greys > 0.4)
    lips = np.flatnonzero(is_lip)
    gaps = np.diff(lips) - 1
    return most, float(gaps.max(initial=0)) / _DISTANCE


@cache
def _lower_oval() -> NDArray[np.bool_]:
    rows, columns = np.mgrid[_LOWER]
    return np.asarray(((columns - _MIDDLE) / 72) ** 2 + ((rows - _EYE_ROW - 70) / 78) ** 2 < 1)


def _asymmetry(is_skin: NDArray[np.bool_]) -> float | None:
    """Return how unequal the face's contours lie left and right of the middle between the eyes, -1 … 1."""
    opened = cv2.morphologyEx(is_skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    sides = np.array([(_reach(opened[row], -1), _reach(opened[row], 1)) for row in _CONTOUR_ROWS], np.float64)
    right, left = np.median(sides, axis=0)
    if not _WIDTHS[0] <= (right + left) / _DISTANCE <= _WIDTHS[1]:
        return None  # a veil in the colour of the skin, or hardly any skin
    return float((left - right) / (left + right))


def _reach(row: Pixels, step: int) -> int:
    """Return how far the skin goes from the middle of a row; gaps below eight pixels are passed over."""
    line = row[_MIDDLE + 30 * step :: step].astype(bool)
    places = np.flatnonzero(line)
    if not len(places):
        return 30
    ends = np.flatnonzero(np.diff(places) > 8)
    return 30 + int(places[ends[0]] if len(ends) else places[-1])


def _crown(lab: Layer) -> float | None:
    """Return how many eye distances lie between the upper edge and the head; None without an even backdrop."""
    corners = np.concatenate([lab[:120, :26].reshape(-1, 3), lab[:120, -26:].reshape(-1, 3)])
    wall = np.median(corners, axis=0)
    if float(np.percentile(np.linalg.norm(corners - wall, axis=1), 90)) > _OTHER_THAN_WALL:
        return None
    column = np.linalg.norm(lab[: _EYE_ROW - 40, _MIDDLE - 45 : _MIDDLE + 45] - wall, axis=2) > _OTHER_THAN_WALL
    rows = np.flatnonzero(column.mean(axis=1) > 0.3)
    return float(rows[0]) / _DISTANCE if len(rows) else None
