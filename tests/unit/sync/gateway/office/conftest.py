from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from support.clock import HandClock
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext


@pytest.fixture
def browser(gateway_context: GatewayContext, clock: HandClock) -> Iterator[Browser]:
    app = build_app(
        gateway_context, None, catalogues={language: strict_catalogue(language) for language in ("id", "en")}
    )
    # Without its life: no test here needs the threads of the gateway.
    client = TestClient(app, base_url="https://gateway.test", follow_redirects=True)
    yield Browser(client, gateway_context, clock)
    client.close()


@pytest.fixture
def admin(browser: Browser) -> Browser:
    browser.sign_in_as("admin")
    return browser
