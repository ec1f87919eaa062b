"""Target lists and the search in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, column, func, select, table, text, update
from sqlalchemy.engine import Connection, CursorResult

from fieldkit.domain.planning.outreach import (
    ServiceCategory,
    Target,
    TargetCounts,
    TargetFilter,
    TargetKey,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.storage import mappers
from fieldkit.storage.repositories.upsert import chunks, get, not_found, put_many
from fieldkit.storage.search_terms import prefix_query
from fieldkit.storage.tables import targets

_FOUND = text("targets.row IN (SELECT rowid FROM targets_fts WHERE targets_fts MATCH :words)")
# The plus keeps SQLite from fetching every row that a short word finds: it walks the houses until enough have it.
_FOUND_OFTEN = text("+targets.row IN (SELECT rowid FROM targets_fts WHERE targets_fts MATCH :words)")
_SOME = text("SELECT count(*) FROM (SELECT 1 FROM targets_fts WHERE targets_fts MATCH :words LIMIT :limit)")
_EVERYBODY = TargetFilter()
_OFTEN = 500
_LONG = 5_000  # targets of one activity
_STANDING = (targets.c[name] for name in ("category", "state", "verdict", "is_walk_in", "reason"))
# As one text, which thousands of rows share and SQLite hands over faster than five values.
_LINE = select(targets.c.target_id, targets.c.house, targets.c.biodata, func.concat_ws(" ", *_STANDING))


class SqlTargets:
    """`fieldkit.ports.store.Targets` over the table `targets` and its index `targets_fts`, which triggers keep."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, these: Iterable[Target]) -> None:
        """Insert or replace."""
        put_many(self._connection, targets, ["target_id"], [mappers.target_values(target) for target in these])

    def get(self, target_id: str) -> Target:
        """Return one. Raise `StoreError("store.not_found")`."""
        return mappers.target_of(get(self._connection, targets, "target_id", target_id))

    def search(self, activity_id: str, text: str = "", limit: int | None = None) -> Sequence[Target]:
        """Return the targets in the order of visits whose name, NIK or address has every word as a beginning."""
        return self.filtered(activity_id, TargetFilter(text), limit)

    def filtered(self, activity_id: str, wanted: TargetFilter, limit: int | None = None) -> Sequence[Target]:
        """Return the targets that a filter lets through, in the order of visits."""
        return [mappers.target_of(row) for row in self._rows(select(targets), activity_id, wanted, limit)]

    def lines(
        self, activity_id: str, wanted: TargetFilter = _EVERYBODY, limit: int | None = None
    ) -> Sequence[TargetLine]:
        """Return the targets that a filter lets through, in the order of visits, for a list: all, unless limited."""
        return mappers.lines_of(self._rows(_LINE, activity_id, wanted, limit, _plain), activity_id)

    def matching(self, activity_id: str, text: str) -> frozenset[str]:
        """Return the ids of the targets that have every typed word anywhere in name, NIK, street or village."""
        name, street, village = (_who(path) for path in ("$.name", "$.address.street", "$.address.village"))
        told = name + " " + targets.c.nik + " " + street + " " + village
        found = select(targets.c.target_id).where(targets.c.activity_id == activity_id)
        found = found.where(*(told.icontains(word, autoescape=True) for word in text.split()))
        return frozenset(self._connection.scalars(found).all())

    def villages(self, activity_id: str) -> Sequence[str]:
        """Return the villages of a list, the most frequent first."""
        village = _who("$.address.village")
        mine = select(village).where(targets.c.activity_id == activity_id).group_by(village)
        return self._connection.scalars(mine.order_by(func.count().desc(), func.min(targets.c.house))).all()

    def _rows(
        self,
        some: Select[Any],
        activity_id: str,
        wanted: TargetFilter,
        limit: int | None,
        fetched: Callable[[CursorResult[Any]], Sequence[Any]] = CursorResult.all,
    ) -> Sequence[Any]:
        found = _grouped(some, activity_id, wanted)
        if words := prefix_query(wanted.text):
            if not self._is_often(words):
                found = found.where(_FOUND.bindparams(words=words))
            elif self._is_long(activity_id):
                return self._first_written(found, words, limit)
            else:
                found = found.where(_FOUND_OFTEN.bindparams(words=words))
        found = found.order_by(targets.c.house, targets.c.row).limit(limit)
        return fetched(self._connection.execute(found))

    def with_ids(self, target_ids: Iterable[str]) -> Mapping[str, Target]:
        """Return targets by their ids; one that nothing has is not among them."""
        return {
            row.target_id: mappers.target_of(row)
            for some in chunks(target_ids)
            for row in self._connection.execute(select(targets).where(targets.c.target_id.in_(some)))
        }

    def _first_written(self, found: Select[Any], words: str, limit: int | None) -> Sequence[Any]:
        """Return the first rows that a short word finds in a long list, without looking at the thousands after them.

        Lists are written in the order of visits; where that was changed by hand, more letters find the rest.
        """
        index = table("targets_fts", column("rowid"))
        rows = found.select_from(index.join(targets, targets.c.row == index.c.rowid))
        rows = rows.where(text("targets_fts MATCH :words").bindparams(words=words)).order_by(index.c.rowid).limit(limit)
        return sorted(self._connection.execute(rows).all(), key=lambda row: row.house)

    def tally(self, activity_id: str) -> Mapping[TargetVerdict, int]:
        """Return how many targets of an activity have each verdict."""
        mine = select(targets.c.verdict, func.count()).where(targets.c.activity_id == activity_id)
        rows = self._connection.execute(mine.group_by(targets.c.verdict))
        return {TargetVerdict(verdict): count for verdict, count in rows}

    def counts(self, activity_id: str) -> TargetCounts:
        """Return how many targets of an activity stand in each state and service category."""
        # Named, because SQLite would otherwise sort what another index finds: it keeps no statistics here.
        mine = text(
            "SELECT state, category, count(*) AS count FROM targets INDEXED BY targets_by_category "
            "WHERE activity_id = :of GROUP BY category, state"
        )
        rows = self._connection.execute(mine, {"of": activity_id})
        return TargetCounts({(TargetState(row.state), ServiceCategory(row.category)): row[2] for row in rows})

    def last_house(self, activity_id: str) -> int:
        """Return the highest place in the order of visits, 0 for an empty list."""
        mine = select(func.max(targets.c.house)).where(targets.c.activity_id == activity_id)
        return self._connection.scalar(mine) or 0

    def with_niks(self, niks: Iterable[str]) -> Sequence[TargetKey]:
        """Return the keys of the targets of any activity that have one of these NIKs."""
        keys = select(targets.c.nik, targets.c.target_id, targets.c.activity_id)
        return [
            TargetKey(row.nik, row.target_id, row.activity_id)
            for some in chunks(niks)
            for row in self._connection.execute(keys.where(targets.c.nik.in_(some)))
        ]

    def mark(self, target_id: str, state: TargetState, reason: str = "") -> None:
        """Set the local status. Raise `StoreError("store.not_found")`."""
        marked = update(targets).where(targets.c.target_id == target_id).values(state=state.value, reason=reason)
        if self._connection.execute(marked).rowcount == 0:
            raise not_found(target_id)

    def judge(self, target_ids: Iterable[str], verdict: TargetVerdict) -> None:
        """Set the verdict of the check; unknown ids are no error."""
        for some in chunks(target_ids):
            mine = update(targets).where(targets.c.target_id.in_(some))
            self._connection.execute(mine.values(verdict=verdict.value))

    def _is_long(self, activity_id: str) -> bool:
        mine = select(targets.c.row).where(targets.c.activity_id == activity_id).limit(_LONG).subquery()
        return self._connection.scalar(select(func.count()).select_from(mine)) == _LONG

    def _is_often(self, words: str) -> bool:
        return bool(self._connection.scalar(_SOME.bindparams(words=words, limit=_OFTEN)) == _OFTEN)


def _plain(result: CursorResult[Any]) -> Sequence[Any]:
    """Return rows as SQLite's module makes them: thousands need no wrapper that knows their columns by name."""
    with closing(result):
        return result.cursor.fetchall() if result.cursor is not None else ()


def _who(path: str) -> ColumnElement[str]:
    """Return a part of who a target is, without decoding the rest."""
    return func.json_extract(targets.c.biodata, path, type_=Text)


def _grouped(found: Select[Any], activity_id: str, wanted: TargetFilter) -> Select[Any]:
    """Return the rows of an activity that the groups of a filter let through."""
    found = found.where(targets.c.activity_id == activity_id)
    groups = ((targets.c.state, wanted.states), (targets.c.category, wanted.categories))
    for each, values in (*groups, (targets.c.verdict, wanted.verdicts)):
        if values:
            # Several values cannot come from an index in the order of the houses; then the houses are walked.
            one_of = each.concat("") if len(values) > 1 else each
            found = found.where(one_of.in_([value.value for value in values]))
    return found
