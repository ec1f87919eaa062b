"""The steps of a run in their order."""

from __future__ import annotations

from support.gateway import Kit, World
from support.liar import Liar
from support.outbox import SmallOutbox


def test_each_step_comes_after_what_it_needs(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    asked: list[str] = []

    def between(app):  # type: ignore[no-untyped-def]  # an ASGI application
        async def see(scope, receive, send):  # type: ignore[no-untyped-def]
            if scope["type"] == "http":
                asked.append(scope["path"].split("/")[1])
            await app(scope, receive, send)

        return see

    kit.queue(outbox, size=1000)
    world.stop()
    world.start(between)
    assert kit.run(outbox, world.url).counts_agree
    assert asked == ["hello", "token", "reconcile", "announce", "tus", "tus", "statuses", "counts"]


def test_a_run_that_stops_early_still_tells_the_skew_it_learned(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    world.stop()
    world.start(Liar("GET", "/statuses", 503))
    kit.clock = type(kit.clock)(kit.clock.now())
    kit.clock.advance(minutes=-10)
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert 590 < report.clock_skew_s < 610
    assert report.held_there is None
