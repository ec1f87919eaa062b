from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import field_catalogue
from fieldkit.domain.errors import Problem
from sync.gateway.database import GatewayContext
from sync.gateway.office.accounts import OfficeRole, Person, form_token
from sync.gateway.office.web import ROWS, NothingHereError, Office, PageOf, Visit, Wording, day_named
from sync.gateway.tables import access_log

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_every_answer_carries_strict_headers(browser: Browser) -> None:
    for path in ("/", "/sign-in", "/nowhere"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_cookies_stay_with_us(browser: Browser) -> None:
    given = browser.accounts.add("sri", OfficeRole.OPERATOR)
    first = browser.client.get("/office/sign-in")
    browser._seen(first)
    browser.client.follow_redirects = False
    answer = browser.post("/sign-in", name="sri", passphrase=given.passphrase, code=browser.code(given))
    cookies = [*first.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    assert len(cookies) == 3
    for cookie in cookies:
        assert cookie.startswith("__Host-office")
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))


def test_nobody_sees_anything_before_the_sign_in(browser: Browser) -> None:
    for path in ("/", "/kits", "/kits/kit-01/lost", "/log", "/accounts", "/slips"):
        assert browser.get(path).url.path == "/office/sign-in"


READS = {"/kits", "/search", "/statuses", "/onward", "/storage", "/certificates", "/chains"}
CHANGES, AUDITS = {"/slips", "/accounts"}, {"/log"}


@pytest.mark.parametrize(
    ("role", "sees"), [("admin", READS | CHANGES | AUDITS), ("operator", READS), ("auditor", AUDITS)]
)
def test_each_role_sees_its_pages(browser: Browser, role: str, sees: set[str]) -> None:
    browser.sign_in_as(role)
    menu = browser.get("/").text
    for path in READS | CHANGES | AUDITS:
        assert browser.get(path).status_code == (200 if path in sees else 403), path
        assert (f'href="/office{path}"' in menu) is (path in sees), path


def test_a_form_of_another_site_or_of_yesterday_changes_nothing(admin: Browser) -> None:
    made = {"name": "rina", "role": "operator"}
    assert admin.client.post("/office/accounts", data=made).status_code == 403
    assert admin.client.post("/office/accounts", data={**made, "form_token": "0" * 64}).status_code == 403
    headers = {"Sec-Fetch-Site": "cross-site"}
    forged = admin.client.post("/office/accounts", data={**made, "form_token": admin.token}, headers=headers)
    assert forged.status_code == 403
    assert [each.name for each in admin.accounts.listed()] == ["admin"]


def test_a_form_that_is_too_large_is_refused(admin: Browser) -> None:
    assert admin.post("/search", number="x" * 70_000).status_code == 413
    many = "&".join(f"a{n}=1" for n in range(50))
    assert admin.client.post("/office/search", content=many).status_code == 413


def test_what_is_not_there_is_told_in_words(admin: Browser) -> None:
    answer = admin.get("/kits/nobody")
    assert (answer.status_code, "tidak ada" in answer.text) == (404, True)
    assert admin.get("/nowhere").status_code == 404


def test_a_first_passphrase_leads_nowhere_but_to_its_change(browser: Browser) -> None:
    given = browser.accounts.add("sri", OfficeRole.OPERATOR)
    assert browser.sign_in(given, given.passphrase).url.path == "/office/passphrase"
    assert browser.get("/kits").url.path == "/office/passphrase"
    assert browser.post("/search", number="12345678").url.path == "/office/passphrase"
    browser.get("/passphrase")
    new = "sepuluh perahu biru di atas bukit"
    answer = browser.post("/passphrase", old=given.passphrase, new=new, again=new)
    assert "Kata sandi diganti." in answer.text
    assert browser.get("/kits").url.path == "/office/kits"


