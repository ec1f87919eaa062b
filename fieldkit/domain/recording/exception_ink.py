"""Ink of those who saw an exception: witness and second attendant sign what was noted before them, before the seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.recording.capture_policy import ExceptionInk
from fieldkit.domain.recording.exception_mark import ExceptionMark


class InkRole(StrEnum):
    """As what somebody signs."""

    WITNESS = "witness"
    ATTENDANT = "attendant"  # the second one; the first signs the record with a key


DEMANDED: Mapping[ExceptionInk, frozenset[InkRole]] = {
    ExceptionInk.NOBODY: frozenset(),
    ExceptionInk.WITNESS: frozenset({InkRole.WITNESS}),
    ExceptionInk.BOTH: frozenset(InkRole),
}


@dataclass(frozen=True, slots=True)
class InkWanted:
    """Somebody whom exceptions name. `who` is the witness's name or the attendant's id, `marks` the digests of what
    is signed, in order.
    """

    role: InkRole
    who: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InkGiven:
    """The ink of one person; the strokes rest in the store under `sample_id`. `sha256` (hex) is that of the strokes."""

    wanted: InkWanted
    name: str  # as a person reads it
    sample_id: str
    sha256: str
    at: datetime
    device: str
    operator: str  # id of who was signed in

    @property
    def digest(self) -> str:
        """Return what stands in the log for it, names of people too."""
        return digest_of_ink(
            {
                "role": self.wanted.role.value,
                "who": self.wanted.who,
                "marks": self.wanted.marks,
                "name": self.name,
                "sha256": self.sha256,
                "at": self.at,
                "device": self.device,
                "operator": self.operator,
            }
        )


def digest_of_ink(facts: Mapping[str, object]) -> str:
    """Return the digest of an ink by the names of `InkGiven.digest`, wherever they were read."""
    at = facts["at"]
    moment = at.astimezone(UTC).isoformat() if isinstance(at, datetime) else str(at)
    return digest_of(canonical_json({**facts, "at": moment}))


def inks_wanted(marks: Iterable[ExceptionMark]) -> tuple[InkWanted, ...]:
    """Return whose ink exceptions may have, witnesses first; each signs all that names him."""
    found: dict[tuple[InkRole, str], list[str]] = {}
    for mark in marks:
        found.setdefault((InkRole.WITNESS, mark.witness.strip()), []).append(mark.digest)
        for second in mark.attendants[1:]:
            found.setdefault((InkRole.ATTENDANT, second), []).append(mark.digest)
    people = sorted(found.items(), key=lambda each: each[0][0] is not InkRole.WITNESS)
    return tuple(InkWanted(role, who, tuple(sorted(digests))) for (role, who), digests in people)
