"""Records and receipts of a kit by day, the statuses as they came, and the search by a number that somebody brings.

Numbers of records and of people travel in forms only, never in addresses; each look is written down.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.domain.delivery import CentralCode
from fieldkit.domain.errors import InputError
from sync.gateway.database import GatewayContext
from sync.gateway.lookup import RecordFound, Wanted, find_records, records_page
from sync.gateway.office.accounts import Right
from sync.gateway.office.overview import literally
from sync.gateway.office.web import NothingHereError, Office, Page, Visit, day_named
from sync.gateway.tables import awaited_records, manifests, records, statuses

_PAGE, _MOST_FOUND = 50, 20
_NIK = re.compile(r"[0-9]{16}")
_BEGINNING = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True, slots=True)
class Awaited:
    """A record that is announced and not received."""

    kit: str
    record_id: str
    announced_at: datetime


def _day(office: Office, visit: Visit) -> Response:
    kit, after = visit.names["kit"], visit.form.get("after", "")
    day = day_named(visit.names["day"])
    try:
        with office.context.reading() as connection:
            zone = visit.words.begins(day).tzinfo
            assert zone is not None
            page = records_page(connection, Wanted(kit, day), zone, after, _PAGE)
        office.note(visit, "records.list", f"{kit} {day}")
    except InputError as error:
        raise NothingHereError from error
    return office.page(visit, "day.html", kit=kit, day=day, lines=page.lines, after=page.after)


def _statuses(office: Office, visit: Visit) -> Response:
    codes = [code.value for code in CentralCode]
    code, before = visit.query.get("code", ""), visit.query.get("before", "")
    query = sa.select(statuses).order_by(statuses.c.cursor.desc()).limit(_PAGE + 1)
    if code in codes:
        query = query.where(statuses.c.code == literally(code))
    if before.isascii() and before.isdigit() and len(before) < 19:
        query = query.where(statuses.c.cursor < int(before))
    with office.context.reading() as connection:
        rows = connection.execute(query).all()
    office.note(visit, "office.statuses", code if code in codes else "")
    shown = rows[:_PAGE]
    older = str(shown[-1].cursor) if len(rows) > _PAGE else ""
    return office.page(visit, "statuses.html", rows=shown, codes=codes, code=code if code in codes else "", older=older)


def _ask(office: Office, visit: Visit) -> Response:
    return office.page(visit, "search.html", asked=False, error="", found=(), awaited=(), after="")


def _search(office: Office, visit: Visit) -> Response:
    number = visit.form.get("number", "").strip()
    kind = kind_of(number)
    if not kind:
        why = visit.words.text("office.search_form")
        return office.page(visit, "search.html", 422, asked=False, error=why, found=(), awaited=())
    with office.context.reading() as connection:
        found, awaited = search(office.context, connection, number, kind)
    told = {each.line.record_id for each in found} | {each.record_id for each in awaited}
    for record_id in sorted(told) or ["-"]:
        office.note(visit, f"records.find_{kind}", record_id)
    return office.page(visit, "search.html", asked=True, error="", found=found, awaited=awaited)


def kind_of(number: str) -> str:
    """Return what somebody typed: "nik", "record" (its number or the beginning of it), "external", "" for neither."""
    if _NIK.fullmatch(number):
        return "nik"
    if _BEGINNING.fullmatch(_hex(number)):
        return "record"
    return "external" if 4 <= len(number) <= 64 and number.isprintable() else ""


def search(
    context: GatewayContext, connection: sa.Connection, number: str, kind: str
) -> tuple[Sequence[RecordFound], Sequence[Awaited]]:
    """Return the records of a number with their statuses, and those that are still awaited."""
    if kind == "external":
        return find_records(connection, number)[:_MOST_FOUND], ()
    if kind == "nik":
        # The tables know a NIK only by its keyed hash.
        mac = hmac.new(context.nik_key, number.encode("ascii"), hashlib.sha256).hexdigest()
        query = sa.select(records.c.record_id).where(records.c.nik_mac == mac)
        ids = connection.scalars(query.distinct().limit(_MOST_FOUND)).all()
        return [each for record_id in ids for each in find_records(connection, record_id)], ()
    lowest, highest = (_padded(number, digit) for digit in "0f")
    between = manifests.c.record_id.between(lowest, highest)
    ids = connection.scalars(sa.select(manifests.c.record_id).where(between).distinct().limit(_MOST_FOUND)).all()
    found = [each for record_id in ids for each in find_records(connection, record_id)]
    waiting: Any = sa.select(awaited_records.c.kit, awaited_records.c.record_id, awaited_records.c.announced_at)
    rows = connection.execute(waiting.where(awaited_records.c.record_id.in_(ids))).all()
    return found, [Awaited(*row) for row in rows]


def _hex(number: str) -> str:
    return number.lower().replace("-", "").replace(" ", "")


def _padded(beginning: str, digit: str) -> str:
    """Return the first or last number that begins so, with its dashes: whatever order a database gives to signs."""
    whole = _hex(beginning).ljust(32, digit)
    return "-".join((whole[:8], whole[8:12], whole[12:16], whole[16:20], whole[20:]))


PAGES = (
    Page("/kits/{kit}/days/{day}", _day, Right.READ),
    Page("/kits/{kit}/days/{day}", _day, Right.READ, "POST"),
    Page("/statuses", _statuses, Right.READ),
    Page("/search", _ask, Right.READ),
    Page("/search", _search, Right.READ, "POST"),
)
