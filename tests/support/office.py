"""A browser of the office page: it keeps cookies, and sends forms with what the page before put into them."""

from __future__ import annotations

import re
from typing import Any

import pyotp
from starlette.testclient import TestClient
from support.clock import HandClock

from sync.gateway.database import GatewayContext
from sync.gateway.office.accounts import Accounts, Credentials, OfficeRole

PASSPHRASE = "kuda hijau melompat 77 pagar"
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class Browser:
    """One person at the office page of a gateway."""

    def __init__(self, client: TestClient, gateway_context: GatewayContext, clock: HandClock) -> None:
        self.client, self.gateway_context, self.clock = client, gateway_context, clock
        self.accounts = Accounts(gateway_context)
        self.token = ""

    def get(self, path: str) -> Any:
        return self._seen(self.client.get(f"/office{path}"))

    def post(self, path: str, **fields: str) -> Any:
        return self._seen(self.client.post(f"/office{path}", data={"form_token": self.token, **fields}))

    def code(self, given: Credentials) -> str:
        return pyotp.TOTP(given.totp_secret).at(int(self.clock.now().timestamp()))

    def sign_in_as(self, role: str, name: str = "") -> Credentials:
        given = self.accounts.add(name or role, OfficeRole(role), PASSPHRASE)
        answer = self.sign_in(given)
        assert answer.url.path == "/office/", answer.text
        return given

    def sign_in(self, given: Credentials, passphrase: str = PASSPHRASE, code: str = "") -> Any:
        self.get("/sign-in")
        return self.post("/sign-in", name=given.name, passphrase=passphrase, code=code or self.code(given))

    def _seen(self, answer: Any) -> Any:
        if found := _TOKEN.search(answer.text):
            self.token = found[1]
        return answer
