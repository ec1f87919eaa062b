"""Target lists and the search in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.engine import Connection, CursorResult

from fieldkit.domain.cards.card import CardCase, CardFacts, Place
from fieldkit.domain.delivery import UNACKNOWLEDGED, CentralCode, writings_of
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import (
    Activity,
    OutreachCount,
    ServiceCategory,
    Target,
    TargetCounts,
    TargetFilter,
    TargetKey,
    TargetLine,
    TargetState,
    TargetVerdict,
)
from fieldkit.ports.repositories import Asked, Standing, StandingLine
from fieldkit.storage import mappers
from fieldkit.storage.repositories.records import AMENDED, OFFICIAL, RECORDINGS
from fieldkit.storage.repositories.things import chunks, get, not_found, put, put_many
from fieldkit.storage.search_terms import prefix_query
from fieldkit.storage.tables import activities, central_statuses, sealed_records, targets, things, users

# Outreach days and their numbers.


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


# The accounts of this kit.


def all_users(connection: Connection) -> Sequence[User]:
    """Return the accounts by name."""
    return [mappers.user_of(row) for row in connection.execute(select(users).order_by(users.c.name, users.c.row))]


def save_user(connection: Connection, user: User) -> None:
    """Insert or replace an account."""
    put(connection, users, "user_id", [mappers.user_values(user)])


# How records stand, over narrow indexes alone: the rows of the queue with their manifests are ten times as wide.

_SENT = writings_of(CentralCode.SENT_FOR_ENROLLMENT)
# The index is named: by the row alone, SQLite would fetch the wide row of the table.
_SAID = (
    text("SELECT record_id, row, code, source, observed_at FROM central_statuses INDEXED BY central_statuses_in_order")
    .columns(*(central_statuses.c[name] for name in ("record_id", "row", "code", "source", "observed_at")))
    .subquery("said")
)
_FACTS = things.alias("facts")


class SqlStandings:
    """`fieldkit.ports.repositories.Standings` over records, their statuses, cards and noted facts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, asked: Asked) -> Mapping[Standing, int]:
        """Return how many records stand alike, without those whose card is with its owner: nothing is left to do."""
        handed = select(CARDS.c.thing_id).where(CARDS.c.place == Place.PERSON.value).correlate(None)
        found: Counter[tuple[Any, ...]] = Counter()  # counted here: SQLite would sort them for it
        for source in RECORDINGS:
            still_open = _counting(source, _standing(source, asked), asked.activity_id)
            rows = self._connection.execute(still_open.where(source.c.record_id.not_in(handed))).all()
            found.update(map(tuple, rows))
        return {_standing_of(*standing): number for standing, number in found.items()}

    def without_card(self, codes: Collection[str], activity_id: str = "") -> Sequence[str]:
        """Return the ids of the records that heard one of these codes last and have no card, as they were sealed."""
        found: list[tuple[datetime, str]] = []
        for source in RECORDINGS:
            record = source.c
            wanted = _counting(source, select(record.sealed_at, record.record_id), activity_id)
            wanted = wanted.where(record.record_id.not_in(select(CARDS.c.thing_id)), _SAID.c.code.in_(codes))
            found += map(tuple, self._connection.execute(wanted).all())
        return [record_id for _, record_id in sorted(found)]

    def lines(self, asked: Asked) -> Sequence[StandingLine]:
        """Return every record, the longest waiting first."""
        standing = cache(_standing_of)  # many stand alike
        found: list[Any] = []
        for source in RECORDINGS:
            record = source.c
            since = func.coalesce(_text(_SAID.c.observed_at), _text(record.sealed_at)).label("since")
            told = (func.coalesce(each, "") for each in (_SAID.c.source, _code_before(source), _gate(source)))
            said = (record.record_id, record.masked_name, record.masked_nik, since, *told)
            found += self._connection.execute(
                _counting(source, _standing(source, asked, *said), asked.activity_id)
            ).all()
        # Put in order here: for an ORDER BY, SQLite goes through the rows by their id, one wide row after the other.
        return [StandingLine._make((*row[5:], standing(*row[:5]))) for row in sorted(found, key=itemgetter(8, 5))]

    def unfinished(self, ended: Collection[str], since: datetime) -> Sequence[str]:
        """Return the ids of the records that no card ended, by a code or our own print, or only since then."""
        long_printed = select(CARDS.c.thing_id).where(func.unixepoch(CARDS.c.printed_at) < int(since.timestamp()))
        is_lately = or_(_SAID.c.code.is_(None), _SAID.c.code.not_in(ended), _SAID.c.observed_at >= since)
        return [
            record_id
            for source in RECORDINGS
            for record_id in self._connection.scalars(
                _counting(source, select(source.c.record_id), "").where(
                    source.c.record_id.not_in(long_printed), is_lately
                )
            )
        ]


