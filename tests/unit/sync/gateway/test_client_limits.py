"""What tests/integration/sync/test_hostile_clients.py does not reach through a socket."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from starlette.types import Message, Receive, Scope, Send
from support.virtual_time import run

from sync.gateway.client_limits import ClientLimits
from sync.gateway.context import Limits

# Parts of seconds that a float holds exactly.
LIMITS = Limits(
    requests_per_address=2,
    body_silence=timedelta(seconds=0.5),
    rate_window=timedelta(seconds=0.25),
    slowest_bytes_per_s=1000,
)
SENDS = (b"content-length", b"30")


class Client:
    """One request: what it sends, each piece after a pause in seconds, and what it was answered."""

    def __init__(self, *pieces: tuple[float, bytes], headers: tuple[tuple[bytes, bytes], ...] = (SENDS,)) -> None:
        self._pieces = list(pieces)
        self.scope: Scope = {"type": "http", "method": "POST", "client": ("10.0.0.1", 1), "headers": list(headers)}
        self.answers: list[Message] = []

    async def receive(self) -> Message:
        if not self._pieces:
            await asyncio.Event().wait()
        pause, body = self._pieces.pop(0)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": bool(self._pieces)}

    async def send(self, message: Message) -> None:
        self.answers.append(message)

    async def ask(self, limits: Callable[[Scope, Receive, Send], Awaitable[None]]) -> tuple[int, str]:
        await limits(self.scope, self.receive, self.send)
        start, body = self.answers
        return start["status"], json.loads(body["body"]).get("code", "")

    @property
    def is_cut(self) -> bool:
        return (b"connection", b"close") in self.answers[0].get("headers", ())


async def reads_all(_scope: Scope, receive: Receive, send: Send) -> None:
    while (message := await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200 if message["type"] == "http.request" else 400})
    await send({"type": "http.response.body", "body": b"{}"})


async def reads_nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 401})
    await send({"type": "http.response.body", "body": b'{"code": "auth"}'})


def test_a_body_that_comes_is_passed_on() -> None:
    client = Client((0.0, b"x" * 10), (0.02, b"x" * 20))
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (200, "")


SLOW = [(0.125, b"x")] * 30


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        ([(0.0, b"x"), (0.625, b"x")], 0),
        ([(0.375, b"x" * 400), (0.375, b"x" * 400), (0.625, b"x"), (0.0, b"x")], 1),
        (SLOW, 28),
        ([(0.125, b"x" * 124), (0.125, b"x" * 125), (0.125, b"")], 1),
    ],
)
def test_silence_and_slowness_are_given_up_and_look_like_a_client_that_left(
    pieces: list[tuple[float, bytes]], left: int
) -> None:
    client = Client(*pieces)
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (408, "client.slow")
    assert client.is_cut
    assert len(client._pieces) == left


@pytest.mark.parametrize(
    "pieces",
    [
        [(0.375, b"x" * 500), (0.375, b"x" * 500)],  # never silent for half a second
        [(0.0, b""), (0.125, b""), (0.0, b"x")],  # no judgement before a quarter of a second
        [(0.25, b"x" * 250), (0.0, b"x")],  # just as quick as it must be
        [(0.375, b"x")],  # slow, and whole
        [(0.25, b"x" * 300), (0.125, b""), (0.0, b"x")],  # judged anew from then on
    ],
)
def test_a_body_that_comes_in_its_time_is_passed_on(pieces: list[tuple[float, bytes]]) -> None:
    assert run(Client(*pieces).ask(ClientLimits(reads_all, LIMITS))) == (200, "")


async def waits_for_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await receive()
    await reads_nothing(scope, receive, send)


@pytest.mark.parametrize(
    ("headers", "is_patient"),
    [
        ([], True),
        ([(b"content-length", b"0")], True),
        ([(b"content-length", b"1")], False),
        ([(b"transfer-encoding", b"chunked")], False),
    ],
)
def test_only_for_a_body_is_the_client_waited_for_impatiently(
    headers: list[tuple[bytes, bytes]], is_patient: bool
) -> None:
    client = Client((0.0, b"x"), (99.0, b"x"), headers=tuple(headers))
    answer = run(client.ask(ClientLimits(waits_for_the_end, LIMITS)))
    assert answer == ((401, "auth") if is_patient else (408, "client.slow"))


def test_what_is_no_request_passes() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    client = Client()
    run(ClientLimits(app, LIMITS)({"type": "lifespan"}, client.receive, client.send))
    assert seen == [{"type": "lifespan"}]


@pytest.mark.parametrize("is_late_too", [False, True])
def test_who_cancels_the_request_is_not_taken_for_a_silent_client(is_late_too: bool) -> None:
    async def cancel() -> tuple[bool, list[Message]]:
        client = Client()
        asking = asyncio.create_task(client.ask(ClientLimits(reads_all, LIMITS)))
        await asyncio.sleep(0)
        # In the same round of the loop as the end of our own patience, or before it.
        asyncio.get_running_loop().call_later(0.5 if is_late_too else 0.25, asking.cancel)
        await asyncio.wait({asking})
        return asking.cancelled(), client.answers

    assert run(cancel()) == (True, [])


def test_the_time_that_we_need_ourselves_does_not_count() -> None:
    async def works(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            await receive()
            await asyncio.sleep(99.0)
        await reads_nothing(scope, receive, send)

    client = Client(*[(0.0, b"x")] * 3)
    assert run(client.ask(ClientLimits(works, LIMITS))) == (401, "auth")
    assert not client.is_cut


def test_the_rest_of_a_refused_body_is_let_in_before_the_answer() -> None:
    client = Client(*[(0.0, b"x" * 10)] * 3)
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert not client.is_cut
    assert client._pieces == []


def test_a_client_that_asks_before_it_sends_is_not_asked_to_send() -> None:
    client = Client((0.0, b"x"), headers=(SENDS, (b"expect", b"100-continue")))
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert client.is_cut
    assert client._pieces


def test_a_flood_behind_a_refusal_is_cut() -> None:
    client = Client(*[(0.0, bytes(1024 * 1024))] * 12)
    assert run(client.ask(ClientLimits(reads_nothing, LIMITS))) == (401, "auth")
    assert client.is_cut
    assert len(client._pieces) == 4


def test_behind_a_refusal_nobody_is_waited_for_as_long_as_before_it() -> None:
    async def reads_one(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await reads_nothing(scope, receive, send)

    client = Client((0.0, b"x"), (1.5, b"x"))
    patient = Limits(body_silence=timedelta(seconds=30))
    assert run(client.ask(ClientLimits(reads_one, patient))) == (401, "auth")
    assert client.is_cut


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("::ffff:10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:1::2", "2001:db8:0:2::1"),
        ("", "", "", "pipe"),
    ],
)
def test_an_address_that_has_too_many_requests_is_told_so_and_counted_down(
    addresses: tuple[str, str, str, str],
) -> None:
    first, second, same, other = addresses

    async def ask(limits: ClientLimits, address: str, pause: float = 0.0) -> tuple[int, str]:
        client = Client((pause, b"x"))
        client.scope["client"] = (address, 1)
        return await client.ask(limits)

    async def all_of_them() -> list[tuple[int, str]]:
        limits = ClientLimits(reads_all, LIMITS)
        slow = [asyncio.create_task(ask(limits, address, 0.03)) for address in (first, second)]
        await asyncio.sleep(0)
        third = [await ask(limits, same), await ask(limits, other)]
        await asyncio.gather(*slow)
        return [*third, await ask(limits, same)]

    assert run(all_of_them()) == [(429, "client.too_many"), (200, ""), (200, "")]


def test_each_request_is_counted_until_its_own_end() -> None:
    async def ask(limits: ClientLimits, pause: float) -> int:
        return (await Client((pause, b"x")).ask(limits))[0]

    async def one_after_another() -> list[int]:
        limits = ClientLimits(reads_all, LIMITS)
        slow = [asyncio.create_task(ask(limits, pause)) for pause in (0.125, 0.25)]
        await asyncio.sleep(0.1875)
        more = [asyncio.create_task(ask(limits, 0.125)) for _ in range(2)]
        answers = [await task for task in (*slow, *more)]
        assert not limits._open  # nor is an address remembered that has none: there are more of them than memory
        return answers

    assert run(one_after_another()) == [200, 200, 200, 429]


def test_a_client_without_an_address_is_counted_too() -> None:
    client = Client((0.0, b"x"))
    client.scope["client"] = None
    assert run(client.ask(ClientLimits(reads_all, LIMITS))) == (200, "")


class Line:
    """One connection: sends nothing, hears everything."""

    async def receive(self) -> Message:
        await asyncio.sleep(10)
        raise AssertionError("nobody waits so long")

    async def send(self, message: Message) -> None:
        pass


async def held_in_a_circle(scope: Scope, receive: Receive, send: Send) -> None:
    kept: list[object] = [receive, send]
    kept.append(kept)
    await receive()


def test_a_client_that_is_given_up_is_let_go_before_garbage_is_collected() -> None:
    line = Line()
    gone = weakref.ref(line)
    limits = ClientLimits(held_in_a_circle, Limits(body_silence=timedelta(milliseconds=10)))
    scope: Scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"content-length", b"9")]}
    gc.disable()
    try:
        run(limits(scope, line.receive, line.send))
        del line
        assert gone() is None
    finally:
        gc.enable()
