"""The steps of a run in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.clock import NOW, HandClock
from support.gateway import Kit, Progress, World
from support.liar import Liar
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink

from fieldkit.domain.delivery import DeliveryState
from sync.kit import engine as run
from sync.kit.engine import Run
from sync.kit.parts import RunParts, Tally
from sync.protocol.outcomes import RunStoppedError


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
    assert asked == ["hello", "token", "reconcile", "announce", "tus", "counts", "statuses"]


def test_a_run_that_stops_early_still_tells_the_skew_it_learned(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    world.stop()
    world.start(Liar("GET", "/statuses", 503))
    kit.clock = type(kit.clock)(kit.clock.now())
    kit.clock.advance(minutes=-10)
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert 590 < report.clock_skew_s < 610
    assert report.held_there is None


ODD = RunStoppedError("sync.nonsense")


@dataclass
class Steps:
    """A run of which every step only says its name."""

    monkeypatch: pytest.MonkeyPatch
    there: int
    counts: dict[DeliveryState, int]
    oddity: RunStoppedError | None = None
    done: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    def step(self, name: str) -> Callable[..., None]:
        return lambda *_: self.done.append(name)

    def run(self) -> Run:
        patch, step = self.monkeypatch.setattr, self.step
        patch(run, "Comparison", lambda _: SimpleNamespace(held=step("held"), purged=step("purged here")))
        patch(run, "announce_due", step("announce"))
        patch(run, "Sending", lambda *_: SimpleNamespace(send=lambda _: step("send")() or self.oddity))
        patch(run, "read_feed", step("feed"))
        patch(run, "Purge", lambda *_: SimpleNamespace(run=step("purge")))
        link = ScriptedLink(hello=[SimpleNamespace(server_time=NOW)], counts=[SimpleNamespace(received=self.there)])
        parts = SimpleNamespace(
            link=link,
            tally=Tally(NOW),
            clock=HandClock(),
            due=list,
            receipts=None,
            random=None,
            outbox=SimpleNamespace(counts=lambda: self.counts),
            holdings={},
            bounds=SimpleNamespace(cut=lambda records: records, check=None),
        )
        anchoring, team = (SimpleNamespace(exchange=step(name)) for name in ("anchors", "team"))
        renewing, pulling = SimpleNamespace(renew=step("renew")), SimpleNamespace(pull=step("pull"))
        vouching = SimpleNamespace(hand_in=step("vouches"))
        given = (parts, anchoring, renewing, pulling, team, vouching)
        return Run(*cast("tuple[RunParts, Any, Any, Any, Any, Any]", given))


ALL = ["pull", "held", "anchors", "announce", "send", "vouches", "feed", "team", "renew"]
HELD = {DeliveryState.ACKNOWLEDGED: 4, DeliveryState.PURGED: 3}


@pytest.mark.parametrize(("there", "counts", "agrees"), [(7, HELD, True), (6, HELD, False), (0, {}, True)])
def test_every_step_is_done_and_shown(
    monkeypatch: pytest.MonkeyPatch, there: int, counts: dict[DeliveryState, int], agrees: bool
) -> None:
    steps = Steps(monkeypatch, there, counts)
    steps.run().deliver(steps.progress)
    assert steps.done == (ALL if agrees else [*ALL[:7], "purged here", *ALL[7:]])
    shown = [shown.step.removeprefix("sync.step.") for shown in steps.progress.shown]
    assert shown == ["hello", "office", "reconcile", "announce", "statuses", "team"]


def test_nonsense_about_a_record_is_told_when_all_else_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, 7, HELD, ODD)
    with pytest.raises(RunStoppedError, match="nonsense"):
        steps.run().deliver(steps.progress)
    assert steps.done == ALL


def test_nothing_is_erased_before_the_center_told_its_time_or_where_nothing_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Steps(monkeypatch, 7, HELD)
    made = steps.run()
    made.purge(timedelta(days=1))
    made.deliver(steps.progress)
    made.purge(None)
    assert steps.done == ALL
    made.purge(timedelta(days=1))
    assert steps.done == [*ALL, "purge"]
