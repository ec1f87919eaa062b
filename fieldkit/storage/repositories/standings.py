"""How records stand, over the narrow index of the queue: its rows with their manifests are ten times as wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.engine import Connection

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralCode, writings_of
from fieldkit.ports.standings import Asked, Standing, StandingLine
from fieldkit.storage.tables import central_statuses, sealed_records, things

_SENT = writings_of(CentralCode.SENT_FOR_ENROLLMENT)


class SqlStandings:
    """`fieldkit.ports.standings.Standings` over records, their statuses, cards and noted facts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, asked: Asked) -> Mapping[Standing, int]:
        """Return how many records stand alike, without those whose card is with its owner: nothing is left to do."""
        place = func.json_extract(_CARD.c.body, "$.place")
        still_open = _asked(asked).where(or_(_CARD.c.row.is_(None), place != Place.PERSON.value))
        # Counted here: SQLite would sort them for it.
        return Counter(_standing(row) for row in self._connection.execute(still_open).all())

    def without_card(self, codes: Collection[str], activity_id: str = "") -> Sequence[str]:
        """Return the ids of the records that heard one of these codes last and have no card, as they were sealed."""
        record = sealed_records.c
        wanted = _counting(select(record.record_id), activity_id).where(_SAID.c.code.in_(codes), _CARD.c.row.is_(None))
        return self._connection.scalars(wanted.order_by(record.sealed_at, record.record_id)).all()

    def lines(self, asked: Asked) -> Sequence[StandingLine]:
        """Return every record, the longest waiting first."""
        record_id, since = sealed_records.c.record_id, func.coalesce(_SAID.c.since, _text(sealed_records.c.sealed_at))
        wanted = _asked(asked, record_id, since).order_by(since, record_id)
        return [StandingLine(row[4], row[5], _standing(row)) for row in self._connection.execute(wanted).all()]


def _text(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a time as it is kept."""
    return func.substr(moment, 1)


# Of the rows of a group SQLite takes the other columns from the one that has the maximum.
_SAID = (
    select(
        central_statuses.c.record_id,
        func.max(central_statuses.c.row).label("row"),
        central_statuses.c.code,
        central_statuses.c.observed_at,
        _text(central_statuses.c.observed_at).label("since"),
    )
    .group_by(central_statuses.c.record_id)
    .subquery("said")
)
_CARD, _FACTS = things.alias("card"), things.alias("facts")


def _asked(asked: Asked, *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query: what makes a standing, then these columns."""
    married_on = func.json_extract(_FACTS.c.body, "$.married_on")
    card_from = _text(sealed_records.c.card_from)
    gate = case((married_on.is_(None), card_from), else_=func.min(card_from, married_on))
    standing = select(
        func.coalesce(_SAID.c.code, ""),
        func.coalesce(and_(_SAID.c.code.in_(_SENT), _SAID.c.observed_at <= asked.stuck_at), 0),
        func.coalesce(gate > asked.today.isoformat(), 0),
        func.coalesce(func.json_extract(_CARD.c.body, "$.place"), ""),
        *columns,
    )
    return _counting(standing, asked.activity_id)


def _counting(wanted: Select[Any], activity_id: str) -> Select[Any]:
    """Return a query over the records that count, each with its last status, its card and its facts."""
    record = sealed_records.c
    amended = select(record.amends).where(record.amends != "").correlate(None)
    wanted = (
        wanted.select_from(sealed_records)
        .outerjoin(_SAID, _SAID.c.record_id == record.record_id)
        .outerjoin(_CARD, and_(_CARD.c.kind == CardCase.KIND, _CARD.c.thing_id == record.record_id))
        .outerjoin(_FACTS, and_(_FACTS.c.kind == CardFacts.KIND, _FACTS.c.thing_id == record.target_id))
        .where(record.record_id.not_in(amended))
    )
    return wanted.where(record.activity_id == activity_id) if activity_id else wanted


def _standing(row: Any) -> Standing:
    return Standing(row[0], bool(row[1]), bool(row[2]), row[3])
