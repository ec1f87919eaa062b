"""What every page of the office has in common: sign-in, rights, forms that only our own pages may send, headers."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, timezone
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from fieldkit.domain.delivery import known_code
from fieldkit.domain.errors import KnownError, Problem
from fieldkit.ports.messages import Messages, told_by_code
from sync.gateway.database import GatewayContext
from sync.gateway.lookup import Access, Origin, note_access
from sync.gateway.office.accounts import Accounts, Person, Right, Sessions, form_token

# Long lists a page at a time: what a query brings is cut, and the page knows whether there is more.

ROWS, _MOST_PAGES = 50, 200


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of a list. `name` is what the address calls the number of the page, from 0."""

    rows: Sequence[Any]
    name: str
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page somebody asks for; what is no number of a page is the first."""

    name: str
    number: int

    @classmethod
    def asked(cls, query: Mapping[str, str], name: str = "page") -> PageOf:
        """Read it from an address."""
        text = query.get(name, "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        return cls(name, min(number, _MOST_PAGES))

    @property
    def first(self) -> int:
        """Return how many rows lie before the page."""
        return self.number * ROWS

    @property
    def needed(self) -> int:
        """Return how many rows a query must bring: one more than is shown."""
        return ROWS + 1

    def of(self, rows: Sequence[Any]) -> Paged:
        """Return the page of rows that begin at `first`."""
        return Paged(rows[:ROWS], self.name, self.number, len(rows) > ROWS and self.number < _MOST_PAGES)


# Moments, ages, sizes and counts as the office page writes them, in the language and the time zone of the reader.

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
_THOUSANDS = {"id": ".", "en": ","}
_UNITS = ("kB", "MB", "GB", "TB")


class Wording:
    """One language for one moment and one zone; templates call it `w`."""

    def __init__(self, messages: Messages, language: str, zone: str, now: datetime) -> None:
        self.language = language
        self.zone = zone if zone in ZONES else "WIB"
        self.now = now
        self._messages = messages
        self._zone = timezone(timedelta(hours=ZONES[self.zone]), self.zone)

    def text(self, key: str, /, **params: str | int) -> str:
        """Return a sentence of the catalogue."""
        return self._messages.text(key, **params)

    def local_day(self, at: datetime) -> date:
        """Return the day on which something happened, at the place of the dinas."""
        return at.astimezone(self._zone).date()

    def today(self) -> date:
        """Return the day at the place of the dinas."""
        return self.local_day(self.now)

    def begins(self, day: date) -> datetime:
        """Return the first moment of a day at the place of the dinas."""
        return datetime.combine(day, time(), self._zone)

    def day(self, day: date | datetime) -> str:
        """Return "23 Nov 2026"; a moment is told by its day at the place of the dinas."""
        at = self.local_day(day) if isinstance(day, datetime) else day
        return f"{at.day} {self.text('office.months').split()[at.month - 1]} {at.year}"

    def moment(self, at: datetime) -> str:
        """Return "23 Nov 2026 14.05 WIB"."""
        local = at.astimezone(self._zone)
        clock = f"{local:%H.%M}" if self.language == "id" else f"{local:%H:%M}"
        return f"{self.day(at)} {clock} {self.zone}"

    def ago(self, at: datetime) -> str:
        """Return how long ago something happened, in its largest unit."""
        minutes = max(0, int((self.now - at).total_seconds() // 60))
        if minutes < 60:
            return self.text("common.minutes_short", count=minutes)
        if minutes < 48 * 60:
            return self.text("office.hours", count=minutes // 60)
        return self.text("office.days", count=self.number(minutes // (24 * 60)))

    def left(self, until: datetime) -> str:
        """Return the whole days until something ends; nothing is left of what is over."""
        return self.text("office.days", count=self.number(max(0, (until - self.now).days)))

    def number(self, count: int) -> str:
        """Return a count with its thousands apart."""
        return f"{count:,}".replace(",", _THOUSANDS.get(self.language, ","))

    def size(self, size_bytes: int) -> str:
        """Return a size in the unit that people would say."""
        amount = size_bytes / 1000
        unit = 0
        while amount >= 1000 and unit < len(_UNITS) - 1:
            amount, unit = amount / 1000, unit + 1
        text = f"{amount:.1f}" if amount < 10 else f"{amount:.0f}"
        return f"{text.replace('.', ',') if self.language == 'id' else text} {_UNITS[unit]}"

    def status(self, code: str) -> str:
        """Return a central status in words; an unknown code stays as it was written."""
        known = known_code(code)
        return self.text(f"central.{known.value.lower()}") if known else code

    def act(self, act: str) -> str:
        """Return an entry of the access log in words; one that this page does not know stays as it was written."""
        key = f"office.act_{act.replace('.', '_')}"
        text = self.text(key)
        return act if text == key else text

    def bundle(self, kind: str, name: str) -> str:
        """Return what was sent down, with the name of the list or SOP."""
        told = self.text(f"office.kind_{kind}")
        return f"{told} · {name}" if name else told

    def refusal(self, code: str) -> str:
        """Return why a kit refused what was sent; a reason that this page does not know stays as it was written."""
        return told_by_code(self._messages, code)

    def erased(self, reason: str) -> str:
        """Return why a record was erased."""
        return self.text(f"office.erased_{reason}")

    def origin(self, origin: str) -> str:
        """Return from where somebody looked."""
        return self.text(f"office.origin_{origin}")


HERE = Path(__file__).parent
HOME = "/office/"
SIGN_IN, PASSPHRASE = "/office/sign-in", "/office/passphrase"
# The browser keeps a cookie of this name only from us, over TLS, for this host alone (RFC 6265bis §4.1.3.2).
SESSION_COOKIE, FORM_COOKIE, LANGUAGE_COOKIE = "__Host-office", "__Host-office-form", "__Host-office-language"
FORM_FIELD = "form_token"
_MAX_FORM_BYTES, _MAX_FIELDS = 64 * 1024, 40
_YEAR_S = 365 * 24 * 3600
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Strict-Transport-Security": f"max-age={_YEAR_S}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who asks, in which language, for what."""

    path: str
    base_url: str  # as the browser reached us, without a path
    names: Mapping[str, str]  # the variable parts of the path
    query: Mapping[str, str]
    form: Mapping[str, str]
    cookies: Mapping[str, str]
    words: Wording
    person: Person | None

    @property
    def who(self) -> str:
        """Return the name of who is signed in."""
        return "" if self.person is None else self.person.name

    @property
    def form_token(self) -> str:
        """Return what the forms of this browser carry."""
        return form_token(self.cookies.get(SESSION_COOKIE) or self.cookies.get(FORM_COOKIE, ""))


