from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from support.clock import HandClock

from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.operations.metrics import Standing
from sync.gateway.operations.switches import Switches
from tests.unit.sync.gateway.operations.conftest import Arrive


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    app = build_app(gateway_context, None, Switches(metrics_token="from-afar"))
    with TestClient(app, client=("127.0.0.1", 1)) as made:
        yield made


def told(client: TestClient, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_counts_and_standing_are_told(client: TestClient, arrive: Arrive, clock: HandClock) -> None:
    arrive(), arrive()
    clock.advance(minutes=10)
    client.get("/health"), client.get("/health")
    assert told(client, 'fieldkit_records{state="waiting"}') == 2
    assert told(client, "fieldkit_oldest_waiting_seconds") == 600
    assert (told(client, "fieldkit_kits"), told(client, "fieldkit_ready")) == (1, 1)
    assert told(client, "fieldkit_ca_seconds_left") > 0
    health = [line for line in client.get("/metrics").text.splitlines() if 'route="/health"' in line]
    assert any(line.startswith("fieldkit_requests_total{") and line.endswith(" 2.0") for line in health)


def test_the_database_is_not_asked_at_every_scrape(gateway_context: GatewayContext, clock: HandClock) -> None:
    asked: list[int] = []
    standing = Standing(gateway_context, lambda: asked.append(1) or [])  # type: ignore[func-returns-value]
    assert len(list(standing.collect())) > 3
    list(standing.collect())
    assert len(asked) == 1
    clock.advance(seconds=16)
    list(standing.collect())
    assert len(asked) == 2


def test_only_this_machine_or_who_has_the_token_reads_them(client: TestClient, gateway_context: GatewayContext) -> None:
    assert client.get("/metrics").status_code == 200
    proxied = client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (proxied.status_code, proxied.json()["code"]) == (403, "metrics.forbidden")
    for switches, given, status in (
        (Switches(metrics_token="from-afar"), "Bearer from-afar", 200),
        (Switches(metrics_token="from-afar"), "Bearer guessed", 403),
        (Switches(), "Bearer ", 403),
        (Switches(), "", 403),
    ):
        afar = TestClient(build_app(gateway_context, None, switches), client=("203.0.113.9", 1))
        assert afar.get("/metrics", headers={"Authorization": given}).status_code == status
    assert TestClient(build_app(gateway_context, None, Switches())).get("/metrics").status_code == 403
    assert client.get("/healthz").json() == {"status": "ok"}
