from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from support.clock import HandClock
from support.gateway import Kit
from support.races import meanwhile
from support.tus_headers import checked

from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext, Limits, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.operations.rates import AddressRates, Rates, _Lease, stated_bytes
from sync.gateway.tables import rate_windows
from sync.protocol import tus
from sync.protocol.messages import Announcement


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


class _Hurrying(HandClock):
    """A minute passes after each look."""

    def now(self) -> datetime:
        now = super().now()
        self.advance(minutes=1)
        return now


def test_a_minute_that_ends_while_it_is_counted_refuses_nobody(gateway_context: GatewayContext) -> None:
    rates = Rates(replace(gateway_context, clock=_Hurrying()))
    rates.of_kit("kit-01", 0)
    rates.of_kit("kit-01", 0)


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
    assert len(begun) == 1  # requests and bytes together


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


def test_a_token_that_is_none_is_counted_by_its_address(gateway_context: GatewayContext) -> None:
    client = TestClient(build_app(limited(gateway_context, address_requests_a_minute=2), None))
    tries = [client.get("/counts", headers={"Authorization": f"Bearer {number}"}) for number in range(3)]
    assert [answer.status_code for answer in tries] == [401, 401, 429]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/reconcile", b"{", (400, "body.invalid")),
        ("/reconcile", b"\xff", (400, "body.invalid")),
        ("/announce", b"[" * 100_000, (400, "body.invalid")),
        ("/nowhere", b"", (404, None)),
    ],
)
def test_what_is_refused_before_anybody_asks_for_the_token_is_counted_by_its_address(
    gateway_context: GatewayContext, path: str, body: bytes, told: tuple[int, str | None]
) -> None:
    client = TestClient(build_app(limited(gateway_context, address_requests_a_minute=2), None))
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    answers = [client.post(path, content=body, headers=headers) for _ in range(3)]
    codes = [(answer.status_code, answer.json().get("code")) for answer in answers]
    assert codes == [told, told, (429, "rate.requests")]