# The insides of cards stand in an index; it is named, because the planner would read every body for its key.
CARDS = (
    text(
        "SELECT thing_id, json_extract(body, '$.place') AS place, json_extract(body, '$.record_id') AS record_id, "
        "json_extract(body, '$.prints[0].at') AS printed_at "
        f"FROM things INDEXED BY things_of_cards WHERE kind = '{CardCase.KIND}'"
    )
    .columns(column("thing_id", Text), column("place", Text), column("record_id", Text), column("printed_at", Text))
    .subquery("card")
)


def _text(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a time as it is kept."""
    return func.substr(moment, 1)


def _gate(source: FromClause) -> ColumnElement[Any]:
    """Return the day that a card waits for, as text: the 17th birthday, or an earlier marriage."""
    married_on = func.json_extract(_FACTS.c.body, "$.married_on")
    card_from = _text(source.c.card_from)
    return case((married_on.is_(None), card_from), else_=func.min(card_from, married_on))


def _code_before(source: FromClause) -> ColumnElement[str]:
    """Return the code that a record heard before the last."""
    earlier = central_statuses.alias("earlier")
    mine = select(earlier.c.code).where(earlier.c.record_id == source.c.record_id, earlier.c.row < _SAID.c.row)
    return mine.order_by(earlier.c.row.desc()).limit(1).scalar_subquery()


def _standing(source: FromClause, asked: Asked, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the columns: what makes a standing, then these."""
    return select(
        func.coalesce(_SAID.c.code, ""),
        func.coalesce(and_(_SAID.c.code.in_(_SENT), _SAID.c.observed_at <= asked.stuck_at), 0),
        func.coalesce(_gate(source) > asked.today.isoformat(), 0),
        func.coalesce(CARDS.c.place, ""),
        literal(source is OFFICIAL, Integer),
        *columns,
    )


def _counting(source: FromClause, wanted: Select[Any], activity_id: str) -> Select[Any]:
    """Return a query over the records that count, each with its last status, its card and its facts."""
    record, heard = source.c, central_statuses.alias("heard")
    last = select(func.max(heard.c.row, type_=Integer)).where(heard.c.record_id == record.record_id)
    wanted = (
        wanted.select_from(source)
        .outerjoin(_SAID, and_(_SAID.c.record_id == record.record_id, _SAID.c.row == last.scalar_subquery()))
        .outerjoin(CARDS, CARDS.c.thing_id == record.record_id)
        .outerjoin(_FACTS, and_(_FACTS.c.kind == CardFacts.KIND, _FACTS.c.thing_id == record.target_id))
        .where(record.record_id.not_in(AMENDED))
    )
    return wanted.where(record.activity_id == activity_id) if activity_id else wanted


def _standing_of(code: str, is_stuck: int, is_young: int, place: str, is_official: int) -> Standing:
    return Standing(code, bool(is_stuck), bool(is_young), place, bool(is_official))


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

    def named(self, text: str, limit: int) -> Sequence[Target]:
        """Return the targets of all activities whose name or NIK has every word as a beginning, newest first."""
        words = prefix_query(text)
        if not words:
            return ()
        found = select(targets).where(_FOUND.bindparams(words=f"{{name nik}} : ({words})"))
        return [
            mappers.target_of(row)
            for row in self._connection.execute(found.order_by(targets.c.row.desc()).limit(limit))
        ]

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
