"""Acts of authority: what somebody answers for with a key of his own, because it changes what a record is worth.

The signed statement travels in the events of the recording, so that whoever opens the record can hold it against the
certificate of the signer. A name that was typed or a user id in the log is no authority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.recording.capture import ExceptionInk
from fieldkit.domain.recording.positions import ExceptionMark

AUTHORITY_TYP = "fieldkit-authority+jwt"
ATTEMPTS_SPENT = "attempts_spent"
LEAD_WANTED = "record.lead_wanted"  # nothing is wrong, but the record counts only when a team lead answers for it


class Act(StrEnum):
    """What is answered for."""

    FAILURE = "failure_allowed"  # a team lead lets a step pass whose attempts are spent
    EXCEPTION = "exception_signed"  # an attendant saw why positions cannot be given
    AGAIN = "person_found_again_allowed"  # a team lead lets somebody be recorded who seems to be in another record
    SETTLED = "conflict_settled"  # a person says what holds of what two laptops kept apart
    VOUCHED = "record_vouched"  # a team lead answers for a record that lacks a signature


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `about` holds the digests of exceptions, or ids and digests of records, in order."""

    act: Act
    by: str  # user id
    session: str
    step: str
    reason: str
    at: datetime
    about: tuple[str, ...] = ()

    @property
    def payload(self) -> dict[str, object]:
        """Return it as it is signed."""
        return {
            "act": self.act.value,
            "by": self.by,
            "session": self.session,
            "step": self.step,
            "reason": self.reason,
            "at": self.at.astimezone(UTC).isoformat(),
            "about": list(self.about),
        }


@dataclass(frozen=True, slots=True)
class SignedAct:
    """A statement as it travels: a compact JWS, and the certificate of the signer as base64 of DER."""

    by: str
    jws: str
    certificate: str

    @property
    def payload(self) -> Mapping[str, str]:
        """Return what the event of the act holds of it."""
        return {"by": self.by, "signature": self.jws, "certificate": self.certificate}


# Ink of those who saw an exception: witness and second attendant sign what was noted before them, before the seal.


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
