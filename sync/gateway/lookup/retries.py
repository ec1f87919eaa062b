"""Trying again what stopped: records that were set aside at opening, and those that did not get onward."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa

from fieldkit.ports.onward import OnwardState
from sync.gateway.tables import onward, records

_IS_ASIDE = sa.and_(
    records.c.verdict == "",
    records.c.lost_at.is_(None),
    records.c.set_aside_at.is_not(None),
    records.c.set_aside_error != "",
)


def open_again(connection: sa.Connection, record_ids: Collection[str] = ()) -> Sequence[str]:
    """Let records that were set aside wait for an opener again, all or those named; return their ids."""
    named = records.c.record_id.in_(record_ids) if record_ids else sa.true()
    found = list(connection.scalars(sa.select(records.c.record_id).where(_IS_ASIDE, named)))
    values = {"set_aside_at": None, "set_aside_error": "", "tries": 0}
    connection.execute(sa.update(records).where(_IS_ASIDE, named).values(values))
    return found


def hand_on_again(
    connection: sa.Connection, states: Collection[OnwardState], now: datetime, record_ids: Collection[str] = ()
) -> Sequence[str]:
    """Queue records in these states again, all or those named, and return their ids.

    What the other side had an answer to is a new transaction; what waits keeps its own and is tried now.
    """
    is_wanted = onward.c.state.in_([state.value for state in states])
    named = onward.c.record_id.in_(record_ids) if record_ids else sa.true()
    rows = connection.execute(sa.select(onward).where(is_wanted, named).with_for_update()).all()
    for row in rows:
        values: dict[str, object] = {"next_try_at": now}
        if row.state != OnwardState.WAITING.value:
            values |= {
                "state": OnwardState.WAITING.value,
                "transaction_id": str(uuid4()),
                "tries": 0,
                "claimed_until": None,
                "reason": "",
                "batch": "",
                "handed_over_at": None,
                "answered_at": None,
            }
        connection.execute(sa.update(onward).filter_by(kit=row.kit, record_id=row.record_id).values(values))
    return [row.record_id for row in rows]
