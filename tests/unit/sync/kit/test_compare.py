"""What both sides hold, and what follows from it."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from support.clock import HandClock
from support.gateway import Kit, World
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.ports.outbox import HeldRecord
from sync.kit.compare import Comparison
from sync.kit.parts import RunParts
from sync.protocol.messages import Holding
from sync.protocol.outcomes import RunStoppedError


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


def test_what_was_erased_and_is_there_is_not_lost() -> None:
    words = {Holding.RECEIVED: False, Holding.PARTIAL: True, Holding.LOST: True, Holding.CONFLICT: True}
    names = [str(UUID(int=number)) for number in range(len(words))]
    answers = [SimpleNamespace(record_id=UUID(name), holding=word) for name, word in zip(names, words, strict=True)]
    parts = SimpleNamespace(
        outbox=SimpleNamespace(purged=lambda: [HeldRecord(name, "0" * 64, DeliveryState.PURGED) for name in names]),
        link=ScriptedLink(reconcile=[SimpleNamespace(records=answers)]),
        tally=SimpleNamespace(lost=[]),
    )
    Comparison(cast("RunParts", parts)).purged()
    assert parts.tally.lost == [name for name, is_lost in zip(names, words.values(), strict=True) if is_lost]


def test_what_was_acknowledged_is_lost_unless_it_is_there() -> None:
    words = {Holding.RECEIVED: (False, False), Holding.CONFLICT: (True, False), Holding.PARTIAL: (True, True)}
    for number, (word, (is_lost, is_queued)) in enumerate(words.items()):
        name, gone = str(UUID(int=number)), list[str]()
        parts = SimpleNamespace(
            outbox=SimpleNamespace(
                held=lambda name=name: [HeldRecord(name, "0" * 64, DeliveryState.ACKNOWLEDGED)],
                lost_at_center=lambda record_id, _at, gone=gone: gone.append(record_id),
            ),
            link=ScriptedLink(
                reconcile=[SimpleNamespace(records=[SimpleNamespace(record_id=UUID(name), holding=word)])]
            ),
            tally=SimpleNamespace(lost=[]),
            clock=HandClock(),
            unless_changed=nullcontext,
            holdings={},
        )
        Comparison(cast("RunParts", parts)).held()
        assert (parts.tally.lost, gone) == ([name] * is_lost, [name] * is_queued)


def compared(records: list[HeldRecord], answered: list[str]) -> tuple[dict[str, Holding], list[str]]:
    """Compare with a data center that speaks of these ids; return what it holds and what was held back."""
    words = [SimpleNamespace(record_id=UUID(name), holding=Holding.RECEIVED) for name in answered]
    quarantined: list[str] = []
    parts = SimpleNamespace(
        outbox=SimpleNamespace(held=lambda: records),
        link=ScriptedLink(reconcile=[SimpleNamespace(records=words)]),
        quarantine=lambda record_id, _code: quarantined.append(record_id),
        holdings={},
    )
    Comparison(cast("RunParts", parts)).held()
    return parts.holdings, quarantined


def test_an_answer_about_other_records_is_nonsense() -> None:
    first, second = (str(UUID(int=number)) for number in (1, 2))
    records = [HeldRecord(name, "0" * 64, DeliveryState.QUEUED) for name in (first, second)]
    assert compared(records, [first, second])[0] == dict.fromkeys((first, second), Holding.RECEIVED)
    for answered in ([second, first], [first], [first, second, second], [first, str(UUID(int=3))]):
        with pytest.raises(RunStoppedError, match="nonsense"):
            compared(records, answered)


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_harmed_row_is_held_back_while_it_waits_to_be_sent(state: DeliveryState) -> None:
    waits = {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RECEIVED}
    _, quarantined = compared([HeldRecord("no id", "0" * 64, state)], [])
    assert quarantined == (["no id"] if state in waits else [])
