from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import HandClock

from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.operations import metrics
from sync.gateway.operations.metrics import Standing, Switches
from sync.gateway.tables import records
from sync.protocol.messages import Readiness
from tests.unit.sync.gateway.conftest import enrolled
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
    for seconds, times in ((14, 1), (1, 2), (-1, 3)):  # of a clock that was put back nobody knows how old they are
        clock.advance(seconds=seconds)
        list(standing.collect())
        assert len(asked) == times


@pytest.mark.parametrize("values", [{"verdict": "valid"}, {"lost_at": "now"}, {"set_aside_at": "now"}])
def test_the_oldest_that_waits_is_neither_judged_nor_lost_nor_set_aside(
    client: TestClient, gateway_context: GatewayContext, arrive: Arrive, clock: HandClock, values: dict[str, object]
) -> None:
    assert told(client, "fieldkit_oldest_waiting_seconds") == 0
    arrive()
    done = {name: clock.now() if value == "now" else value for name, value in values.items()}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(done))
    clock.advance(minutes=10)
    arrive()
    clock.advance(minutes=1)
    assert told(client, "fieldkit_oldest_waiting_seconds") == 60


def test_a_kit_that_is_out_is_not_counted(
    client: TestClient, gateway_context: GatewayContext, folder: Path, clock: HandClock
) -> None:
    for name in ("kit-01", "kit-02"):
        enrolled(folder, gateway_context, clock, name)
    Admission(gateway_context).revoke_kit("kit-02")
    assert told(client, "fieldkit_kits") == 1


@pytest.mark.parametrize(("free", "lines"), [(-1, []), (0, ["fieldkit_free_bytes 0.0"])])
def test_room_is_told_where_there_is_a_bound(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, free: int, lines: list[str]
) -> None:
    monkeypatch.setattr(metrics, "readiness", lambda *_: Readiness(is_ready=True, free_bytes=free))
    text = client.get("/metrics").text
    assert [line for line in text.splitlines() if line.startswith("fieldkit_free_bytes")] == lines


@pytest.mark.days
def test_only_this_machine_or_who_has_the_token_reads_them(client: TestClient, gateway_context: GatewayContext) -> None:
    assert client.get("/metrics").status_code == 200
    for header in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"):
        proxied = client.get("/metrics", headers={header: "203.0.113.9"})
        assert (proxied.status_code, proxied.json()["code"]) == (403, "metrics.forbidden")
    unnamed = TestClient(build_app(gateway_context, None, Switches()), client=None)  # type: ignore[arg-type]
    assert unnamed.get("/metrics").status_code == 403
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


def test_all_is_off_unless_said() -> None:
    assert Switches.of({}) == Switches(logs_json=False, shows_openapi=False, metrics_token="")
    said = {"FIELDKIT_LOG": "JSON", "FIELDKIT_OPENAPI": "1", "FIELDKIT_METRICS_TOKEN": "t"}
    assert Switches.of(said) == Switches(logs_json=True, shows_openapi=True, metrics_token="t")
    assert Switches.of({"FIELDKIT_LOG": "text", "FIELDKIT_OPENAPI": "0"}) == Switches()
    assert "t0ken" not in repr(Switches(metrics_token="t0ken"))
