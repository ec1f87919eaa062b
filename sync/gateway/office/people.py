"""Accounts of the office page, kept by an admin, and the log of who looked at what, read by an auditor."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from fieldkit.domain.errors import InputError
from sync.gateway.lookup import accesses
from sync.gateway.office.accounts import Credentials, OfficeRole, Right
from sync.gateway.office.slips import qr_code
from sync.gateway.office.web import Office, Page, Visit, seen

_PAGE = 50


def _accounts(office: Office, visit: Visit) -> Response:
    return _shown(office, visit, "")


def _shown(office: Office, visit: Visit, error: str, status: int = 200) -> Response:
    typed = {name: visit.form.get(name, "") for name in ("name", "role")}
    return office.page(
        visit,
        "accounts.html",
        status,
        accounts=office.accounts.listed(),
        roles=[role.value for role in OfficeRole],
        typed=typed,
        error=error,
        done=visit.query.get("done", ""),
    )


def _add(office: Office, visit: Visit) -> Response:
    name, role = visit.form.get("name", "").strip(), visit.form.get("role", "")
    if role not in set(OfficeRole):
        return _shown(office, visit, visit.words.text("office.choose_role"), 422)
    return _given(office, visit, "office.account_added", lambda: office.accounts.add(name, OfficeRole(role)))


def _reset(office: Office, visit: Visit) -> Response:
    return _given(office, visit, "office.account_reset", lambda: office.accounts.reset(visit.names["name"]))


def _given(office: Office, visit: Visit, act: str, make: Callable[[], Credentials]) -> Response:
    try:
        credentials = make()
    except InputError as error:
        return _shown(office, visit, office.told(visit, error.problem), 422)
    office.note(visit, act, credentials.name)
    code = qr_code(credentials.totp_uri, visit.words.text("office.totp_qr"))
    return office.page(visit, "credentials.html", given=credentials, code=code)


def _disable(office: Office, visit: Visit) -> Response:
    name = visit.names["name"]
    if name == visit.who:
        return _shown(office, visit, visit.words.text("office.not_yourself"), 422)
    office.accounts.disable(name)
    office.note(visit, "office.account_disabled", name)
    return seen("/office/accounts?done=disabled")


def _log(office: Office, visit: Visit) -> Response:
    before = visit.query.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
    with office.context.reading() as connection:
        found = accesses(connection, number, _PAGE + 1)
    older = found[_PAGE - 1].number if len(found) > _PAGE else 0
    return office.page(visit, "log.html", looks=found[:_PAGE], older=older)


PAGES = (
    Page("/accounts", _accounts, Right.CHANGE),
    Page("/accounts", _add, Right.CHANGE, "POST"),
    Page("/accounts/{name}/reset", _reset, Right.CHANGE, "POST"),
    Page("/accounts/{name}/disable", _disable, Right.CHANGE, "POST"),
    Page("/log", _log, Right.AUDIT),
)
