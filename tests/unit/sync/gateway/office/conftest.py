from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from support.clock import HandClock
from support.office import Browser

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from sync.gateway.database import GatewayContext
from sync.gateway.office.pages import PATH, office_app


@pytest.fixture
def browser(gateway_context: GatewayContext, clock: HandClock) -> Iterator[Browser]:
    catalogues = {language: strict_catalogue(language) for language in ("id", "en")}
    # Without the rest of the gateway: nothing here asks it, and its routes take a while to be made.
    app = Starlette(routes=[Mount(PATH, office_app(gateway_context, catalogues))])
    client = TestClient(app, base_url="https://gateway.test", follow_redirects=True)
    yield Browser(client, gateway_context, clock)
    client.close()


@pytest.fixture
def admin(browser: Browser) -> Browser:
    browser.sign_in_as("admin")
    return browser
