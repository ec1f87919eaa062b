from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from support.clock import HandClock

from fieldkit.domain.errors import InputError, KnownError
from sync.gateway import provision
from sync.gateway.database import GatewayContext
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


def test_a_worker_keeps_what_it_knew_while_the_database_is_away(
    gateway_context: GatewayContext, clock: HandClock
) -> None:
    now, passed = [0.0], list[str]()

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope["type"] + scope["path"])

    async def nothing(*_: object) -> Message:
        return {}

    def ask(path: str, kind: str = "http") -> bool:
        """Return whether it was passed on."""
        passed.clear()
        asyncio.run(fence({"type": kind, "path": path, "method": "GET", "headers": []}, nothing, nothing))
        return passed == [kind + path]

    fence = Fence(app, gateway_context.engine, lambda: now[0])
    for place in ("/srv/first", "/srv/" + "n" * 300):  # the second takes the place of the first
        put_up(gateway_context.engine, place, clock.now())
    assert moved_to(gateway_context.engine) == ("/srv/" + "n" * 300)[:200]
    for seconds, is_passed in ((4.5, True), (0.5, False), (0.0, False)):
        now[0] += seconds
        assert ask("/x") is is_passed
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE moves RENAME TO away"))
    now[0] += LOOK_EVERY_S
    assert [ask("/x"), ask("/healthz"), ask("/metrics"), ask("/x", "websocket")] == [False, True, True, True]
    with pytest.raises(sa.exc.OperationalError):
        demand_here(gateway_context.engine)
    assert not Fence(app, gateway_context.engine)._look()
