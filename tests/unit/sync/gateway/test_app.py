from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from support.gateway import Kit, open_plainly

from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import NikRule

HELLO = {"protocol": 1, "kit": "kit-01", "kit_time": "2026-11-21T03:00:00Z"}


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    with TestClient(build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))) as made:
        yield made


def test_health_says_who_and_how(client: TestClient, gateway_context: GatewayContext) -> None:
    assert client.get("/health").json() | {"time": ""} == {
        "status": "ok",
        "gateway": gateway_context.name,
        "protocol": 1,
        "time": "",
    }


def test_health_of_a_gateway_whose_opener_runs_elsewhere(gateway_context: GatewayContext) -> None:
    with TestClient(build_app(gateway_context, None)) as client:
        assert client.get("/health").json()["status"] == "ok"


def test_another_protocol_is_told_at_hello(client: TestClient) -> None:
    assert client.post("/hello", json=HELLO).json()["oldest_protocol"] == 1
    answer = client.post("/hello", json={**HELLO, "protocol": 2})
    assert (answer.status_code, answer.json()["code"]) == (426, "protocol.version")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/reconcile"),
        ("POST", "/announce"),
        ("GET", "/receipts/x"),
        ("GET", "/statuses"),
        ("GET", "/counts"),
        ("GET", "/config"),
        ("POST", "/users"),
        ("POST", "/renewals"),
        ("POST", "/tus"),
        ("HEAD", "/tus/x"),
        ("PATCH", "/tus/x"),
        ("DELETE", "/tus/x"),
    ],
)
def test_nothing_of_a_kit_is_shown_without_a_token(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": "client_credentials"}])
def test_only_the_one_grant_is_known(client: TestClient, form: dict[str, str]) -> None:
    assert client.post("/token", data=form).json()["code"] == "auth.grant"


def test_a_huge_form_is_cut(client: TestClient) -> None:
    assert client.post("/token", content=b"x" * 20_000).status_code == 413


def test_a_flood_is_refused_at_every_message(client: TestClient) -> None:
    assert client.post("/enrol", content=b" " * 2_000_000).json()["code"] == "body.too_large"


def test_a_bad_body_is_refused_without_repeating_it(client: TestClient) -> None:
    answer = client.post("/enrol", json={"code": "SECRET-CODE"})
    assert (answer.status_code, answer.json()["code"]) == (400, "body.invalid")
    assert "SECRET" not in answer.text


def test_the_ca_is_public_and_the_configuration_is_not(client: TestClient, kit: Kit) -> None:
    ca = client.get("/ca").json()["ca_certificate"]
    assert ca == kit.answer.configuration.model_dump(mode="json")["ca_certificate"]
    assert client.get("/openapi.json").status_code == 404
