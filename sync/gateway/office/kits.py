"""The kits: a list, one kit with its days and its people, and what an admin does to a kit that is lost."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.domain.errors import InputError
from fieldkit.vault.certificates import valid_until
from sync.gateway.admission import Admission
from sync.gateway.certificates import revoke_person
from sync.gateway.database import count
from sync.gateway.office.accounts import Right
from sync.gateway.office.overview import IS_FORK, SILENT_AFTER, awaited_by_kit, count_some
from sync.gateway.office.web import NothingHereError, Office, Page, Visit, Wording, day_named, seen
from sync.gateway.opening.claims import missing
from sync.gateway.tables import awaited_records, kit_contacts, kits, manifests, records, users
from sync.protocol.messages import CountsAnswer

_PAGE, _DAYS, _MOST_PEOPLE, _MOST_AWAITED = 50, 14, 200, 20


@dataclass(frozen=True, slots=True)
class Day:
    """What came from a kit on one day."""

    day: date
    received: int
    invalid: int
    lost: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person on a kit, by the newest certificate."""

    user_id: str
    name: str
    role: str
    ends_at: datetime
    revoked_at: datetime | None
    is_elsewhere: bool  # active on another kit too


def _kits_from(connection: sa.Connection, first: str, after: str) -> Sequence[Any]:
    last_received = (
        sa.select(records.c.received_at)
        .where(records.c.kit == kits.c.kit)
        .order_by(records.c.received_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(
            kits.c.kit,
            kits.c.enrolled_at,
            kits.c.revoked_at,
            kit_contacts.c.at,
            kit_contacts.c.program,
            last_received.label("received_at"),
        )
        .outerjoin(kit_contacts, kit_contacts.c.kit == kits.c.kit)
        .where(kits.c.kit > after if after else kits.c.kit >= first)
        .order_by(kits.c.kit)
        .limit(_PAGE + 1)
    )
    return connection.execute(query).all()


def _list(office: Office, visit: Visit) -> Response:
    first, after = visit.query.get("from", "").strip(), visit.query.get("after", "")
    with office.context.reading() as connection:
        rows = _kits_from(connection, first.replace("\0", ""), after.replace("\0", ""))
        shown = rows[:_PAGE]
        awaiting = {each.kit: each for each in awaited_by_kit(connection, [row.kit for row in shown])} if shown else {}
    return office.page(
        visit,
        "kits.html",
        rows=shown,
        awaiting=awaiting,
        first=first,
        next_after=shown[-1].kit if len(rows) > _PAGE else "",
        silent_before=office.context.clock.now() - SILENT_AFTER,
    )


def days_of(connection: sa.Connection, kit: str, words: Wording, before: date | None) -> tuple[Sequence[Day], bool]:
    """Return the days of two weeks with records of a kit, newest first, and whether there are older ones."""
    mine = records.c.kit == kit
    until = words.begins(before) if before else words.begins(words.today() + timedelta(days=1))
    newest = connection.scalar(sa.select(sa.func.max(records.c.received_at)).where(mine, records.c.received_at < until))
    if newest is None:
        return [], False
    last = words.local_day(newest)
    starts = [words.begins(last - timedelta(days=back)) for back in range(_DAYS)]
    bucket = sa.case(*((records.c.received_at >= start, back) for back, start in enumerate(starts))).label("back")
    query = (
        sa.select(
            bucket,
            sa.func.count(),
            sa.func.sum(sa.case((records.c.verdict == "invalid", 1), else_=0)),
            sa.func.sum(sa.case((records.c.lost_at.is_not(None), 1), else_=0)),
        )
        .where(mine, records.c.received_at >= starts[-1], records.c.received_at < until)
        .group_by(bucket)
        .order_by(bucket)
    )
    found = [Day(last - timedelta(days=back), *counts) for back, *counts in connection.execute(query).all()]
    older = sa.select(records.c.kit).where(mine, records.c.received_at < starts[-1]).limit(1)
    return found, connection.execute(older).first() is not None


def _kit(office: Office, visit: Visit) -> Response:
    name = visit.names["kit"]
    with office.context.reading() as connection:
        row = _row_of(connection, name)
        before = visit.query.get("before", "")
        days, has_older = days_of(connection, name, visit.words, day_named(before) if before else None)
        awaited = connection.execute(
            sa.select(awaited_records.c.announced_at)
            .where(awaited_records.c.kit == name)
            .order_by(awaited_records.c.announced_at)
            .limit(_MOST_AWAITED)
        ).all()
        counts = _counts_of(connection, name)
        forks = count_some(connection, sa.and_(manifests.c.kit == name, IS_FORK))
    office.note(visit, "office.kit", name)
    return office.page(
        visit,
        "kit.html",
        kit=row,
        ends_at=valid_until(row.certificate),
        counts=counts,
        days=days,
        older=days[-1].day.isoformat() if has_older else "",
        oldest_awaited=awaited[0].announced_at if awaited else None,
        forks=forks,
        gaps=sum(gap.count for gap in missing(office.context, name)),
        done=visit.query.get("done", ""),
    )


def _counts_of(connection: sa.Connection, kit: str) -> CountsAnswer:
    """Count what is here of a kit, each by an index alone: the rows themselves lie far apart."""
    lost = count(connection, records, records.c.lost_at.is_not(None), records.c.kit == kit)
    announced, came = (count(connection, table, table.c.kit == kit) for table in (manifests, records))
    return CountsAnswer(announced=announced, received=came - lost, lost=lost)


def _lost(office: Office, visit: Visit) -> Response:
    with office.context.reading() as connection:
        row = _row_of(connection, visit.names["kit"])
    return office.page(visit, "kit_lost.html", kit=row, error="")


def _switch_off(office: Office, visit: Visit) -> Response:
    name = visit.names["kit"]
    with office.context.reading() as connection:
        row = _row_of(connection, name)
    if not hmac.compare_digest(visit.form.get("confirmation", "").strip().encode(), name.encode()):
        return office.page(visit, "kit_lost.html", 422, kit=row, error=visit.words.text("office.lost_typed_wrong"))
    if row.revoked_at is None:
        Admission(office.context).revoke_kit(name)
        office.note(visit, "office.kit_lost", name)
    return seen(f"/office/kits/{name}?done=lost")


def _people(office: Office, visit: Visit) -> Response:
    name = visit.names["kit"]
    with office.context.reading() as connection:
        row = _row_of(connection, name)
        members = _members(connection, name)
    office.note(visit, "office.people", name)
    return office.page(visit, "people.html", kit=row, members=members, done=visit.query.get("done", ""))


def _members(connection: sa.Connection, kit: str) -> Sequence[Member]:
    query = (
        sa.select(users.c.user_id, users.c.name, users.c.role, users.c.certificate, users.c.revoked_at)
        .where(users.c.kit == kit)
        .order_by(users.c.user_id, users.c.issued_at)
        .limit(_MOST_PEOPLE)
    )
    newest = {row.user_id: row for row in connection.execute(query)}
    elsewhere = sa.select(users.c.user_id).where(
        users.c.user_id.in_(tuple(newest)), users.c.kit != kit, users.c.revoked_at.is_(None)
    )
    others = set(connection.scalars(elsewhere)) if newest else set()
    return [
        Member(*(row.user_id, row.name, row.role, valid_until(row.certificate), row.revoked_at), row.user_id in others)
        for row in newest.values()
    ]


def _shut_out(office: Office, visit: Visit) -> Response:
    name, user_id = visit.names["kit"], visit.form.get("user_id", "")
    is_everywhere = visit.form.get("where") == "everywhere"
    try:
        with office.context.engine.begin() as connection:
            named = () if is_everywhere else (name,)
            ended = revoke_person(connection, user_id, named, office.context.clock.now())
    except InputError as error:
        raise NothingHereError from error
    office.note(visit, "office.person_disabled", f"{' '.join(ended)} {user_id}")
    return seen(f"/office/kits/{name}/people?done={'everywhere' if is_everywhere else 'disabled'}")


def _row_of(connection: sa.Connection, kit: str) -> Any:
    query = (
        sa.select(kits, kit_contacts.c.at, kit_contacts.c.program)
        .outerjoin(kit_contacts, kit_contacts.c.kit == kits.c.kit)
        .where(kits.c.kit == kit)
    )
    row = connection.execute(query).one_or_none() if "\0" not in kit else None
    if row is None:
        raise NothingHereError
    return row


PAGES = (
    Page("/kits", _list, Right.READ),
    Page("/kits/{kit}", _kit, Right.READ),
    Page("/kits/{kit}/lost", _lost, Right.CHANGE),
    Page("/kits/{kit}/lost", _switch_off, Right.CHANGE, "POST"),
    Page("/kits/{kit}/people", _people, Right.READ),
    Page("/kits/{kit}/people", _shut_out, Right.CHANGE, "POST"),
)
