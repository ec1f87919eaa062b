from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.gateway import Kit
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.office import web
from sync.gateway.office.pages import ROOMS

READ = ("/", "/kits", "/kits/kit-01", "/kits/kit-01/people", "/kits/kit-01/lost", "/search", "/statuses", "/onward")
MORE = ("/bundles", "/erasures", "/storage", "/certificates", "/chains", "/slips", "/accounts", "/log", "/passphrase")
ALL = (*READ, *MORE)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_speaks_the_language_and_says_what_each_field_is(admin: Browser, kit: Kit, language: str) -> None:
    admin.get("/")
    admin.post("/language", language=language, back="/office/")
    for path in ALL:
        answer = admin.get(path)
        assert (answer.status_code, f'<html lang="{language}">' in answer.text) == (200, True), path
        assert answer.text.count("<h1>") == 1, path
        assert "<script" not in answer.text
        assert " style=" not in answer.text, path  # the policy forbids it
        for field in re.findall(r'<(?:input|select)(?! type="(?:hidden|radio)")[^>]* id="(\w+)"', answer.text):
            assert f'<label for="{field}">' in answer.text, (path, field)
        assert answer.text.count("<table") == answer.text.count("<caption")


def test_every_form_carries_its_token_and_every_post_has_one(admin: Browser, kit: Kit) -> None:
    for path in ALL:
        page = admin.get(path).text
        for form in re.findall(r'<form method="post".*?</form>', page, re.DOTALL):
            assert 'name="form_token"' in form, path
    posts = [page.path for room in ROOMS for page in room.PAGES if page.method == "POST"]
    assert len(posts) >= 10
    for path in posts:
        place = path.replace("{kit}", "kit-01").replace("{day}", "2026-01-01").replace("{name}", "admin")
        assert admin.client.post(f"/office{place}").status_code == 403, path


@pytest.mark.parametrize(("name", "kind"), [("office.css", "text/css"), ("icon.svg", "image/svg+xml")])
def test_style_and_icon_are_served_and_may_be_kept_for_a_while(browser: Browser, name: str, kind: str) -> None:
    answer = browser.client.get(f"/office/{name}")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert "max-age" in answer.headers["Cache-Control"]


def test_the_addresses_of_the_gateway_stay(gateway_context: GatewayContext) -> None:
    with_page = TestClient(
        build_app(gateway_context, None, catalogues=FieldCatalogues()), base_url="https://gateway.test"
    )
    assert with_page.get("/office").url.path == "/office/sign-in"
    assert with_page.get("/health").json()["status"] == "ok"
    without = TestClient(build_app(gateway_context, None), base_url="https://gateway.test")
    assert without.get("/office/").status_code == 404


def test_templates_mark_nothing_as_safe() -> None:
    for template in Path(web.HERE / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        assert "|safe" not in text.replace(" ", "")
        assert "autoescape" not in text


def test_no_answer_sends_anybody_to_the_host_that_a_request_names(gateway_context: GatewayContext) -> None:
    client = TestClient(build_app(gateway_context, None, catalogues=FieldCatalogues()), follow_redirects=False)
    paths = ["/health", "/hello", "/tus", "/tus/x", "/ready", "/office", *(f"/office{path}" for path in ALL)]
    places = set[str]()
    for path in (each + end for each in paths for end in ("", "/", "//")):
        for method in ("GET", "POST"):
            answer = client.request(method, path, headers={"Host": "elsewhere.example"})
            assert "elsewhere" not in answer.text, path
            places.add(answer.headers.get("Location", ""))
    assert places == {"", "/office/", "/office/sign-in"}
