"""What can be recorded of a person, in the words of ISO/IEC 2382-37 and the numbers of ISO/IEC 19794."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import canonical_json, digest_of


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


# Biometric exceptions (pengecualian biometri): why a position cannot be given, with who saw it. No diagnosis text.


class ExceptionReason(StrEnum):
    """A closed list, so that a report can count and no diagnosis is written down."""

    MISSING_FINGER = "missing_finger"
    WORN = "worn"
    BANDAGED = "bandaged"
    STIFF = "stiff"
    TREMOR = "tremor"
    MISSING_EYE = "missing_eye"
    BLIND = "blind"
    CATARACT = "cataract"
    PROSTHESIS = "prosthesis"
    EYES_CLOSED = "eyes_closed"
    UNCOOPERATIVE = "uncooperative"
    CANNOT_SIGN = "cannot_sign"


ABSENT = frozenset({ExceptionReason.MISSING_FINGER, ExceptionReason.MISSING_EYE, ExceptionReason.PROSTHESIS})
"""Reasons that say that there is nothing to capture; a sample that reads well enough speaks against them."""

_FINGER = frozenset(
    {
        ExceptionReason.MISSING_FINGER,
        ExceptionReason.WORN,
        ExceptionReason.BANDAGED,
        ExceptionReason.STIFF,
        ExceptionReason.TREMOR,
        ExceptionReason.UNCOOPERATIVE,
    }
)
_EYE = frozenset(
    {
        ExceptionReason.MISSING_EYE,
        ExceptionReason.BLIND,
        ExceptionReason.CATARACT,
        ExceptionReason.PROSTHESIS,
        ExceptionReason.EYES_CLOSED,
        ExceptionReason.TREMOR,
        ExceptionReason.UNCOOPERATIVE,
    }
)
_SIGNATURE = frozenset({ExceptionReason.CANNOT_SIGN, ExceptionReason.TREMOR, ExceptionReason.UNCOOPERATIVE})

REASONS: dict[Modality, frozenset[ExceptionReason]] = {
    Modality.FINGER: _FINGER,
    Modality.IRIS: _EYE,
    Modality.SIGNATURE: _SIGNATURE,
    Modality.FACE: frozenset(),  # a person without a photograph cannot get a card
}


class Presence(StrEnum):
    """The three words that OSIA knows for what is absent."""

    BANDAGED = "BANDAGED"
    AMPUTATED = "AMPUTATED"
    DAMAGED = "DAMAGED"


_PRESENCES = {
    ExceptionReason.BANDAGED: Presence.BANDAGED,
    ExceptionReason.MISSING_FINGER: Presence.AMPUTATED,
    ExceptionReason.MISSING_EYE: Presence.AMPUTATED,
    ExceptionReason.PROSTHESIS: Presence.AMPUTATED,
    ExceptionReason.WORN: Presence.DAMAGED,
    ExceptionReason.CATARACT: Presence.DAMAGED,
}


@dataclass(frozen=True, slots=True)
class ExceptionMark:
    """One position excepted, by whom and before whom. `witness` is somebody of the desa or the family."""

    position: Position
    reason: ExceptionReason
    attempts: int
    attendants: tuple[str, ...]
    witness: str
    at: datetime
    evidence_sample_id: str = ""  # of the photo that shows it; several marks may share one
    witness_nik: str = ""  # 16 digits, where the dinas wants them

    @property
    def digest(self) -> str:
        """Return what stands in the log for everything that was said of it, names of people too."""
        return digest_of_mark(
            {
                "position": self.position.value,
                "reason": self.reason.value,
                "attempts": self.attempts,
                "petugas": self.attendants,
                "witness": self.witness,
                "witness_nik": self.witness_nik,
                "at": self.at,
                "photo": bool(self.evidence_sample_id),
            }
        )

    @property
    def presence(self) -> Presence | None:
        """Return the OSIA word for the reason; None where none of the three is true, as of an eye that is shut."""
        return _PRESENCES.get(self.reason)


def digest_of_mark(facts: Mapping[str, object]) -> str:
    """Return the digest of an exception by the names of `ExceptionMark.digest`, wherever they were read."""
    at = facts["at"]
    moment = at.astimezone(UTC).isoformat() if isinstance(at, datetime) else str(at)
    # Without a NIK it is the digest of programs that asked for none.
    told = {name: value for name, value in facts.items() if name != "witness_nik" or value}
    return digest_of(canonical_json({**told, "at": moment}))


def demand_lead(marks: Iterable[ExceptionMark], leads: Collection[str], most: int) -> None:
    """Raise `RuleError("session.no_lead")` when more exceptions than `most` have no team lead among those who sign."""
    alone = {mark.position for mark in marks if not set(leads) & set(mark.attendants)}
    if len(alone) > most:
        raise RuleError("session.no_lead", most=most)
