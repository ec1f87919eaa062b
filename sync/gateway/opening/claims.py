"""Which opener has which record now. Several may work on one database, and any of them may die anywhere.

A claim is a row that was set aside without an error: committed before the record is opened, it outlives its opener and
is counted as a try, so that a record which ends each process that opens it is set aside for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sync.gateway.opening.context import Rows
from sync.gateway.tables import IS_ASIDE, manifests, records

LEASE = timedelta(minutes=10)  # far above what the greatest record takes; who needs longer is opened twice, judged once
# A record that failed is tried again at these starts of the program, later once a day.
QUICK_TRIES = 3
_LATER = timedelta(days=1)
_DIED = "ProcessDied"

_PLACE = (records.c.received_at, records.c.record_id, records.c.kit)
_WAITS = (records.c.verdict == "", records.c.lost_at.is_(None), records.c.set_aside_at.is_(None))
_IS_CLAIMED = sa.and_(IS_ASIDE, records.c.set_aside_error == "")
_IS_FAILED = sa.and_(IS_ASIDE, records.c.set_aside_error != "")


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that this opener may open now. `row` has the columns of its manifest, `key` and `receipt`."""

    row: Any
    at: datetime

    @property
    def names(self) -> dict[str, str]:
        """The key of the record."""
        return {"kit": self.row.kit, "record_id": self.row.record_id}


class Claims:
    """Takes records one by one, in the order in which they were received."""

    def __init__(self, context: Rows, lease: timedelta = LEASE) -> None:
        self._context = context
        self._lease = lease
        # One process has an SQLite file: at its start, whoever had claims there is dead.
        self._lease_at_start = timedelta(0) if context.engine.dialect.name == "sqlite" else lease

    def take(self, after: Claim | None) -> Claim | None:
        """Claim the next record behind another one, None at the end; what another opener holds is passed over."""
        behind = () if after is None else (sa.tuple_(*_PLACE) > sa.tuple_(*_place_of(after)),)
        query = (
            sa.select(records.c.key, records.c.receipt, records.c.received_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(*_WAITS, *behind)
            .order_by(*_PLACE)
            .limit(1)
            .with_for_update(of=records, skip_locked=True)
        )
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            claim = Claim(row, now)
            values = {"set_aside_at": now, "set_aside_error": "", "tries": records.c.tries + 1}
            connection.execute(sa.update(records).filter_by(**claim.names).values(values))
        return claim

    def give_back(self, claim: Claim) -> None:
        """Let the record wait as if it had not been tried; nothing when another opener has it meanwhile."""
        self._mark(claim, {"set_aside_at": None, "tries": records.c.tries - 1})

    def set_aside(self, claim: Claim, error: str) -> None:
        """Keep the record back under the name of an error of ours."""
        self._mark(claim, {"set_aside_error": error[:80]})

    def reclaim(self) -> None:
        """Let records wait again whose opener died; one that did not survive several times is set aside."""
        died = sa.and_(_IS_CLAIMED, records.c.set_aside_at < self._context.clock.now() - self._lease)
        with self._context.engine.begin() as connection:
            connection.execute(
                sa.update(records).where(died, records.c.tries >= QUICK_TRIES).values(set_aside_error=_DIED)
            )
            connection.execute(sa.update(records).where(died).values(set_aside_at=None))

    def release(self) -> int:
        """Let records that were set aside be tried once more, at a start of the program; return how many."""
        now = self._context.clock.now()
        is_dead = records.c.set_aside_at <= now - self._lease_at_start
        is_due = sa.or_(records.c.tries < QUICK_TRIES, records.c.set_aside_at < now - _LATER)
        with self._context.engine.begin() as connection:
            connection.execute(sa.update(records).where(_IS_CLAIMED, is_dead).values(set_aside_error=_DIED))
            return connection.execute(sa.update(records).where(_IS_FAILED, is_due).values(set_aside_at=None)).rowcount

    def _mark(self, claim: Claim, values: dict[str, object]) -> None:
        is_mine = _IS_CLAIMED, records.c.set_aside_at == claim.at
        with self._context.engine.begin() as connection:
            connection.execute(sa.update(records).filter_by(**claim.names).where(*is_mine).values(**values))


def _place_of(claim: Claim) -> tuple[sa.BindParameter[Any], ...]:
    values = (claim.row.received_at, claim.row.record_id, claim.row.kit)
    return tuple(sa.bindparam(None, value, column.type) for column, value in zip(_PLACE, values, strict=True))
