"""What can be recorded of a person, in the words of ISO/IEC 2382-37 and the numbers of ISO/IEC 19794."""

from __future__ import annotations

from enum import StrEnum


class Modality(StrEnum):
    """A kind of biometric characteristic; the signature travels with them."""

    FINGER = "finger"
    IRIS = "iris"
    FACE = "face"
    SIGNATURE = "signature"


class Position(StrEnum):
    """One thing that is captured. The values are the OSIA 1.3.0 sub-types, and the file names of a subject folder."""

    RIGHT_THUMB = "RIGHT_THUMB"
    RIGHT_INDEX = "RIGHT_INDEX"
    RIGHT_MIDDLE = "RIGHT_MIDDLE"
    RIGHT_RING = "RIGHT_RING"
    RIGHT_LITTLE = "RIGHT_LITTLE"
    LEFT_THUMB = "LEFT_THUMB"
    LEFT_INDEX = "LEFT_INDEX"
    LEFT_MIDDLE = "LEFT_MIDDLE"
    LEFT_RING = "LEFT_RING"
    LEFT_LITTLE = "LEFT_LITTLE"
    EYE_RIGHT = "EYE_RIGHT"
    EYE_LEFT = "EYE_LEFT"
    PORTRAIT = "PORTRAIT"
    SIGNATURE = "SIGNATURE"

    @property
    def modality(self) -> Modality:
        """Return the modality that this position belongs to."""
        if self in FINGERS:
            return Modality.FINGER
        if self in EYES:
            return Modality.IRIS
        return Modality.FACE if self is Position.PORTRAIT else Modality.SIGNATURE

    @property
    def finger_code(self) -> int:
        """Return the finger position code 1–10 (ISO/IEC 19794-4:2011, table 6)."""
        return FINGERS.index(self) + 1


FINGERS: tuple[Position, ...] = tuple(Position)[:10]
EYES: tuple[Position, ...] = (Position.EYE_RIGHT, Position.EYE_LEFT)
RIGHT_FOUR: tuple[Position, ...] = FINGERS[1:5]
LEFT_FOUR: tuple[Position, ...] = FINGERS[6:10]
THUMBS: tuple[Position, ...] = (Position.RIGHT_THUMB, Position.LEFT_THUMB)
INDEX_FINGERS: tuple[Position, ...] = (Position.RIGHT_INDEX, Position.LEFT_INDEX)
