"""Uniqueness of a person (penunggalan), behind a port: in real life an external ABIS, here the rule of the NIK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from fieldkit.domain.delivery.central_status import CentralCode, is_dead
from sync.gateway.tables import records, statuses

TRIAL_SOURCE = "uji coba"
TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Submission:
    """What penunggalan needs of an opened record. `nik_mac` is the keyed hash of the NIK, "" without one."""

    kit: str
    record_id: str
    nik_mac: str
    amends: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The status that follows from the search, and who says so."""

    code: CentralCode
    source: str


class Penunggalan(Protocol):
    """Decides whether a person is in the population already; what is said before that bears its source too."""

    @property
    def found_valid(self) -> Decision:
        """The status of a record that opened and agrees."""
        ...

    @property
    def found_invalid(self) -> Decision:
        """The status of a record that does not."""
        ...

    def decide(self, connection: sa.Connection, submission: Submission) -> Decision | None:
        """Return the decision, None when it comes later through another channel."""
        ...


_MOST_EARLIER = 100  # of one NIK: whoever has so many that are all dead is looked at no further


class NikRule:
    """The embedded one, for trying it out: a NIK that came before is a duplicate.

    Not so when the earlier record failed, was deleted or is amended.
    """

    found_valid = Decision(CentralCode.RECEIVED_AT_CENTRAL, TRIAL_SOURCE)
    found_invalid = Decision(CentralCode.ENROLL_FAILURE_AT_CENTRAL, TRIAL_SOURCE)

    def decide(self, connection: sa.Connection, submission: Submission) -> Decision | None:
        """Return DUPLICATE_RECORD or PRINT_READY_RECORD, marked as a trial; None of somebody without a NIK."""
        if not submission.nik_mac:
            return None
        later = records.alias()
        is_amended = sa.exists().where(later.c.amends == records.c.record_id)
        is_itself = sa.and_(records.c.kit == submission.kit, records.c.record_id == submission.record_id)
        earlier = connection.execute(
            sa.select(records.c.kit, records.c.record_id)
            .where(records.c.nik_mac == submission.nik_mac, sa.not_(is_itself))
            .where(records.c.record_id != submission.amends, sa.not_(is_amended))
            .order_by(records.c.received_at.desc())
            .limit(_MOST_EARLIER)
        ).all()
        is_duplicate = any(not is_dead(_last_code(connection, *names)) for names in earlier)
        code = CentralCode.DUPLICATE_RECORD if is_duplicate else CentralCode.PRINT_READY_RECORD
        return Decision(code, TRIAL_SOURCE)


def _last_code(connection: sa.Connection, kit: str, record_id: str) -> str:
    query = sa.select(statuses.c.code).filter_by(kit=kit, record_id=record_id).order_by(statuses.c.cursor.desc())
    return connection.scalar(query.limit(1)) or ""


class DecidedElsewhere:
    """Leaves the decision to an external system, whose answer comes later by the way onward.

    Until then this office says no more than it did: the record is whole and is being prepared for sending.
    """

    def __init__(self, office: str) -> None:
        self.found_valid = Decision(CentralCode.PROCESSING, office[:64])
        self.found_invalid = Decision(CentralCode.ENROLL_FAILURE_AT_REGIONAL, office[:64])

    def decide(self, connection: sa.Connection, submission: Submission) -> Decision | None:  # noqa: ARG002
        """Return None."""
        return None


def penunggalan_named(name: str, office: str) -> Penunggalan:
    """Return the one that a gateway's settings name: "trial", else nobody decides here."""
    return NikRule() if name == TRIAL else DecidedElsewhere(office)
