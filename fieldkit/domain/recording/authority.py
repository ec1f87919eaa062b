"""Acts of authority: what somebody answers for with a key of his own, because it changes what a record is worth.

The signed statement travels in the events of the recording, so that whoever opens the record can hold it against the
certificate of the signer. A name that was typed or a user id in the log is no authority.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

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
