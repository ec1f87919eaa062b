"""Outreach days and their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from fieldkit.domain.delivery.way import UNACKNOWLEDGED
from fieldkit.domain.planning.outreach import Activity, OutreachCount, TargetState
from fieldkit.storage import mappers
from fieldkit.storage.repositories.upsert import get, put
from fieldkit.storage.tables import activities, sealed_records, targets


class SqlActivities:
    """`fieldkit.ports.store.Activities` over the table `activities`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, activity: Activity) -> None:
        """Insert or replace."""
        put(self._connection, activities, "activity_id", [mappers.activity_values(activity)])

    def get(self, activity_id: str) -> Activity:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.activity_of(get(self._connection, activities, "activity_id", activity_id))

    def all(self) -> Sequence[Activity]:
        """Return all, newest day first."""
        newest_first = select(activities).order_by(activities.c.on_day.desc(), activities.c.row.desc())
        return [mappers.activity_of(row) for row in self._connection.execute(newest_first)]

    def count(self, activity_id: str) -> OutreachCount:
        """Return the numbers of the Beranda card; waiting are the targets that nobody has finished yet."""
        (only,) = self._counted(activity_id).values() or (_count({}, 0, None),)
        return only

    def counts(self) -> Mapping[str, OutreachCount]:
        """Return the numbers of every activity that has targets, in two queries."""
        return self._counted()

    def _counted(self, activity_id: str = "") -> dict[str, OutreachCount]:
        by_state = select(targets.c.activity_id, targets.c.state, func.count().label("number"))
        unsent = select(
            sealed_records.c.activity_id, func.count().label("number"), func.min(sealed_records.c.sealed_at)
        ).where(sealed_records.c.state.in_(UNACKNOWLEDGED))
        if activity_id:
            by_state = by_state.where(targets.c.activity_id == activity_id)
            unsent = unsent.where(sealed_records.c.activity_id == activity_id)
        found: dict[str, dict[TargetState, int]] = defaultdict(dict)
        for row in self._connection.execute(by_state.group_by(targets.c.activity_id, targets.c.state)):
            found[row.activity_id][TargetState(row.state)] = row.number
        waiting = {
            name: (number, oldest)
            for name, number, oldest in self._connection.execute(unsent.group_by(sealed_records.c.activity_id))
        }
        return {name: _count(found.get(name, {}), *waiting.get(name, (0, None))) for name in {**found, **waiting}}


def _count(found: Mapping[TargetState, int], unsent: int, oldest: datetime | None) -> OutreachCount:
    with_exception = found.get(TargetState.RECORDED_WITH_EXCEPTION, 0)
    return OutreachCount(
        targets=sum(found.values()),
        recorded=found.get(TargetState.RECORDED, 0) + with_exception,
        with_exception=with_exception,
        revisit=found.get(TargetState.POSTPONED, 0),
        waiting=found.get(TargetState.PLANNED, 0) + found.get(TargetState.RECORDING, 0),
        unsent=unsent,
        oldest_unsent_at=oldest,
    )
