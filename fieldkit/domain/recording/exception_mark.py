"""Biometric exceptions (pengecualian biometri): why a position cannot be given, with who saw it. No diagnosis text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from fieldkit.domain.errors import RuleError
from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.recording.positions import Modality, Position


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
