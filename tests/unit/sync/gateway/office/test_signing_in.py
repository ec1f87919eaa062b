from __future__ import annotations

import pytest
import sqlalchemy as sa
from support.office import PASSPHRASE, Browser

from sync.gateway.office.accounts import OfficeRole
from sync.gateway.office.web import FORM_COOKIE, SESSION_COOKIE
from sync.gateway.tables import access_log

NEW = "sepuluh perahu biru di atas bukit"


def test_whoever_signs_in_stands_in_the_log_and_may_sign_out(browser: Browser) -> None:
    browser.get("/sign-in")
    assert FORM_COOKIE in browser.client.cookies
    browser.sign_in_as("operator", "sri")
    assert FORM_COOKIE not in browser.client.cookies
    token = browser.client.cookies[SESSION_COOKIE]
    with browser.gateway_context.engine.begin() as connection:
        row = connection.execute(sa.select(access_log)).one()
    assert (row.who, row.act, row.origin) == ("sri", "office.sign_in", "office")
    assert browser.post("/sign-out").url.path == "/office/sign-in"
    assert SESSION_COOKIE not in browser.client.cookies
    browser.client.cookies.set(SESSION_COOKIE, token)  # of a browser that kept it
    assert browser.get("/kits").url.path == "/office/sign-in"


def test_who_changes_the_passphrase_stays_signed_in_and_stands_in_the_log(browser: Browser) -> None:
    browser.sign_in_as("operator", "sri")
    browser.get("/passphrase")
    answer = browser.post("/passphrase", old=PASSPHRASE, new=NEW, again=NEW)
    assert (str(answer.url.query, "ascii"), answer.url.path) == ("done=changed", "/office/passphrase")
    assert browser.get("/kits").url.path == "/office/kits"
    with browser.gateway_context.engine.begin() as connection:
        acts = connection.scalars(sa.select(access_log.c.act).order_by(access_log.c.number)).all()
    assert acts[:2] == ["office.sign_in", "office.passphrase"]
    browser.get("/passphrase")
    for _ in range(6):
        locked = browser.post("/passphrase", old="wrong", new=PASSPHRASE, again=PASSPHRASE)
    assert ("sekarang salah" in locked.text, "Terlalu banyak percobaan" in locked.text) == (False, True)


def test_a_wrong_sign_in_says_as_little_as_a_strangers(browser: Browser) -> None:
    given = browser.accounts.add("sri", OfficeRole.OPERATOR, PASSPHRASE)
    wrong = browser.sign_in(given, "wrong")
    browser.get("/sign-in")
    stranger = browser.post("/sign-in", name="nobody", passphrase="wrong", code="1")
    assert (wrong.status_code, stranger.status_code) == (403, 403)
    assert wrong.text.replace("sri", "nobody") == stranger.text
    for _ in range(5):
        locked = browser.post("/sign-in", name="sri", passphrase="wrong", code="1")
    assert "Terlalu banyak percobaan" in locked.text


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("wrong", "sepuluh perahu biru di bukit", "sepuluh perahu biru di bukit", "sekarang salah"),
        (PASSPHRASE, "sepuluh perahu biru di bukit", "lain", "tidak sama"),
        (PASSPHRASE, "12345678", "12345678", ""),
    ],
)
def test_a_passphrase_is_not_changed_by_halves(admin: Browser, old: str, new: str, again: str, why: str) -> None:
    admin.get("/passphrase")
    answer = admin.post("/passphrase", old=old, new=new, again=again)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert admin.get("/kits").url.path == "/office/kits"


def test_the_language_stays_chosen_and_leads_back_to_the_page(admin: Browser) -> None:
    answer = admin.post("/language", language="en", back="/office/kits")
    assert (answer.url.path, 'lang="en"' in answer.text) == ("/office/kits", True)
    assert "Sign out" in admin.get("/").text
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "/office/\\evil"):
        assert admin.post("/language", language="id", back=back).url.path == "/office/"
    admin.post("/language", language="xx", back="/office/")
    assert 'lang="id"' in admin.get("/").text
