"""Enrolment slips: made by an admin for a new kit or for one that comes back, shown once with a QR code, to print."""

from __future__ import annotations

import segno
import sqlalchemy as sa
from markupsafe import Markup
from starlette.responses import Response

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Slip, checked_id
from sync.gateway.office.accounts import Right
from sync.gateway.office.web import Office, Page, Visit
from sync.gateway.provision import demand_named, slip_for, slip_to_come_back
from sync.gateway.tables import enrol_codes

_MOST = 50


def qr_code(text: str, title: str) -> Markup:
    """Return a QR code as an SVG element that stands in a page."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(scale=4, border=4, title=title, svgclass="qr", lineclass=None, omitsize=False)
    return Markup(svg)


def _form(office: Office, visit: Visit) -> Response:
    return _shown(office, visit, "")


def _shown(office: Office, visit: Visit, error: str, status: int = 200, at: str = "") -> Response:
    now = office.context.clock.now()
    query = (
        sa.select(enrol_codes.c.kit, enrol_codes.c.admin, enrol_codes.c.expires_at, enrol_codes.c.readmits)
        .where(enrol_codes.c.expires_at > now, enrol_codes.c.used_by_csr.is_(None))
        .order_by(enrol_codes.c.expires_at)
        .limit(_MOST)
    )
    with office.context.reading() as connection:
        rows = connection.execute(query).all()
    typed = {name: visit.form.get(name, "") for name in ("kit", "admin", "url", "kind")}
    typed["kit"] = typed["kit"] or visit.query.get("kit", "")
    typed["kind"] = typed["kind"] or ("again" if typed["kit"] else "new")
    typed["url"] = typed["url"] or visit.base_url
    return office.page(visit, "slips.html", status, rows=rows, typed=typed, error=error, at=at)


def _make(office: Office, visit: Visit) -> Response:
    kit, admin, url = (visit.form.get(name, "").strip() for name in ("kit", "admin", "url"))
    make = slip_to_come_back if visit.form.get("kind") == "again" else slip_for
    try:
        demand_named(url, office.context.tls_hosts())
    except InputError as error:
        return _shown(office, visit, office.told(visit, error.problem), 422, at="url")
    try:
        slip = make(office.context, url, kit, checked_id(admin))
    except InputError as error:
        return _shown(office, visit, office.told(visit, error.problem), 422)
    office.note(visit, "office.slip", f"{kit} {admin}")
    said = Slip(slip.url, slip.code, slip.ca_fingerprint, kit, admin)
    code = qr_code(said.line, visit.words.text("office.slip_qr"))
    return office.page(visit, "slip.html", slip=slip, kit=kit, admin=admin, code=code)


PAGES = (
    Page("/slips", _form, Right.CHANGE),
    Page("/slips", _make, Right.CHANGE, "POST"),
)
