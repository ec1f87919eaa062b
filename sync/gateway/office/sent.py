"""What was sent down to the kits: the newest of each bundle, and which kit goes by which version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.down.publishing import EVERY_KIT
from sync.gateway.down.tables import bundle_kits, kit_standings, office_bundles
from sync.gateway.office.accounts import Right
from sync.gateway.office.web import NothingHereError, Office, Page, PageOf, Visit
from sync.gateway.tables import kits


def _wanted() -> sa.Subquery:
    """Return for each bundle and each kit that it is for the newest version, and where the kit is."""
    is_for_it = sa.or_(bundle_kits.c.kit == kits.c.kit, bundle_kits.c.kit == EVERY_KIT)
    stream = bundle_kits.c.kind, bundle_kits.c.name
    newest = (
        sa.select(*stream, kits.c.kit, sa.func.max(bundle_kits.c.version).label("newest"))
        .join(kits, is_for_it)
        .where(kits.c.revoked_at.is_(None))
        .group_by(*stream, kits.c.kit)
        .subquery()
    )
    same = [kit_standings.c[column] == newest.c[column] for column in ("kind", "name", "kit")]
    told = (kit_standings.c[column] for column in ("version", "refused", "code", "told_at"))
    return sa.select(newest, *told).outerjoin(kit_standings, sa.and_(*same)).subquery()


def _bundles(office: Office, visit: Visit) -> Response:
    wanted = _wanted()
    goes = sa.case((wanted.c.version >= wanted.c.newest, 1), else_=0)
    refuses = sa.case((sa.and_(wanted.c.refused >= wanted.c.newest, wanted.c.code != ""), 1), else_=0)
    counts = (
        sa.select(
            wanted.c.kind,
            wanted.c.name,
            sa.func.max(wanted.c.newest).label("newest"),
            sa.func.count().label("kits"),
            sa.func.sum(goes).label("going"),
            sa.func.sum(refuses).label("refusing"),
        )
        .group_by(wanted.c.kind, wanted.c.name)
        .subquery()
    )
    same = [office_bundles.c[column] == counts.c[column] for column in ("kind", "name")]
    query = (
        sa.select(counts, office_bundles.c.made_at)
        .join(office_bundles, sa.and_(*same, office_bundles.c.version == counts.c.newest))
        .order_by(office_bundles.c.made_at.desc(), counts.c.kind, counts.c.name)
    )
    page = PageOf.asked(visit.query)
    with office.context.reading() as connection:
        rows = connection.execute(query.offset(page.first).limit(page.needed)).all()
    return office.page(visit, "bundles.html", bundles=page.of(rows))


def _one(office: Office, visit: Visit) -> Response:
    kind, name = visit.names["kind"], visit.query.get("name", "").replace("\0", "")
    if kind not in tuple(BundleKind):
        raise NothingHereError
    wanted = _wanted()
    query: sa.Select[Any] = sa.select(wanted).where(wanted.c.kind == kind, wanted.c.name == name)
    page = PageOf.asked(visit.query)
    with office.context.reading() as connection:
        rows = connection.execute(query.order_by(wanted.c.kit).offset(page.first).limit(page.needed)).all()
    if not rows and not page.number:
        raise NothingHereError
    return office.page(visit, "bundle.html", kind=kind, name=name, kits=page.of(rows))


PAGES = (
    Page("/bundles", _bundles, Right.READ),
    Page("/bundles/{kind}", _one, Right.READ),
)
