from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import HandClock
from support.gateway import Kit

from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext, Limits, Refusal
from sync.gateway.operations.rates import Rates, stated_bytes
from sync.gateway.tables import rate_windows


def limited(gateway_context: GatewayContext, **limits: int) -> GatewayContext:
    return replace(gateway_context, limits=replace(Limits(), **limits))  # type: ignore[arg-type]


def allowed(ask: Callable[[], None], tries: int = 300) -> int:
    for count in range(tries):
        try:
            ask()
        except Refusal:
            return count
    return tries


def test_workers_share_what_a_kit_may_ask(gateway_context: GatewayContext, clock: HandClock) -> None:
    clock.at = clock.at.replace(second=0)  # a span is over in the moment in which the next one begins
    context = limited(gateway_context, kit_requests_a_minute=128)
    one, other = Rates(context), Rates(context)
    assert allowed(lambda: one.of_kit("kit-01", 0), 40) == 40
    # What the first took in advance and did not use (two shares of 64 parts) is all that may be lacking.
    assert 128 - 40 - 2 <= allowed(lambda: other.of_kit("kit-01", 0)) <= 128 - 40
    assert allowed(lambda: one.of_kit("kit-02", 0)) == 128
    clock.advance(minutes=1)
    assert allowed(lambda: one.of_kit("kit-01", 0)) == 128
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(rate_windows)) == 1


def test_bytes_are_counted_by_the_day(gateway_context: GatewayContext, clock: HandClock) -> None:
    rates = Rates(limited(gateway_context, kit_bytes_a_day=1_000_000))
    assert allowed(lambda: rates.of_kit("kit-01", 100_000)) == 10
    rates.of_kit("kit-01", 0)
    clock.advance(days=1)
    assert allowed(lambda: rates.of_kit("kit-01", 100_000)) == 10


def test_an_address_is_bounded_and_nowhere_written(gateway_context: GatewayContext) -> None:
    context = limited(gateway_context, address_requests_a_minute=5, address_enrolments_a_minute=2)
    rates = Rates(context)
    assert allowed(lambda: rates.of_address("203.0.113.9", enrols=False)) == 5
    assert allowed(lambda: rates.of_address("203.0.113.9", enrols=True)) == 2
    assert allowed(lambda: rates.of_address("203.0.113.10", enrols=True)) == 2
    # One subscriber has 2⁶⁴ addresses of IPv6.
    assert allowed(lambda: rates.of_address("2001:db8::1", enrols=True), 1) == 1
    assert allowed(lambda: rates.of_address("2001:db8::2", enrols=True)) == 1
    with gateway_context.engine.begin() as connection:
        names = connection.scalars(sa.select(rate_windows.c.name)).all()
    assert len(names) == 4
    assert not any("203" in name.partition(":")[2][:3] or "2001" in name for name in names)


def test_a_worker_asks_the_database_rarely(gateway_context: GatewayContext) -> None:
    begun = []
    rates = Rates(gateway_context)
    sa.event.listen(gateway_context.engine, "begin", lambda _: begun.append(1))
    for _ in range(90):
        rates.of_kit("kit-01", 1000)
    assert len(begun) == 2


def test_where_the_database_is_away_nobody_is_refused_by_this(gateway_context: GatewayContext) -> None:
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE rate_windows"))
    Rates(gateway_context).of_kit("kit-01", 5)


def test_the_application_says_when_to_come_again(gateway_context: GatewayContext, kit: Kit) -> None:
    context = limited(gateway_context, kit_requests_a_minute=3, address_requests_a_minute=3)
    headers = {"Authorization": f"Bearer {kit.token(context)}"}
    client = TestClient(build_app(context, None))
    answers = [client.get("/counts", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].json()["code"], answers[3].headers["Retry-After"]) == ("rate.requests", "60")
    assert [client.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(("said", "size"), [("12", 12), ("", 0), ("-1", 0), ("١", 0), ("9" * 30, 0)])
def test_a_length_is_read_as_it_stands(said: str, size: int) -> None:
    assert stated_bytes({"content-length": said}) == size
