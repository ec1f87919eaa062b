"""The status feed: its place, its length and its end."""

from __future__ import annotations

import json

from support.gateway import Kit, World
from support.liar import Liar
from support.outbox import SmallOutbox

ITEM = {
    "record_id": "0190f5fe-0000-7000-8000-000000000000",
    "code": "PRR",
    "source": "uji coba",
    "observed_at": "2026-11-21T03:00:00Z",
}


def test_a_strange_cursor_reaches_the_server_as_it_is(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    strange = "a b&c=d#e/ü%20?+"
    outbox.save_statuses([], strange)
    asked: list[bytes] = []

    def between(app):  # type: ignore[no-untyped-def]  # an ASGI application
        async def see(scope, receive, send):  # type: ignore[no-untyped-def]
            if scope["type"] == "http" and scope["path"] == "/statuses":
                asked.append(scope["query_string"])
            await app(scope, receive, send)

        return see

    world.stop()
    world.start(between)
    kit.run(outbox, world.url)
    assert asked[0] == b"cursor=a%20b%26c%3Dd%23e%2F%C3%BC%2520%3F%2B"


def test_a_cursor_that_the_feed_does_not_know_begins_anew(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    outbox.save_statuses([], "of another life")
    world.stop()
    liar = Liar("GET", "/statuses", 422, b'{"code": "feed.cursor"}', times=1)
    world.start(liar)
    report = kit.run(outbox, world.url)
    assert (liar.lies, report.stopped_by) == (1, None)


def test_a_cursor_that_comes_again_ends_the_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    numbers = iter("abcabc")
    page = lambda: json.dumps({"items": [ITEM], "cursor": next(numbers), "has_more": True}).encode()  # noqa: E731
    world.stop()
    liar = Liar("GET", "/statuses", 200, page)
    world.start(liar)
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert (report.stopped_by.code, liar.lies) == ("sync.nonsense", 4)
    assert outbox.status_cursor() == "a"
