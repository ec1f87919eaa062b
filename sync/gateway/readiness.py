"""Whether the gateway does its whole work. `health` says that it lives; this says what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from fieldkit.vault.certificates import valid_until
from sync.gateway.context import GatewayContext
from sync.gateway.database import count
from sync.gateway.opening.gaps import count_missing
from sync.gateway.tables import IS_ASIDE, records
from sync.protocol.messages import Readiness

_OPENER_IS_BEHIND = timedelta(hours=1)  # nobody opens, or too few do; where records come in, all goes on
_CA_ENDS_SOON = timedelta(days=3 * 365)  # the life of a kit's certificate


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record whose opening failed for a reason of ours: the class of the error and how often it was tried."""

    kit: str
    record_id: str
    error: str
    tries: int


def readiness(context: GatewayContext, stopped: Sequence[str] = ()) -> Readiness:
    """Count what waits; `stopped` names threads of ours that ended ("opener.stopped")."""
    waits = sa.and_(records.c.verdict == "", records.c.lost_at.is_(None), records.c.set_aside_at.is_(None))
    lost = records.c.lost_at.is_not(None)
    with context.reading() as connection:
        waiting, aside, missing = (count(connection, records, each) for each in (waits, _IS_SET_ASIDE, lost))
        gaps = count_missing(context, connection)
        oldest = connection.scalar(
            sa.select(records.c.received_at).where(waits).order_by(records.c.received_at).limit(1)
        )
    is_behind = oldest is not None and context.clock.now() - oldest > _OPENER_IS_BEHIND
    free = context.blobs.free_bytes()
    left = -1 if free is None else max(0, free - context.limits.reserve_bytes)
    found = {
        "records.set_aside": aside > 0,
        "objects.lost": missing > 0,
        "objects.away": context.blobs.is_away() and _has_records(context),
        "disk.full": left == 0,
    }
    problems = (*stopped, *(code for code, is_so in found.items() if is_so))
    # What only a person can clear up, or what comes to pass later; until then all of the work is done.
    # A certificate given now should not outlive the authority.
    is_ending = ca_ends_at(context) - context.clock.now() < _CA_ENDS_SOON
    told = {"opener.behind": is_behind, "chain.gap": gaps > 0, "ca.ends": is_ending}
    return Readiness(
        is_ready=not problems,
        problems=(*problems, *(code for code, is_so in told.items() if is_so)),
        waiting=waiting,
        set_aside=aside,
        lost=missing,
        gaps=gaps,
        free_bytes=left,
    )


def ca_ends_at(context: GatewayContext) -> datetime:
    """Return when the certificate of the dinas CA ends, and all that it issued with it."""
    return valid_until(context.authority.certificate_der)


def set_aside(context: GatewayContext) -> tuple[SetAside, ...]:
    """Name the records that were set aside, oldest first."""
    query = sa.select(records.c.kit, records.c.record_id, records.c.set_aside_error, records.c.tries)
    with context.reading() as connection:
        rows = connection.execute(query.where(_IS_SET_ASIDE).order_by(records.c.set_aside_at)).all()
    return tuple(SetAside(*row) for row in rows)


# Without an error it is the record that is being opened now.
_IS_SET_ASIDE = sa.and_(IS_ASIDE, records.c.set_aside_error != "")


def _has_records(context: GatewayContext) -> bool:
    with context.reading() as connection:
        return connection.execute(sa.select(records.c.kit).limit(1)).first() is not None
