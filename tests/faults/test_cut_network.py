"""The network cut at bytes all over the conversation; whatever happens, no record is lost or falsely called delivered.

The harness must notice an outbox that believes too early: that bug is planted and has to be caught.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.gateway import Kit, World
from support.outbox import SmallOutbox
from support.planted import PlantedBug, demand_caught, demand_quiet

from fieldkit.app.demo.flaky_link import FlakyLink
from fieldkit.domain.delivery import DeliveryState
from sync.protocol.messages import Digest, Holding, ReconcileQuestion

RECORD_BYTES = 60_000
# TLS and messages of a run that sends one such record take about this much on the way up.
CONVERSATION_BYTES = RECORD_BYTES + 12_000
HASTY = PlantedBug("sending is taken for delivery", "^cut at 20000: called delivered, is not there$")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "gateway")
    made.start()
    yield made
    made.stop()


class HastyOutbox(SmallOutbox):
    """The planted bug: sending is taken for delivery."""

    def mark_sending(self, record_id: str, *given: Any, **named: Any) -> None:
        super().mark_sending(record_id, *given, **named)
        super().mark_received(record_id)
        super().acknowledge(record_id, "", datetime.fromisoformat("2026-11-21T00:00:00+00:00"))

    def mark_received(self, *_: object, **__: object) -> None:
        return None

    def acknowledge(self, *_: object, **__: object) -> None:
        return None

    def retry_later(self, *_: object, **__: object) -> None:
        return None


def holding(kit: Kit, url: str, record_id: str, sha256: str) -> Holding:
    with kit.link(url) as link:
        question = ReconcileQuestion(records=(Digest(record_id=record_id, sha256=sha256),))  # type: ignore[arg-type]
        return link.reconcile(question).records[0].holding


def sweep(world: World, kit: Kit, outbox: SmallOutbox, cuts: Iterable[int]) -> list[str]:
    """Cut one run at each byte, let the next one through; return what went wrong."""
    faults = []
    with FlakyLink("127.0.0.1", world.port) as line:
        url = f"https://127.0.0.1:{line.port}"
        for cut in cuts:
            record_id = kit.queue(outbox, size=RECORD_BYTES)
            sha256 = outbox.row(record_id)["sha256"]
            line.stay_down_after(cut)
            kit.run(outbox, url)
            line.bring_up()
            is_there = holding(kit, world.url, record_id, sha256) is Holding.RECEIVED
            if outbox.state(record_id) is DeliveryState.ACKNOWLEDGED and not is_there:
                faults.append(f"cut at {cut}: called delivered, is not there")
            if not (outbox.folder / record_id).exists():
                faults.append(f"cut at {cut}: the sealed file is gone")
            kit.run(outbox, url)
            line.bring_up()
            kit.run(outbox, url)  # the cut may lie behind the end of the first run
            if outbox.state(record_id) is not DeliveryState.ACKNOWLEDGED:
                faults.append(f"cut at {cut}: not delivered afterwards")
        report = kit.run(outbox, world.url)
        if not report.counts_agree or report.lost:
            faults.append(f"the counts differ: {report}")
    return faults


def test_a_cut_anywhere_leaves_a_resumable_state(world: World, tmp_path: Path) -> None:
    kit = world.enrol_kit("kit-01")
    cuts = range(0, CONVERSATION_BYTES, CONVERSATION_BYTES // 12)
    assert sweep(world, kit, SmallOutbox(tmp_path / "kit"), cuts) == []


def test_the_planted_bug_is_caught(world: World, tmp_path: Path) -> None:
    kit = world.enrol_kit("kit-01")
    outbox = HastyOutbox(tmp_path / "kit")
    record_id = kit.queue(outbox, size=RECORD_BYTES)
    kit.run(outbox, world.url)
    is_there = holding(kit, world.url, record_id, outbox.row(record_id)["sha256"]) is Holding.RECEIVED
    demand_quiet([] if is_there else ["called delivered, is not there"], HASTY)
    demand_caught(sweep(world, kit, outbox, [20_000]), HASTY)


@pytest.mark.faults
def test_a_cut_at_each_of_many_bytes(world: World, tmp_path: Path) -> None:
    kit = world.enrol_kit("kit-01")
    assert sweep(world, kit, SmallOutbox(tmp_path / "kit"), range(0, CONVERSATION_BYTES, 499)) == []
