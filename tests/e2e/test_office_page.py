"""The office page in a real browser: signed in by keyboard alone, walked in both languages, a lost kit shut out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from support.clock import HandClock
from support.gateway import Kit, clock, enrolled_kit, folder, gateway_context, receive
from support.office import PASSPHRASE

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.domain.office_bundles import BundleKind
from sync.gateway import provision
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.ledger import Ledger
from sync.gateway.office.accounts import Accounts, Credentials, OfficeRole
from sync.gateway.server import GatewayServer
from sync.protocol.messages import Announcement

__all__ = ["clock", "folder", "gateway_context"]
pytestmark = pytest.mark.days
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

PAGES = (
    *("/", "/kits", "/kits/kit-01", "/kits/kit-01/people", "/kits/kit-01/lost", "/search", "/statuses", "/onward"),
    *("/storage", "/certificates", "/chains", "/slips", "/accounts", "/log", "/passphrase"),
    *("/bundles", "/bundles/policy", "/erasures"),
)
# What has no name for a screen reader, and what stands wider than the window.
NAMELESS = """() => {
    const words = it => [it.getAttribute('aria-label'), it.innerText, ...[...(it.labels || [])].map(l => l.innerText)];
    return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href], summary')]
        .filter(it => it.checkVisibility() && !words(it).join('').trim()).map(it => it.outerHTML);
}"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def kit(folder: Path, gateway_context: GatewayContext, clock: HandClock) -> Kit:
    made = enrolled_kit(folder, gateway_context, clock, "kit-01")
    record_id, manifest, sealed, _ = made.record(size=1000)
    Ledger(gateway_context).announce(made.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, made, record_id, sealed)
    Publishing(gateway_context).publish(BundleKind.POLICY, "", b"name: Kediri", Addressed())
    return made


@pytest.fixture
def admin(gateway_context: GatewayContext) -> Credentials:
    return Accounts(gateway_context).add("budi", OfficeRole.ADMIN, PASSPHRASE)


@pytest.fixture
def url(folder: Path, gateway_context: GatewayContext) -> Iterator[str]:
    app = build_app(gateway_context, None, catalogues=FieldCatalogues())
    server = GatewayServer(app, *provision.tls_files(folder), "127.0.0.1", 0, gateway_context.limits)
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def page() -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1366, "height": 768}, ignore_https_errors=True)
        yield context.new_page()
        browser.close()


def test_by_keyboard_alone_in_both_languages(
    url: str, page: Any, admin: Credentials, kit: Kit, gateway_context: GatewayContext
) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{url}/office")
    keys = page.keyboard
    # The first field gets the keyboard with the first picture, which a busy machine draws after the page has come.
    page.wait_for_function("document.activeElement.name === 'name'")
    keys.type("budi")
    keys.press("Tab")
    keys.type(PASSPHRASE)
    keys.press("Tab")
    keys.type(pyotp.TOTP(admin.totp_secret).at(int(gateway_context.clock.now().timestamp())))
    keys.press("Enter")
    page.wait_for_url(f"{url}/office/")

    keys.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    for language, width in (("id", 1366), ("en", 390)):
        page.set_viewport_size({"width": width, "height": 768})
        page.locator(f"button[value={language}]").focus()
        keys.press("Enter")
        page.wait_for_selector(f"html[lang={language}]")
        for path in PAGES:
            assert page.goto(f"{url}/office{path}").status == 200, path
            assert page.evaluate(NAMELESS) == [], path
            assert page.evaluate(TOO_WIDE) <= 0, (path, width)
            assert page.locator("main h1").count() == 1, path
            assert page.locator("header, main").count() == 2, path
    page.goto(f"{url}/office/kits")
    page.locator("summary").focus()
    keys.press("Enter")  # the menu of a narrow window
    assert page.locator("details nav a[aria-current=page]").inner_text() == "Laptops"

    page.goto(f"{url}/office/kits/kit-01/lost")
    page.get_by_label("Type kit-01 to confirm").focus()
    keys.type("kit-01")
    keys.press("Enter")
    page.wait_for_selector("[role=status]")
    with pytest.raises(Refusal, match=r"auth\.kit_revoked"):
        kit.token(gateway_context)
    assert complaints == []
