from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.kept import KEY, CountedIds

from fieldkit.domain.errors import KnownError
from fieldkit.domain.events import Event, digest_of
from fieldkit.domain.exchange import Watermark
from fieldkit.ports.exchange import Chain
from fieldkit.storage.repositories.event_log import KitChain
from fieldkit.storage.repositories.foreign_chains import ForeignChains
from fieldkit.storage.store import SqlStore, open_store


def kit(folder: Path, name: str) -> SqlStore:
    store = open_store(folder / name / "kit.db", KEY, name, HandClock(), CountedIds(name))
    with store.write() as unit:
        for number in range(3):
            unit.events.append("did", f"{name}-{number}", {}, f"user-{name}", NOW)
    return store


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[SqlStore, SqlStore]]:
    stores = kit(tmp_path, "A"), kit(tmp_path, "B")
    yield stores
    for store in stores:
        store.close()


def told(store: SqlStore) -> tuple[list[Chain], list[Event]]:
    with store.read() as unit:
        return list(unit.revisions.chains()), list(unit.revisions.events_since(Watermark()))


def take(store: SqlStore, chains: list[Chain], events: list[Event]) -> int:
    with store.write() as unit:
        return unit.revisions.take_events(chains, events)


def code(store: SqlStore, chains: list[Chain], events: list[Event]) -> str:
    with pytest.raises(KnownError) as refusal:
        take(store, chains, events)
    return refusal.value.code


def resealed(event: Event, **changes: object) -> Event:
    draft = replace(event, **changes)  # type: ignore[arg-type]
    return replace(draft, digest=digest_of(draft.line()))


def test_a_log_is_appended_once_and_the_audit_holds(pair: tuple[SqlStore, SqlStore]) -> None:
    a, b = pair
    assert take(b, *told(a)) == 3
    assert take(b, *told(a)) == 0
    with b.read() as unit:
        assert unit.events.verify() == (6, None)
        assert [event.actor for event in unit.events.of("A-1")] == ["user-A"]
    with b.write() as unit:
        event = unit.events.append("did", "B-9", {}, "user-B", NOW)
    assert (event.kit, event.sequence) == ("B", 4)


def test_what_others_did_is_no_act_of_this_kit(pair: tuple[SqlStore, SqlStore]) -> None:
    a, b = pair
    take(b, *told(a))
    with b.write() as unit:
        assert unit.revisions.events_since(unit.revisions.watermark()) == []
        last = unit.revisions.events_since(Watermark(event=unit.revisions.watermark().event - 1))
        assert [event.aggregate for event in last] == ["A-2"]
        acts = ForeignChains(unit.connection, KitChain("B", unit.revisions.chain)).last_acts()
    assert acts == {f"B-{number}": ("user-B", NOW) for number in range(3)}


def test_a_gap_or_a_changed_row_is_broken(pair: tuple[SqlStore, SqlStore]) -> None:
    a, b = pair
    chains, events = told(a)
    assert code(b, chains, events[1:]) == "exchange.broken"
    assert code(b, chains, [replace(events[0], actor="x"), *events[1:]]) == "exchange.broken"
    assert code(b, [], events) == "exchange.broken"
    with b.read() as unit:
        assert unit.events.verify() == (3, None)


def test_another_event_at_the_same_place_is_a_fork(pair: tuple[SqlStore, SqlStore]) -> None:
    a, b = pair
    chains, events = told(a)
    take(b, chains, events)
    other = resealed(events[2], actor="somebody")
    assert code(b, chains, [other]) == "exchange.fork"
    beyond = resealed(events[2], sequence=4, previous=other.digest)
    assert code(b, chains, [beyond]) == "exchange.fork"


def test_what_this_kit_wrote_and_does_not_know_is_a_fork(pair: tuple[SqlStore, SqlStore]) -> None:
    _, b = pair
    chains, events = told(b)
    ahead = resealed(events[2], sequence=4, previous=events[2].digest)
    assert code(b, chains, [ahead]) == "exchange.fork"
    assert code(b, [Chain("unknown", "B", NOW)], []) == "exchange.fork"
