"""What both sides hold, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from support.gateway import Kit, World
from support.offers import Offers
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.way import DeliveryState


def holding(word: str) -> Offers:
    def answer(question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        words = [{"record_id": record["record_id"], "holding": word} for record in question["records"]]
        return 200, {"records": words}

    return Offers(reconcile=answer)


def say(world: World, word: str) -> None:
    world.stop()
    world.start(holding(word))


@pytest.mark.parametrize("word", ["unknown", "announced", "partial", "lost"])
def test_what_is_acknowledged_and_gone_is_queued_again(world: World, kit: Kit, outbox: SmallOutbox, word: str) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    say(world, word)
    report = kit.run(outbox, world.url)
    # The gateway does have it: the new receipt comes at once.
    assert (report.resent, report.lost, report.acknowledged) == ((record_id,), (), (record_id,))


def test_another_record_of_the_same_id_is_named_and_nothing_is_sent(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    waiting = kit.queue(outbox, size=5000)
    say(world, "conflict")
    report = kit.run(outbox, world.url)
    assert report.lost == (record_id,)
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED
    assert (report.quarantined, outbox.row(waiting)["reason"]) == ((waiting,), "sync.digest_conflict")


@pytest.mark.parametrize(
    ("reason", "word", "is_released"),
    [
        ("sync.chain_forked", "unknown", True),
        ("sync.chain_forked", "conflict", False),
        ("sync.digest_conflict", "unknown", True),
        ("sync.digest_conflict", "conflict", False),
        ("sync.too_large", "unknown", False),
        ("sync.too_large", "received", True),
    ],
)
def test_a_held_record_goes_on_when_its_reason_ended(
    world: World, kit: Kit, outbox: SmallOutbox, reason: str, word: str, is_released: bool
) -> None:
    record_id = kit.queue(outbox, size=5000)
    outbox.quarantine(record_id, reason)
    say(world, word)
    kit.run(outbox, world.url)
    assert bool(outbox.row(record_id)["released"]) is is_released
    assert (outbox.state(record_id) is DeliveryState.QUARANTINED) is not is_released


def test_it_goes_on_only_once(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=5000)
    say(world, "unknown")
    for _ in range(2):
        if outbox.state(record_id) is not DeliveryState.QUARANTINED:
            outbox.quarantine(record_id, "sync.chain_forked")
        (outbox.folder / record_id).unlink(missing_ok=True)
        kit.run(outbox, world.url)
    assert outbox.row(record_id)["reason"] == "sync.sealed_file_missing"
    outbox._write("UPDATE queue SET reason='sync.chain_forked'")
    assert kit.run(outbox, world.url).quarantined == ()
    assert outbox.state(record_id) is DeliveryState.QUARANTINED


def test_the_purged_are_asked_about_only_when_the_numbers_differ(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    outbox.purge(record_id, kit.clock.now())
    offers = holding("unknown")
    world.stop()
    world.start(offers)
    assert kit.run(outbox, world.url).lost == ()
    assert offers.asked == []
    kit.queue(outbox, size=5000)
    outbox._write("UPDATE queue SET state='purged'")
    assert len(kit.run(outbox, world.url).lost) == 2