def test_what_others_wrote_is_only_text(admin: Browser) -> None:
    answer = admin.post("/slips", kit='"><script>alert(1)</script>', admin="a", url="https://x")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def visit(person: Person | None = None, **cookies: str) -> Visit:
    words = Wording(field_catalogue("id"), "id", "WIB", NOW)
    named = {f"__Host-{name.replace('_', '-')}": value for name, value in cookies.items()}
    return Visit("/", "https://x", {}, {}, {}, named, words, person)


def test_a_problem_that_nobody_worded_is_told_by_its_code_alone(gateway_context: GatewayContext) -> None:
    office = Office(gateway_context, {"id": field_catalogue("id")})
    assert office.told(visit(), Problem("office.of_tomorrow")) == "office.of_tomorrow"


def test_a_form_is_tied_to_the_session_and_before_it_to_the_browser() -> None:
    assert visit().who == ""
    assert visit(Person("sri", OfficeRole.OPERATOR, False)).who == "sri"
    both = visit(office="a", office_form="b").form_token
    assert both == visit(office="a").form_token == form_token("a")
    assert visit(office_form="b").form_token == form_token("b")
    assert visit().form_token == form_token("")


@pytest.mark.parametrize(
    ("text", "is_day"),
    [
        ("0002-01-01", True),
        ("9998-12-31", True),
        ("0001-12-31", False),
        ("9999-01-01", False),
        ("2026-02-30", False),
    ],
)
def test_a_day_of_an_address_is_one_that_has_a_day_before_and_after(text: str, is_day: bool) -> None:
    with nullcontext() if is_day else pytest.raises(NothingHereError):
        assert day_named(text).isoformat() == text


def test_pages_speak_the_language_of_the_browser(admin: Browser) -> None:
    told = []
    for language in ("", "en", "fr"):
        admin.client.cookies.set("__Host-office-language", language, domain="gateway.test")
        told.append('<html lang="en"' in admin.get("/").text)
    assert told == [False, True, False]


def test_each_look_and_act_is_noted_under_its_name(admin: Browser) -> None:
    admin.get("/statuses")
    with admin.gateway_context.reading() as connection:
        rows = connection.execute(sa.select(access_log.c.who, access_log.c.act, access_log.c.origin)).all()
    assert rows == [("admin", "office.sign_in", "office"), ("admin", "office.statuses", "office")]


def test_whoever_must_choose_a_passphrase_may_also_leave(browser: Browser) -> None:
    given = browser.accounts.add("sri", OfficeRole.OPERATOR)
    browser.sign_in(given, given.passphrase)
    assert browser.get("/sign-in").url.path == "/office/sign-in"
    browser.get("/passphrase")
    assert browser.post("/sign-out").url.path == "/office/sign-in"
    assert browser.get("/").url.path == "/office/sign-in"


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_the_largest_form_is_read_and_a_body_of_no_form_is_not(admin: Browser, more: int, status: int) -> None:
    admin.get("/search")
    form = f"form_token={admin.token}&number=ffffffff&x="
    content = form + "x" * (64 * 1024 - len(form) + more)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert admin.client.post("/office/search", content=content, headers=headers).status_code == status
    assert admin.client.request("GET", "/office/search", content=content).status_code == 200


@pytest.mark.parametrize(
    ("text", "number"), [("", 0), ("3", 3), ("-1", 0), ("x", 0), ("1" * 30, 0), ("99999", 200), ("²", 0)]
)
def test_what_is_no_number_is_the_first_page(text: str, number: int) -> None:
    page = PageOf.asked({"lost": text}, "lost")
    assert (page.number, page.first) == (number, number * ROWS)
    assert PageOf.asked({"lost": "3"}).number == 0


def test_one_row_more_than_is_shown_says_that_there_is_more() -> None:
    page = PageOf("page", 1)
    rows = list(range(page.needed))
    shown = page.of(rows)
    assert (len(shown.rows), shown.has_more, shown.number) == (ROWS, True, 1)
    assert not page.of(rows[:-1]).has_more
    assert not PageOf("page", 200).of(rows).has_more
