"""What a portrait must be: the background by birth year, and the checks that the camera makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldkit.domain.recording.biodata import Citizenship

ALGORITHM = "fieldkit-portrait"
"""Names the scores of portraits that this program judged itself."""


class Background(StrEnum):
    """Colour behind the subject."""

    RED = "red"
    BLUE = "blue"
    ORANGE = "orange"


def background_for(birth_date: date, citizenship: Citizenship) -> Background:
    """Return red for an odd birth year, blue for an even one, orange for a foreigner."""
    if citizenship is Citizenship.WNA:
        return Background.ORANGE
    return Background.RED if birth_date.year % 2 else Background.BLUE


class PortraitCheck(StrEnum):
    """One line of the review; its text is `face.check.<value>`."""

    ONE_FACE = "one_face"
    EYES = "eyes"
    EYES_OPEN = "eyes_open"
    GAZE = "gaze"
    RED_EYES = "red_eyes"
    FACING = "facing"
    LEVEL = "level"
    MOUTH_CLOSED = "mouth_closed"
    UNCOVERED = "uncovered"
    HEAD_INSIDE = "head_inside"
    DISTANCE = "distance"
    PLACE = "place"
    UPRIGHT = "upright"
    BACKGROUND = "background"
    BACKDROP_EVEN = "backdrop_even"
    LIGHT = "light"
    EXPOSURE = "exposure"
    SHARPNESS = "sharpness"


# The hints with which each check can fail, as they stand in `Sample.hints`.
HINTS: dict[PortraitCheck, tuple[str, ...]] = {
    PortraitCheck.ONE_FACE: ("face.no_face", "face.several_faces"),
    PortraitCheck.EYES: ("face.no_eyes",),
    PortraitCheck.EYES_OPEN: ("face.eyes_shut", "face.dark_glasses"),
    PortraitCheck.FACING: ("face.turned",),
    PortraitCheck.LEVEL: ("face.nodding",),
    PortraitCheck.MOUTH_CLOSED: ("face.mouth_open",),
    PortraitCheck.UNCOVERED: ("face.covered",),
    PortraitCheck.HEAD_INSIDE: ("face.crown_cut", "face.chin_cut"),
    PortraitCheck.DISTANCE: ("face.too_far", "face.too_close"),
    PortraitCheck.PLACE: ("face.off_centre", "face.too_high", "face.too_low"),
    PortraitCheck.UPRIGHT: ("face.tilted",),
    PortraitCheck.BACKGROUND: tuple(f"face.background_{colour}" for colour in Background),
    PortraitCheck.BACKDROP_EVEN: ("face.backdrop_uneven",),
    PortraitCheck.LIGHT: ("face.light_uneven",),
    PortraitCheck.EXPOSURE: ("face.too_dark", "face.too_bright", "face.flat"),
    PortraitCheck.SHARPNESS: ("face.blurred",),
}

# What stands in `Sample.hints` for a check that is neither good nor bad: a person has to look.
LOOK: dict[PortraitCheck, str] = {check: f"face.look.{check}" for check in PortraitCheck}


@dataclass(frozen=True, slots=True)
class Preparation:
    """What was measured and done on the way from the camera's frame to the portrait.

    `is_full_frontal` only when everything that this promises was judged and holds.
    """

    is_full_frontal: bool = False
    is_rotated: bool = False
    is_reduced: bool = False


def checked(hints: Sequence[str]) -> dict[PortraitCheck, bool | None]:
    """Return how each check ended for a sample with these hints; None where nothing could be measured."""
    unseen = {check for check, look in LOOK.items() if look in hints}
    failed = {check for check, ways in HINTS.items() if set(ways) & set(hints)}
    blind = next((check for check in (PortraitCheck.ONE_FACE, PortraitCheck.EYES) if check in failed), None)
    if blind is None:
        return {check: None if check in unseen else check not in failed for check in PortraitCheck}
    seen = list(PortraitCheck)[: list(PortraitCheck).index(blind) + 1]
    return {check: (check not in failed if check in seen else None) for check in PortraitCheck}
