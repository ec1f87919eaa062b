"""The status feed: its place, its length and its end."""

from __future__ import annotations

import json
from random import Random
from typing import cast

import pytest
from support.clock import NOW, HandClock
from support.gateway import Kit, Patience, World
from support.liar import Liar
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink

from fieldkit.ports.data_center import Budget
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsVerifier
from sync.kit import feed
from sync.kit.feed import read_feed
from sync.kit.parts import Bounds, EnoughError, RunParts
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import StatusItem, StatusPage
from sync.protocol.outcomes import RecordError, RecordRefusedError, RecordRetryError, RunStoppedError

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


def scripted(outbox: SmallOutbox, *answers: object, patience: int | None = None) -> tuple[RunParts, ScriptedLink]:
    link, tally = ScriptedLink(statuses=answers), Tally(NOW)
    bounds = Bounds(Budget(), Patience(patience), tally)
    verifier = JwsVerifier.of_key(keys.public_der(OURS))
    return RunParts(outbox, cast("DataCenterLink", link), verifier, HandClock(), Random(1), tally, bounds), link


def page(cursor: str, *, has_more: bool) -> StatusPage:
    return StatusPage(items=(StatusItem.model_validate(ITEM),), cursor=cursor, has_more=has_more)


def test_what_was_read_is_counted_and_goes_on_at_its_place(outbox: SmallOutbox) -> None:
    parts, link = scripted(outbox, page("a", has_more=True), page("b", has_more=False))
    read_feed(parts)
    assert (parts.tally.statuses, outbox.status_cursor(), link.asked) == (2, "b", [("statuses", ""), ("statuses", "a")])


def test_a_feed_without_end_ends_the_run(outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_MOST_PAGES", 2)
    parts, _ = scripted(outbox, *(page(cursor, has_more=True) for cursor in "abc"))
    with pytest.raises(RunStoppedError, match="nonsense"):
        read_feed(parts)
    assert outbox.status_cursor() == "b"


def test_patience_is_asked_before_each_page(outbox: SmallOutbox) -> None:
    parts, link = scripted(outbox, page("a", has_more=True), page("b", has_more=True), patience=1)
    with pytest.raises(EnoughError):
        read_feed(parts)
    assert link.asked == [("statuses", "")]


@pytest.mark.parametrize(
    ("cursor", "error", "begins_anew"),
    [
        ("x", RecordRefusedError("a.b", status=422), True),
        ("x", RecordRetryError("a.b", status=404), True),
        ("x", RecordRetryError("a.b", status=409), False),
        ("", RecordRefusedError("a.b", status=422), False),
        ("", RecordRetryError("a.b", status=404), False),
    ],
)
def test_only_an_unknown_place_lets_the_feed_begin_anew(
    outbox: SmallOutbox, cursor: str, error: RecordError, begins_anew: bool
) -> None:
    outbox.save_statuses([], cursor)
    parts, link = scripted(outbox, error, page("a", has_more=False))
    if begins_anew:
        read_feed(parts)
    else:
        with pytest.raises(RunStoppedError):
            read_feed(parts)
    assert link.asked == [("statuses", cursor), ("statuses", "")][: 1 + begins_anew]
