"""Who looked at what at the data center, or took it out. Rows hold ids and numbers, never a name or a NIK."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from fieldkit.domain.cards.card import without_niks
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.ports.delivery import OnwardState
from fieldkit.ports.vault import RecordOpener
from sync.gateway.blobs import Content
from sync.gateway.database import reading
from sync.gateway.opening.claims import OpeningContext
from sync.gateway.tables import access_log, manifests, onward, records, statuses


class Origin(StrEnum):
    """From where somebody looked."""

    COMMAND = "command"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Access:
    """One look: who, from where, which act ("records.find") about what ("kit-01 2026-11-21"), and why if told."""

    who: str
    origin: Origin
    act: str
    about: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """A look as it stands in the log."""

    number: int
    at: datetime
    access: Access


def note_access(connection: sa.Connection, access: Access, at: datetime) -> None:
    """Write a look down, before or with the reading of what is shown. Numbers like a NIK are hidden."""
    connection.execute(
        sa.insert(access_log).values(
            at=at,
            who=access.who[:64],
            origin=access.origin.value,
            act=access.act[:32],
            about=_shown(access.about),
            reason=_shown(access.reason),
        )
    )


def accesses(connection: sa.Connection, before: int = 0, size: int = 100) -> tuple[LoggedAccess, ...]:
    """Return the looks newest first; `before` is the number of the last one of the page before, 0 for the first."""
    query = sa.select(access_log).order_by(access_log.c.number.desc()).limit(size)
    rows = connection.execute(query.where(access_log.c.number < before) if before else query).all()
    return tuple(
        LoggedAccess(row.number, row.at, Access(row.who, Origin(row.origin), row.act, row.about, row.reason))
        for row in rows
    )


def _shown(text: str) -> str:
    # PostgreSQL keeps no NUL.
    return without_niks(text).replace("\0", "")[:200]


# A record of the data center, opened in memory for somebody who has the key and a reason.


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Whose it is and what is in it."""

    kit: str
    record: OpenedRecord = field(repr=False)


def opened_record(context: OpeningContext, opener: RecordOpener, record_id: str) -> FoundRecord:
    """Open the record with this id; of two kits' the valid one. It must be whole and signed, not valid in all else.

    Raise `InputError` `records.unknown`, `KnownError` `records.no_object` where the bytes are missing, damaged or out
    of reach, `VaultError` for what does not open.
    """
    query = (
        sa.select(manifests, records.c.key)
        .join(records, sa.and_(records.c.kit == manifests.c.kit, records.c.record_id == manifests.c.record_id))
        .where(manifests.c.record_id == record_id.strip().lower().replace("\0", ""))
        .order_by(sa.desc(records.c.verdict == "valid"), records.c.kit)
        .limit(1)
    )
    with reading(context.engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise InputError("records.unknown", number=record_id)
    try:
        sealed = context.blobs.get(row.key)
    except OSError as error:
        raise KnownError("records.no_object", record=row.record_id) from error
    if Content(len(sealed), hashlib.sha256(sealed).hexdigest()) != Content(row.size_bytes, row.sha256):
        raise KnownError("records.no_object", record=row.record_id)
    opened = opener.open(sealed, row.sealed_at, (), row.announced_at)
    return FoundRecord(row.kit, read_container(opened.content))


# Records of the data center by kit, day, verdict and onward state: what lists show, without anything of a person.

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


# Trying again what stopped: records that were set aside at opening, and those that did not get onward.

_CAN_BE_TRIED = sa.and_(
    records.c.verdict == "",
    records.c.lost_at.is_(None),
    records.c.set_aside_at.is_not(None),
    records.c.set_aside_error != "",
)


def open_again(connection: sa.Connection, record_ids: Collection[str] = ()) -> Sequence[str]:
    """Let records that were set aside wait for an opener again, all or those named; return their ids."""
    named = records.c.record_id.in_(record_ids) if record_ids else sa.true()
    found = list(connection.scalars(sa.select(records.c.record_id).where(_CAN_BE_TRIED, named)))
    values = {"set_aside_at": None, "set_aside_error": "", "tries": 0}
    connection.execute(sa.update(records).where(_CAN_BE_TRIED, named).values(values))
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