class Office:
    """What the pages share: the gateway, accounts, sessions, the access log and the templates."""

    def __init__(self, context: GatewayContext, catalogues: Mapping[str, Messages]) -> None:
        self.context = context
        self.catalogues = catalogues
        self.accounts, self.sessions = Accounts(context), Sessions(context)

    def words(self, language: str) -> Wording:
        """Return the wording of a language, of Indonesian where it is not one of ours."""
        chosen = language if language in self.catalogues else next(iter(self.catalogues))
        zone = str(self.context.configuration.profile.get("zone", "WIB"))
        return Wording(self.catalogues[chosen], chosen, zone, self.context.clock.now())

    def page(self, visit: Visit, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page; `values` are what its template shows."""
        shown = (
            _templates()
            .get_template(template)
            .render(
                visit=visit,
                person=visit.person,
                w=visit.words,
                t=visit.words.text,
                dinas=str(self.context.configuration.profile.get("dinas", "")),
                gateway=self.context.name,
                languages=tuple(self.catalogues),
                **values,
            )
        )
        return HTMLResponse(shown, status)

    def note(self, visit: Visit, act: str, about: str, who: str = "") -> None:
        """Write a look or an act down before the page is shown; `who` before the sign-in."""
        access = Access(who or visit.who, Origin.OFFICE, act, about)
        with self.context.engine.begin() as connection:
            note_access(connection, access, self.context.clock.now())

    def told(self, visit: Visit, problem: Problem) -> str:
        """Return a problem in words."""
        text = self.catalogues[visit.words.language].problem(problem)
        return " ".join(part for part in (text.what, text.do) if part)

    def failure(self, visit: Visit, status: int, key: str) -> Response:
        """Return a page that says why there is nothing to see."""
        return self.page(visit, "failure.html", status, why=visit.words.text(key))


Handle = Callable[[Office, Visit], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """A place of the office page: who may go there, and what happens there."""

    path: str
    handle: Handle
    right: Right | None = None  # None: everybody who is signed in
    method: str = "GET"
    is_open: bool = False  # before anybody signed in

    def endpoint(self, office: Office) -> Callable[[Request], Awaitable[Response]]:
        """Return the function that Starlette calls."""

        async def answer(request: Request) -> Response:
            form = await _form_of(request)
            # Whoever has no cookie yet gets one that ties the forms of the sign-in to this browser.
            is_new = not {SESSION_COOKIE, FORM_COOKIE} & request.cookies.keys()
            cookies = {**request.cookies, FORM_COOKIE: secrets.token_urlsafe(32)} if is_new else request.cookies
            response = await run_in_threadpool(self._answer, office, request, form, cookies)
            if is_new:
                keep_cookie(response, FORM_COOKIE, cookies[FORM_COOKIE])
            response.headers.update(_HEADERS)
            return response

        return answer

    def _answer(
        self, office: Office, request: Request, form: dict[str, str] | None, cookies: Mapping[str, str]
    ) -> Response:
        person = office.sessions.person(cookies.get(SESSION_COOKIE, ""))
        visit = Visit(
            path=request.url.path,
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            names={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            form=form or {},
            cookies=cookies,
            words=office.words(cookies.get(LANGUAGE_COOKIE, "")),
            person=person,
        )
        if form is None:
            return office.failure(visit, 413, "office.form_too_large")
        if person is None and not self.is_open:
            return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        if self.method == "POST" and not _is_ours(request, visit):
            return office.failure(visit, 403, "office.form_expired")
        if person is not None and not self.is_open:
            if person.is_temporary and self.path not in ("/passphrase", "/sign-out"):
                return RedirectResponse(PASSPHRASE, HTTPStatus.SEE_OTHER)
            if self.right is not None and not person.may(self.right):
                return office.failure(visit, 403, "office.not_yours")
        try:
            return self.handle(office, visit)
        except NothingHereError:
            return office.failure(visit, 404, "office.not_found")
        except KnownError as error:
            return office.page(visit, "failure.html", 409, why=office.told(visit, error.problem))


class NothingHereError(Exception):
    """The address names a kit, a person or an account that is not there."""


def day_named(text: str) -> date:
    """Return a day of an address. Raise `NothingHereError` for none, and at the ends of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NothingHereError from error
    if not MINYEAR < day.year < MAXYEAR:
        raise NothingHereError
    return day


@cache  # compiled once for all applications of a process
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def seen(path: str) -> Response:
    """Return the way to another page after a form was done: reloading does not do it again."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def keep_cookie(response: Response, name: str, value: str, max_age_s: int | None = None) -> None:
    """Give the browser a cookie that scripts cannot read and other sites cannot send."""
    response.set_cookie(name, value, max_age=max_age_s, path="/", secure=True, httponly=True, samesite="strict")


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def _is_ours(request: Request, visit: Visit) -> bool:
    """Return whether a form came from a page of ours in this very browser."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    brought = visit.form.get(FORM_FIELD, "").encode("utf-8", "replace")
    return secrets.compare_digest(brought, visit.form_token.encode())


async def _form_of(request: Request) -> dict[str, str] | None:
    """Return the fields of a form, {} without one, None when it is too large to be one of ours."""
    if request.method != "POST":
        return {}
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_FORM_BYTES:
            return None
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return None
    return {name: values[-1].replace("\0", "") for name, values in fields.items()}
