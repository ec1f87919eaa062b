"""Sign in and out, choose a passphrase and a language."""

from __future__ import annotations

from starlette.responses import Response

from fieldkit.domain.errors import InputError
from sync.gateway.office.accounts import SignInRefusedError
from sync.gateway.office.web import (
    FORM_COOKIE,
    HOME,
    LANGUAGE_COOKIE,
    PASSPHRASE,
    SESSION_COOKIE,
    SIGN_IN,
    Office,
    Page,
    Visit,
    drop_cookie,
    keep_cookie,
    seen,
)

_YEAR_S = 365 * 24 * 3600


def _ask(office: Office, visit: Visit) -> Response:
    return office.page(visit, "sign_in.html", name="", error="")


def _sign_in(office: Office, visit: Visit) -> Response:
    name = visit.form.get("name", "").strip()
    try:
        office.accounts.sign_in(name, visit.form.get("passphrase", ""), visit.form.get("code", ""))
    except SignInRefusedError as refused:
        return office.page(visit, "sign_in.html", 403, name=name, error=_why(visit, refused))
    office.note(visit, "office.sign_in", "", who=name)
    response = seen(HOME)
    keep_cookie(response, SESSION_COOKIE, office.sessions.begin(name))
    drop_cookie(response, FORM_COOKIE)
    return response


def _why(visit: Visit, refused: SignInRefusedError) -> str:
    if refused.locked_until is None:
        return visit.words.text("office.sign_in_wrong")
    return visit.words.text("office.sign_in_locked", at=visit.words.moment(refused.locked_until))


def _sign_out(office: Office, visit: Visit) -> Response:
    office.sessions.end(visit.cookies.get(SESSION_COOKIE, ""))
    response = seen(SIGN_IN)
    drop_cookie(response, SESSION_COOKIE)
    return response


def _ask_passphrase(office: Office, visit: Visit) -> Response:
    return office.page(visit, "passphrase.html", error="", done=visit.query.get("done", ""))


def _change_passphrase(office: Office, visit: Visit) -> Response:
    old, new, again = (visit.form.get(name, "") for name in ("old", "new", "again"))
    try:
        if new != again:
            raise InputError("office.passphrases_differ")
        office.accounts.change_passphrase(visit.who, old, new)
    except SignInRefusedError as refused:
        key = "office.old_passphrase_wrong"
        error = visit.words.text(key) if refused.locked_until is None else _why(visit, refused)
        return office.page(visit, "passphrase.html", 422, error=error, done="")
    except InputError as wrong:
        return office.page(visit, "passphrase.html", 422, error=office.told(visit, wrong.problem), done="")
    office.note(visit, "office.passphrase", "")
    response = seen(f"{PASSPHRASE}?done=changed")
    keep_cookie(response, SESSION_COOKIE, office.sessions.begin(visit.who))
    return response


def _choose_language(office: Office, visit: Visit) -> Response:
    back = visit.form.get("back", "")
    response = seen(back if back.startswith("/office/") and "\\" not in back else HOME)
    if (language := visit.form.get("language", "")) in office.catalogues:
        keep_cookie(response, LANGUAGE_COOKIE, language, _YEAR_S)
    return response


PAGES = (
    Page("/sign-in", _ask, is_open=True),
    Page("/sign-in", _sign_in, None, "POST", is_open=True),
    Page("/sign-out", _sign_out, None, "POST"),
    Page("/passphrase", _ask_passphrase),
    Page("/passphrase", _change_passphrase, None, "POST"),
    Page("/language", _choose_language, None, "POST", is_open=True),
)
