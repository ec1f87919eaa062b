"""A bad manifest is refused alone, whatever the data center makes of the page it stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from support.gateway import Kit, World
from support.offers import Offers
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.ports.outbox import QueuedRecord
from sync.kit.announce import Announcing, announce_due
from sync.kit.parts import RunParts
from sync.protocol.messages import Announced, Holding
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError


def queued(*names: str) -> list[QueuedRecord]:
    return [QueuedRecord(name, name, 1, "0" * 64, DeliveryState.QUEUED) for name in names]


class Told:
    """A data center that chokes on some manifests, and what came of it."""

    def __init__(self, choke: Callable[[], Exception], *bad: str) -> None:
        self.pages: list[list[str]] = []
        self.taken: list[str] = []
        self.noted: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str]] = []
        self._choke, self._bad = choke, bad
        self.announcing = Announcing(
            self.ask,
            self.noted.append,
            lambda record, code: self.refused.append((record.record_id, code)),
            lambda record, code: self.failed.append((record.record_id, code)),
        )

    def ask(self, manifests: Sequence[str]) -> Sequence[Announced]:
        self.pages.append(list(manifests))
        if any(bad in manifests for bad in self._bad):
            raise self._choke()
        self.taken += manifests
        return [Announced(note="manifest.fork" if name == "fork" else "") for name in manifests]


def test_a_page_that_fails_is_split_until_the_bad_one_stands_alone() -> None:
    told = Told(lambda: RecordRefusedError("sync.refused"), "c")
    told.announcing.announce(queued(*"abcdefgh"))
    assert sorted(told.taken) == list("abdefgh")
    assert told.refused == [("c", "sync.refused")]
    assert len(told.pages) <= 7


def test_a_server_error_for_one_is_for_now() -> None:
    told = Told(lambda: RecordRetryError("sync.server_error"), "a", "h")
    told.announcing.announce(queued(*"abcdefgh"))
    assert [name for name, _ in told.failed] == ["a", "h"]
    assert len(told.taken) == 6


def test_a_server_that_fails_at_everything_is_left_soon() -> None:
    told = Told(lambda: RecordRetryError("sync.server_error"), *"abcdefgh")
    with pytest.raises(RunStoppedError, match=r"sync\.server_trouble"):
        told.announcing.announce(queued(*"abcdefgh"))
    assert len(told.pages) < 12


def test_an_odd_but_accepted_one_is_noted() -> None:
    told = Told(lambda: RecordRetryError("x"))
    told.announcing.announce(queued("a", "fork"))
    assert (told.noted, told.refused, told.failed) == (["manifest.fork"], [], [])


def test_each_word_counts_for_its_own_record() -> None:
    words = [Announced(), Announced(code="record.conflict"), Announced(code="manifest.unknown"), Announced(code="??")]
    told = Told(lambda: RecordRetryError("x"))
    announcing = Announcing(
        lambda _: words,
        told.noted.append,
        lambda record, code: told.refused.append((record.record_id, code)),
        lambda record, code: told.failed.append((record.record_id, code)),
    )
    announcing.announce(queued(*"abcd"))
    assert told.refused == [("b", "sync.digest_conflict"), ("d", "sync.refused")]
    assert told.failed == [("c", "sync.upload_gone")]


def test_too_few_words_are_nonsense() -> None:
    announcing = Announcing(lambda _: [], lambda _: None, lambda *_: None, lambda *_: None)
    with pytest.raises(RunStoppedError, match=r"sync\.nonsense"):
        announcing.announce(queued("a"))


def test_a_bad_manifest_blocks_nobody_over_the_wire(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    first, bad, last = (kit.queue(outbox, size=5000) for _ in range(3))
    poison = outbox.row(bad)["manifest"]

    def announce(body: dict[str, list[str]]) -> tuple[int, dict[str, object]]:
        return (400, {"code": "body.invalid"}) if poison in body["manifests"] else (500, {})

    offers = Offers(announce=announce)
    world.stop()
    world.start(offers)
    report = kit.run(outbox, world.url)
    assert outbox.row(bad)["reason"] == "sync.refused"
    assert report.quarantined == (bad,)
    assert set(report.postponed) == {first, last}


def test_a_taken_place_is_reported(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    kit.queue(outbox, size=5000)
    world.stop()
    world.start(Offers(announce=lambda body: (200, {"manifests": [{"note": "manifest.fork"}]})))
    report = kit.run(outbox, world.url)
    assert (report.forked, report.is_forked) == ("manifest.fork", True)
    assert [note.code for note in report.notes] == ["sync.new_chain"]


def test_three_alone_that_fail_are_enough_when_nothing_was_taken() -> None:
    for names, is_over, failed in (("ab", False, "ab"), ("abc", True, "ab"), ("+abc", False, "abc")):
        told = Told(lambda: RecordRetryError("sync.server_error"), *"abc")
        if is_over:
            with pytest.raises(RunStoppedError, match="server_trouble"):
                told.announcing.announce(queued(*names))
        else:
            told.announcing.announce(queued(*names))
        assert [name for name, _ in told.failed] == list(failed)


def test_only_what_the_center_lacks_is_announced_and_a_harmed_row_is_held_back() -> None:
    asked, held, postponed, forked = list[str](), list[tuple[str, str]](), list[str](), list[str]()
    answers = {"lost": Announced(note="manifest.fork"), "new": Announced(code="manifest.invalid")}
    answers["odd"] = Announced(note="manifest.late")
    parts = SimpleNamespace(
        due=lambda: queued("there", "part", "lost", "new", "odd", "härmed", "strange"),
        holdings={"there": Holding.RECEIVED, "part": Holding.PARTIAL, "lost": Holding.LOST}
        | dict.fromkeys(("new", "odd", "härmed"), Holding.UNKNOWN),
        quarantine=lambda record_id, code: held.append((record_id, code)),
        postpone=lambda record, _code: postponed.append(record.record_id),
        tally=SimpleNamespace(fork=forked.append),
    )

    def ask(manifests: Sequence[str]) -> Sequence[Announced]:
        asked.extend(manifests)
        return [answers[manifest] for manifest in manifests]

    announce_due(cast("RunParts", parts), ask)
    assert (asked, forked, postponed) == (["lost", "new", "odd"], ["manifest.fork"], [])
    assert held == [("härmed", "sync.row_unreadable"), ("new", "sync.manifest_refused")]
