"""Records of the data center by kit, day, verdict and onward state: what lists show, without anything of a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import OnwardState
from sync.gateway.tables import manifests, onward, records, statuses

PAGE = 50
_MOST = 1000
_RECORD_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class RecordState(StrEnum):
    """Where a record stands at the data center."""

    WAITING = "waiting"  # for its verdict
    SET_ASIDE = "set_aside"
    LOST = "lost"
    VALID = "valid"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records; "" and None mean all. A day is one of the dinas, by the time of the receipt."""

    kit: str = ""
    day: date | None = None
    state: RecordState | None = None
    onward: OnwardState | None = None


@dataclass(frozen=True, slots=True)
class OnwardLine:
    """The way onward of a record: who took it, which batch, how often it was tried, what they said."""

    state: OnwardState = OnwardState.NONE
    target: str = ""
    batch: str = ""
    tries: int = 0
    reason: str = ""
    external_id: str = ""
    handed_over_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record in a list. `fault` is the class of the error that set it aside."""

    kit: str
    record_id: str
    sequence: int
    sealed_at: datetime
    received_at: datetime
    state: RecordState
    fault: str
    onward: OnwardLine


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Lines, newest first; `after` asks for the next page, "" when this is the last."""

    lines: tuple[RecordLine, ...]
    after: str


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What was said of a record."""

    code: str
    source: str
    observed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RecordFound:
    """A record with everything that was said of it, oldest first."""

    line: RecordLine
    statuses: tuple[StatusLine, ...]


def records_page(
    connection: sa.Connection, wanted: Wanted, zone: tzinfo = UTC, after: str = "", size: int = PAGE
) -> RecordPage:
    """Return a page of records, newest receipt first; of one onward state, newest in the queue first.

    Raise `InputError` `records.page` for an `after` not of ours.
    """
    size = max(1, min(size, _MOST))
    is_queued = wanted.onward not in (None, OnwardState.NONE)
    # Each order is one of an index, so that a page costs no more than its rows.
    order = _QUEUED if is_queued else _RECEIVED
    query = _lines().add_columns(order[0].label("place")).order_by(*(column.desc() for column in order))
    query = query.where(*_conditions(wanted, zone)).limit(size + 1)
    if after:
        query = query.where(sa.tuple_(*order) < sa.tuple_(*_place(after)))
    rows = connection.execute(query).all()
    last = rows[size - 1] if len(rows) > size else None
    next_page = f"{last.place.isoformat()}|{last.record_id}|{last.kit}" if last else ""
    return RecordPage(tuple(_line(row) for row in rows[:size]), next_page)


def find_records(connection: sa.Connection, number: str) -> tuple[RecordFound, ...]:
    """Return the records with this id, or with this number given by the official system; two kits may have one id."""
    number = number.strip()
    is_id = _RECORD_ID.fullmatch(number.lower())
    condition = manifests.c.record_id == number.lower() if is_id else onward.c.external_id == number
    if not number or "\0" in number:
        return ()
    rows = connection.execute(_lines().where(condition).order_by(records.c.kit).limit(_MOST)).all()
    return tuple(RecordFound(_line(row), _said(connection, row.kit, row.record_id)) for row in rows)


def _lines() -> sa.Select[Any]:
    same_manifest = sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id)
    same_onward = sa.and_(onward.c.kit == records.c.kit, onward.c.record_id == records.c.record_id)
    columns = (
        records.c.kit,
        records.c.record_id,
        records.c.received_at,
        records.c.verdict,
        records.c.lost_at,
        records.c.set_aside_at,
        records.c.set_aside_error,
        manifests.c.sequence,
        manifests.c.sealed_at,
        onward.c.state.label("onward_state"),
        *(onward.c[name] for name in _ONWARD),
    )
    joined = records.join(manifests, same_manifest).outerjoin(onward, same_onward)
    return sa.select(*columns).select_from(joined)


_RECEIVED = (records.c.received_at, records.c.record_id, records.c.kit)
_QUEUED = (onward.c.queued_at, onward.c.record_id, onward.c.kit)
_ONWARD = ("target", "batch", "tries", "reason", "external_id", "handed_over_at", "answered_at")


def _conditions(wanted: Wanted, zone: tzinfo) -> Sequence[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.kit:
        conditions.append(records.c.kit == wanted.kit)
    if wanted.day is not None:
        begins = datetime.combine(wanted.day, time(), zone)
        conditions += [records.c.received_at >= begins, records.c.received_at < begins + timedelta(days=1)]
    if wanted.state is not None:
        conditions.append(_STATES[wanted.state])
    if wanted.onward is OnwardState.NONE:
        # The first alone would do; it has an index that holds only these, however many are queued.
        conditions += [records.c.queued_at.is_(None), onward.c.state.is_(None)]
    elif wanted.onward is not None:
        conditions.append(onward.c.state == wanted.onward.value)
    return conditions


_WAITS = sa.and_(records.c.verdict == "", records.c.lost_at.is_(None))
_IS_ASIDE = sa.and_(records.c.set_aside_at.is_not(None), records.c.set_aside_error != "")
_STATES: dict[RecordState, sa.ColumnElement[bool]] = {
    RecordState.WAITING: sa.and_(_WAITS, sa.not_(_IS_ASIDE)),
    RecordState.SET_ASIDE: sa.and_(_WAITS, _IS_ASIDE),
    RecordState.LOST: records.c.lost_at.is_not(None),
    RecordState.VALID: sa.and_(records.c.verdict == "valid", records.c.lost_at.is_(None)),
    RecordState.INVALID: sa.and_(records.c.verdict == "invalid", records.c.lost_at.is_(None)),
}


def _place(after: str) -> tuple[sa.ColumnElement[Any], ...]:
    try:
        place, record_id, kit = after.split("|")
        at = datetime.fromisoformat(place)
        at.astimezone(UTC)  # the ends of the calendar have no such moment
    except (ValueError, OverflowError) as error:
        raise InputError("records.page") from error
    if at.tzinfo is None or "\0" in after:
        raise InputError("records.page")
    return sa.literal(at, records.c.received_at.type), sa.literal(record_id), sa.literal(kit)


def _line(row: Any) -> RecordLine:
    state = RecordState.WAITING
    if row.lost_at is not None:
        state = RecordState.LOST
    elif row.verdict:
        state = RecordState(row.verdict)
    elif row.set_aside_at is not None and row.set_aside_error:
        state = RecordState.SET_ASIDE
    way = OnwardLine()
    if row.onward_state is not None:
        way = OnwardLine(OnwardState(row.onward_state), **{name: getattr(row, name) for name in _ONWARD})
    fault = row.set_aside_error if state is RecordState.SET_ASIDE else ""
    return RecordLine(row.kit, row.record_id, row.sequence, row.sealed_at, row.received_at, state, fault, way)


def _said(connection: sa.Connection, kit: str, record_id: str) -> tuple[StatusLine, ...]:
    query = sa.select(statuses.c.code, statuses.c.source, statuses.c.observed_at, statuses.c.reason)
    rows = connection.execute(query.filter_by(kit=kit, record_id=record_id).order_by(statuses.c.cursor)).all()
    return tuple(StatusLine(*row) for row in rows)
