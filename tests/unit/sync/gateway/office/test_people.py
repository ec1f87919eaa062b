from __future__ import annotations

import re

import pytest
from support.office import Browser

from sync.gateway.office.accounts import Credentials


def credentials_on(page: str, name: str) -> Credentials:
    passphrase = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page)
    secret = re.search(r">([A-Z2-7]{32})<", page)
    assert passphrase is not None
    assert secret is not None
    return Credentials(name, passphrase[0], secret[1], "")


def test_an_admin_gives_an_account_that_signs_in(admin: Browser) -> None:
    admin.get("/accounts")
    page = admin.post("/accounts", name="sri", role="operator").text
    given = credentials_on(page, "sri")
    admin.post("/sign-out")
    assert admin.sign_in(given, given.passphrase).url.path == "/office/passphrase"


def test_a_reset_ends_the_old_credentials(admin: Browser) -> None:
    admin.get("/accounts")
    before = credentials_on(admin.post("/accounts", name="sri", role="auditor").text, "sri")
    admin.get("/accounts")
    after = credentials_on(admin.post("/accounts/sri/reset").text, "sri")
    admin.post("/sign-out")
    assert admin.sign_in(before, before.passphrase).status_code == 403
    assert admin.sign_in(after, after.passphrase).status_code == 200


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts", {"name": "sri", "role": "king"}),
        ("/accounts", {"name": "dua kata", "role": "operator"}),
        ("/accounts", {"name": "admin", "role": "operator"}),
        ("/accounts/nobody/reset", {}),
        ("/accounts/admin/disable", {}),
    ],
)
def test_what_cannot_be_is_told(admin: Browser, path: str, fields: dict[str, str]) -> None:
    admin.get("/accounts")
    answer = admin.post(path, **fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert [(each.name, each.disabled_at) for each in admin.accounts.listed()] == [("admin", None)]


def test_a_disabled_account_is_outside_at_once(admin: Browser) -> None:
    admin.get("/accounts")
    admin.post("/accounts", name="sri", role="operator")
    admin.get("/accounts")
    assert "Akun dinonaktifkan." in admin.post("/accounts/sri/disable").text
    assert "Menonaktifkan akun" in admin.get("/log").text
    assert admin.accounts.listed()[1].disabled_at is not None
    admin.get("/accounts")
    assert admin.post("/accounts/nobody/disable").status_code == 409


def test_the_log_shows_acts_in_words_newest_first_page_by_page(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    admin.get("/accounts")
    admin.post("/accounts", name="sri", role="operator")
    page = admin.get("/log").text
    assert page.index("Menambah akun") < page.index('<td data-label="Tindakan">Masuk')
    monkeypatch.setattr("sync.gateway.office.people._PAGE", 3)  # as many as there are, with this look
    assert "before=" not in admin.get("/log").text
    monkeypatch.setattr("sync.gateway.office.people._PAGE", 1)
    first = admin.get("/log").text
    older = re.search(r"/office/log\?before=(\d+)", first)
    assert older is not None
    assert "Menambah akun" not in admin.get(f"/log?before={older[1]}").text
    for strange in ("x", "²", "9" * 19, ""):
        assert "Menambah akun" in admin.get(f"/log?before={strange}").text
