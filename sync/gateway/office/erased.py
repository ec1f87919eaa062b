"""Records that were erased after their time, each with the signed statement that proves it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.vault.device_trust import CompactJws
from sync.gateway.office.accounts import Right
from sync.gateway.office.web import NothingHereError, Office, Page, PageOf, Visit
from sync.gateway.tables import erasures


def _erasures(office: Office, visit: Visit) -> Response:
    newest = (erasures.c.decided_at.desc(), erasures.c.record_id.desc(), erasures.c.kit.desc())
    page = PageOf.asked(visit.query)
    with office.context.reading() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(erasures)) or 0
        query = sa.select(erasures).order_by(*newest).offset(page.first).limit(page.needed)
        rows = connection.execute(query).all()
    office.note(visit, "office.erasures", "")
    return office.page(visit, "erasures.html", count=count, erasures=page.of(rows))


def _proof(office: Office, visit: Visit) -> Response:
    which = {"kit": visit.form.get("kit", ""), "record_id": visit.form.get("number", "")}
    with office.context.reading() as connection:
        row = connection.execute(sa.select(erasures).filter_by(**which)).one_or_none()
    if row is None or not row.statement:
        raise NothingHereError
    office.note(visit, "office.erasure", row.record_id)
    said = CompactJws.parse(row.statement).payload
    moments = {name: datetime.fromisoformat(str(said[name])) for name in ("received_at", "erased_at")}
    return office.page(visit, "erasure.html", row=row, moments=moments)


PAGES = (
    Page("/erasures", _erasures, Right.READ),
    Page("/erasures", _proof, Right.READ, "POST"),
)
