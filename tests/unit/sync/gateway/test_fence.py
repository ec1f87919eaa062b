from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient
from support.clock import HandClock

from fieldkit.domain.errors import InputError, KnownError
from sync.gateway import provision
from sync.gateway.context import GatewayContext
from sync.gateway.fence import LOOK_EVERY_S, Fence, demand_here, moved_to, put_up, take_down


def test_a_moved_one_is_not_opened_but_for_who_means_it(
    folder: Path, gateway_context: GatewayContext, clock: HandClock
) -> None:
    put_up(gateway_context.engine, "/srv/new", clock.now())
    with pytest.raises(InputError) as refused:
        provision.open_gateway(folder, clock)
    assert (refused.value.code, refused.value.problem.params["place"]) == ("gateway.moved", "/srv/new")
    meant = provision.open_even_moved(folder, clock)
    assert moved_to(meant.engine) == "/srv/new"
    take_down(meant.engine)
    meant.engine.dispose()
    provision.open_gateway(folder, clock).engine.dispose()


def test_a_database_that_is_away_is_said_at_the_start() -> None:
    engine = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(KnownError) as away:
        demand_here(engine)
    assert away.value.code == "gateway.database_away"


def test_a_worker_that_runs_notices_within_seconds(gateway_context: GatewayContext, clock: HandClock) -> None:
    now = [0.0]
    app = FastAPI()
    app.get("/x")(lambda: "here")
    app.get("/healthz")(lambda: "alive")
    client = TestClient(Fence(app, gateway_context.engine, lambda: now[0]))
    put_up(gateway_context.engine, "/srv/new", clock.now())
    assert client.get("/x").status_code == 200
    now[0] += LOOK_EVERY_S
    assert (client.get("/x").status_code, client.get("/x").json()["code"]) == (503, "gateway.moved")
    assert client.get("/healthz").status_code == 200
    take_down(gateway_context.engine)
    now[0] += LOOK_EVERY_S
    assert client.get("/x").status_code == 200
    gateway_context.engine.dispose()