def test_nobody_is_counted_twice(gateway_context: GatewayContext, kit: Kit) -> None:
    context = limited(gateway_context, address_requests_a_minute=2)
    headers = {"Authorization": f"Bearer {kit.token(context)}"}
    client = TestClient(build_app(context, None))
    wrong_forms = [client.post("/reconcile", json={}, headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in wrong_forms} == {400}  # a kit's, not its address's
    assert [client.get("/nowhere").status_code for _ in range(3)] == [404, 404, 429]


@pytest.mark.parametrize("path", ["/tus", "/announce"])
@pytest.mark.parametrize("lie", [{}, {"Content-Length": "1"}])
@pytest.mark.parametrize("with_checksum", [False, True])
def test_bytes_count_that_no_header_states(
    gateway_context: GatewayContext,
    kit: Kit,
    path: str,
    lie: dict[str, str],
    with_checksum: bool,
) -> None:
    context = limited(gateway_context, kit_bytes_a_day=2999)
    client = TestClient(build_app(context, None))
    record_id, manifest, sealed, _ = kit.record(size=3000)
    Ledger(context).announce(kit.name, Announcement(manifests=(manifest,)))
    is_upload = path == "/tus"
    body = sealed if is_upload else b'{"manifests": [%b]}' % (b" " * 2983)
    headers = {
        "Authorization": f"Bearer {kit.token(context)}",
        **tus.creation_headers(3000, record_id),
        **(checked(sealed) if with_checksum else {}),
        "Content-Type": tus.OFFSET_CONTENT_TYPE if is_upload else "application/json",
        "Transfer-Encoding": "chunked",
        **lie,
    }
    answer = client.post(path, content=iter([body[:1000], body[1000:]]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate.bytes")


@pytest.mark.parametrize(("said", "size"), [("12", 12), ("", 0), ("-1", 0), ("١", 0), ("9" * 30, 0)])
def test_a_length_is_read_as_it_stands(said: str, size: int) -> None:
    assert stated_bytes({"content-length": said}) == size


def test_each_name_and_span_is_counted_alone_and_who_is_over_costs_nothing_more(
    gateway_context: GatewayContext, clock: HandClock
) -> None:
    clock.at = clock.at.replace(second=0)
    context = limited(gateway_context, kit_requests_a_minute=2)
    rates, begun = Rates(context), list[int]()
    assert [allowed(lambda name=name: rates.of_kit(name, 0)) for name in ("kit-01", "kit-02")] == [2, 2]  # type: ignore[misc]
    sa.event.listen(gateway_context.engine, "begin", lambda _: begun.append(1))
    assert allowed(lambda: rates.of_kit("kit-01", 0)) == 0
    assert begun == []
    assert allowed(lambda: Rates(context).of_kit("kit-01", 0)) == 0  # nor is there more for another worker
    with gateway_context.reading() as connection:
        spans = connection.scalars(sa.select(rate_windows.c.name).order_by(rate_windows.c.name)).all()
    assert spans == ["kit:kit-01", "kit:kit-02"]
    rates._leases |= {f"old {number}": _Lease(0, 1) for number in range(10_000)}
    clock.advance(minutes=1)
    rates.of_kit("kit-03", 0)
    assert {"kit:kit-01", "kit:kit-02", "kit:kit-03"} <= rates._leases.keys()
    assert not [name for name in rates._leases if name.startswith("old")]


def test_two_workers_that_begin_a_span_at_once_count_in_it(gateway_context: GatewayContext, clock: HandClock) -> None:
    clock.at = clock.at.replace(second=0)
    rates = Rates(limited(gateway_context, kit_requests_a_minute=5))
    began = int(clock.now().timestamp())
    row = {"name": "kit:kit-01", "began": began, "used": 1, "ends_at": clock.now()}
    with meanwhile(gateway_context.engine, "INSERT INTO rate_windows", sa.insert(rate_windows).values(**row)):
        assert allowed(lambda: rates.of_kit("kit-01", 0)) == 5  # theirs was undone with ours


def test_only_requests_without_a_token_are_counted_by_their_address(gateway_context: GatewayContext) -> None:
    rates = Rates(limited(gateway_context, address_requests_a_minute=2, address_enrolments_a_minute=1))
    told = list[int]()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Message) -> None:
        told.extend([message["status"]] if "status" in message else [])

    async def receive() -> Message:
        return {}

    signed_in = [(b"accept", b"x"), (b"authorization", b"Bearer x")]
    for changed, statuses in (
        ({"path": "/x"}, [200, 200, 429]),
        ({"path": "/enrol", "client": ("203.0.113.1", 1)}, [200, 429, 429]),
        ({"path": "/x", "client": ("203.0.113.1", 1)}, [200, 200, 429]),
        ({"path": "/x", "headers": signed_in}, [200] * 3),
        ({"path": "/enrol", "client": ("203.0.113.2", 1), "headers": signed_in}, [200, 429, 429]),
        ({"path": "/token", "client": ("203.0.113.2", 1), "headers": signed_in}, [200, 200, 429]),
        ({"type": "websocket"}, [200] * 3),
    ):
        told.clear()
        scope = {"type": "http", "headers": [(b"accept", b"x")], "client": None, **changed}
        for _ in range(3):
            asyncio.run(AddressRates(app, rates)(scope, receive, send))  # type: ignore[arg-type]
        assert told == statuses, changed


@pytest.mark.parametrize(("said", "size"), [("9" * 15, 10**15 - 1), ("9" * 16, 0), ("\u00b2", 0), ("1.5", 0)])
def test_a_length_has_at_most_fifteen_digits(said: str, size: int) -> None:
    assert stated_bytes({"content-length": said}) == size


def test_what_was_drawn_is_counted_at_once(gateway_context: GatewayContext, clock: HandClock) -> None:
    clock.at = clock.at.replace(second=0)
    rates = Rates(limited(gateway_context, kit_requests_a_minute=256, kit_bytes_a_day=6400))
    assert not rates.of_kit_at_once("kit-01", 40)  # nothing is drawn
    rates.of_kit("kit-01", 40)  # a share: of four requests and of a hundred bytes
    assert not rates.of_kit_at_once("kit-01", 61)
    assert rates.of_kit_at_once("kit-01", 50)
    assert not rates.of_kit_at_once("kit-02", 0)
    assert rates.of_kit_at_once("kit-01", 10)
    assert not rates.of_kit_at_once("kit-01", 1)
    assert rates.of_kit_at_once("kit-01", 0)
    assert not rates.of_kit_at_once("kit-01", 0)
    rates.of_kit("kit-01", 0)
    clock.advance(minutes=1)
    assert not rates.of_kit_at_once("kit-01", 0)


def test_who_draws_keeps_nobody_else_waiting(gateway_context: GatewayContext, clock: HandClock) -> None:
    clock.at = clock.at.replace(second=0)
    rates, told = Rates(gateway_context), list[bool]()
    rates.of_kit("kit-02", 1)

    def meanwhile(_connection: sa.Connection) -> None:
        told.extend([rates.of_kit_at_once("kit-02", 1), rates.of_kit_at_once("kit-01", 0)])

    sa.event.listen(gateway_context.engine, "begin", meanwhile)
    rates.of_kit("kit-01", 0)
    assert told == [True, False]
    assert rates.of_kit_at_once("kit-01", 0)


@pytest.mark.parametrize("name", ["kit:kit-01", "bytes:kit-01"])
def test_whose_count_somebody_changes_is_not_counted_at_once(gateway_context: GatewayContext, name: str) -> None:
    rates = Rates(gateway_context)
    rates.of_kit("kit-01", 1)
    left = {each: lease.left for each, lease in rates._leases.items()}
    with rates._leases[name].turn:
        assert not rates.of_kit_at_once("kit-01", 1)
    assert {each: lease.left for each, lease in rates._leases.items()} == left
    assert rates.of_kit_at_once("kit-01", 1)
