"""How records stand, over narrow indexes alone: the rows of the queue with their manifests are ten times as wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, case, column, func, or_, select, text
from sqlalchemy.engine import Connection

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralCode, writings_of
from fieldkit.ports.standings import Asked, Standing, StandingLine
from fieldkit.storage.tables import central_statuses, sealed_records, things

_SENT = writings_of(CentralCode.SENT_FOR_ENROLLMENT)
# The index is named: by the row alone, SQLite would fetch the wide row of the table.
_SAID = (
    text("SELECT record_id, row, code, source, observed_at FROM central_statuses INDEXED BY central_statuses_in_order")
    .columns(*(central_statuses.c[name] for name in ("record_id", "row", "code", "source", "observed_at")))
    .subquery("said")
)
_FACTS = things.alias("facts")


class SqlStandings:
    """`fieldkit.ports.standings.Standings` over records, their statuses, cards and noted facts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, asked: Asked) -> Mapping[Standing, int]:
        """Return how many records stand alike, without those whose card is with its owner: nothing is left to do."""
        handed = select(CARDS.c.thing_id).where(CARDS.c.place == Place.PERSON.value).correlate(None)
        still_open = _counting(_standing(asked), asked.activity_id).where(sealed_records.c.record_id.not_in(handed))
        # Counted here: SQLite would sort them for it.
        found = Counter(map(tuple, self._connection.execute(still_open).all()))
        return {_standing_of(*standing): number for standing, number in found.items()}

    def without_card(self, codes: Collection[str], activity_id: str = "") -> Sequence[str]:
        """Return the ids of the records that heard one of these codes last and have no card, as they were sealed."""
        record = sealed_records.c
        wanted = _counting(select(record.record_id), activity_id)
        wanted = wanted.where(record.record_id.not_in(select(CARDS.c.thing_id)), _SAID.c.code.in_(codes))
        return self._connection.scalars(wanted.order_by(record.sealed_at, record.record_id)).all()

    def lines(self, asked: Asked) -> Sequence[StandingLine]:
        """Return every record, the longest waiting first."""
        record = sealed_records.c
        since = func.coalesce(_text(_SAID.c.observed_at), _text(record.sealed_at)).label("since")
        told = (func.coalesce(each, "") for each in (_SAID.c.source, _code_before(), _gate()))
        said = (record.record_id, record.masked_name, record.masked_nik, since, *told)
        standing = cache(_standing_of)  # many stand alike
        # Put in order here: for an ORDER BY, SQLite goes through the rows by their id, one wide row after the other.
        found = self._connection.execute(_counting(_standing(asked, *said), asked.activity_id)).all()
        return [StandingLine._make((*row[4:], standing(*row[:4]))) for row in sorted(found, key=itemgetter(7, 4))]

    def unfinished(self, ended: Collection[str], since: datetime) -> Sequence[str]:
        """Return the ids of the records that no card ended, by a code or our own print, or only since then."""
        record = sealed_records.c
        long_printed = select(CARDS.c.thing_id).where(func.unixepoch(CARDS.c.printed_at) < int(since.timestamp()))
        wanted = _counting(select(record.record_id), "").where(
            record.record_id.not_in(long_printed),
            or_(_SAID.c.code.is_(None), _SAID.c.code.not_in(ended), _SAID.c.observed_at >= since),
        )
        return self._connection.scalars(wanted).all()


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


def _gate() -> ColumnElement[Any]:
    """Return the day that a card waits for, as text: the 17th birthday, or an earlier marriage."""
    married_on = func.json_extract(_FACTS.c.body, "$.married_on")
    card_from = _text(sealed_records.c.card_from)
    return case((married_on.is_(None), card_from), else_=func.min(card_from, married_on))


def _code_before() -> ColumnElement[str]:
    """Return the code that a record heard before the last."""
    earlier = central_statuses.alias("earlier")
    mine = select(earlier.c.code).where(earlier.c.record_id == sealed_records.c.record_id, earlier.c.row < _SAID.c.row)
    return mine.order_by(earlier.c.row.desc()).limit(1).scalar_subquery()


def _standing(asked: Asked, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the columns: what makes a standing, then these."""
    return select(
        func.coalesce(_SAID.c.code, ""),
        func.coalesce(and_(_SAID.c.code.in_(_SENT), _SAID.c.observed_at <= asked.stuck_at), 0),
        func.coalesce(_gate() > asked.today.isoformat(), 0),
        func.coalesce(CARDS.c.place, ""),
        *columns,
    )


def _counting(wanted: Select[Any], activity_id: str) -> Select[Any]:
    """Return a query over the records that count, each with its last status, its card and its facts."""
    record, heard = sealed_records.c, central_statuses.alias("heard")
    amended = select(record.amends).where(record.amends != "").correlate(None)
    last = select(func.max(heard.c.row, type_=Integer)).where(heard.c.record_id == record.record_id)
    wanted = (
        wanted.select_from(sealed_records)
        .outerjoin(_SAID, and_(_SAID.c.record_id == record.record_id, _SAID.c.row == last.scalar_subquery()))
        .outerjoin(CARDS, CARDS.c.thing_id == record.record_id)
        .outerjoin(_FACTS, and_(_FACTS.c.kind == CardFacts.KIND, _FACTS.c.thing_id == record.target_id))
        .where(record.record_id.not_in(amended))
    )
    return wanted.where(record.activity_id == activity_id) if activity_id else wanted


def _standing_of(code: str, is_stuck: int, is_young: int, place: str) -> Standing:
    return Standing(code, bool(is_stuck), bool(is_young), place)
