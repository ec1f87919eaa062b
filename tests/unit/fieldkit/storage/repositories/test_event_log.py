"""The log only grows, and shows when somebody changed it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from support.kept import NOW, open_kit

from fieldkit.domain.delivery import Anchor, AnchorSource
from fieldkit.domain.events import ChainFault, ChainHead, digest_of
from fieldkit.ports.exchange import Chain
from fieldkit.storage.repositories.event_log import StoredAnchors
from fieldkit.storage.store import SqlStore


@pytest.fixture
def logged(empty_store: SqlStore) -> SqlStore:
    with empty_store.write() as unit:
        for number in range(1, 6):
            unit.events.append("attempt_made", f"session-{number % 2}", {"b": number, "a": "é"}, "user-1", NOW)
    return empty_store


def test_rows_are_chained_and_count_the_versions_of_their_thing(logged: SqlStore) -> None:
    with logged.read() as unit:
        odd, even = unit.events.of("session-1"), unit.events.of("session-0")
    assert [event.sequence for event in odd] == [1, 3, 5]
    assert [event.version for event in odd] == [0, 1, 2]
    assert [event.version for event in even] == [0, 1]
    assert odd[0].previous == ""
    assert even[0].previous == odd[0].digest
    assert odd[0].digest == digest_of(odd[0].line())
    assert odd[0].payload == '{"a":"é","b":1}'
    assert odd[0].kit == "kit-1"
    assert json.loads(odd[0].line())["previous"] == ""


def test_time_of_another_zone_keeps_the_digest(empty_store: SqlStore) -> None:
    jakarta = NOW.astimezone(timezone(timedelta(hours=7)))
    with empty_store.write() as unit:
        event = unit.events.append("kind", "thing", {}, "u", jakarta)
    with empty_store.read() as unit:
        assert unit.events.of("thing") == [event]
        assert unit.events.verify() == (1, None)


@pytest.mark.parametrize(
    ("tampering", "code", "sequence"),
    [
        ("UPDATE events SET actor = 'user-2' WHERE sequence = 3", "audit.changed_row", 3),
        ("DELETE FROM events WHERE sequence = 2", "audit.gap", 2),
        ("UPDATE events SET previous = '' WHERE sequence = 4", "audit.broken_link", 4),
    ],
)
def test_tampering_behind_the_triggers_is_found(logged: SqlStore, tampering: str, code: str, sequence: int) -> None:
    with logged.write() as unit:
        chain = unit.events.of("session-1")[0].chain
        for trigger in ("events_stay", "events_as_written"):
            unit.connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        unit.connection.exec_driver_sql(tampering)
    with logged.read() as unit:
        rows, fault = unit.events.verify()
    assert fault == ChainFault(chain, sequence, code)
    assert rows == (4 if code == "audit.gap" else 5)


def test_fault_of_an_older_chain_is_found_too(logged: SqlStore) -> None:
    logged.begin_chain()
    with logged.write() as unit:
        unit.events.append("kind", "thing", {}, "u", NOW)
        unit.connection.exec_driver_sql("DROP TRIGGER events_as_written")
        unit.connection.exec_driver_sql("UPDATE events SET kind = 'other' WHERE sequence = 5")
    with logged.read() as unit:
        _, fault = unit.events.verify()
    assert fault is not None
    assert (fault.sequence, fault.code) == (5, "audit.changed_row")


def test_what_another_kit_logged_is_not_of_this_kit(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        mine = unit.events.append("kind", "thing", {}, "u", NOW)
        draft = replace(mine, event_id="z", kit="kit-2", chain="theirs", at=NOW + timedelta(hours=9))
        unit.revisions.take_events([Chain("theirs", "kit-2", NOW)], [replace(draft, digest=digest_of(draft.line()))])
        assert (unit.events.newest_id(), unit.events.newest_at(None, None)) == (mine.event_id, NOW)
    store.close()
    store = open_kit(tmp_path, ids="later")
    with store.write() as unit:
        assert unit.events.append("kind", "thing", {}, "u", NOW).chain == mine.chain
    store.close()


def test_the_log_holds_an_event_or_a_chain_before_its_first(logged: SqlStore) -> None:
    chain = logged.begin_chain()
    with logged.read() as unit:
        last = unit.events.last_of("session-1")
        assert last is not None
        assert (last.sequence, unit.events.last_of("nothing")) == (5, None)
        known = ChainHead(last.chain, 5, last.digest)
        held = [known, ChainHead(chain, 0, ""), ChainHead(last.chain, 0, "")]
        lacking = [
            ChainHead("another", 0, ""),
            *(replace(known, **other) for other in ({"chain": chain}, {"sequence": 4}, {"digest": "d"})),
        ]
        assert [unit.events.holds(head) for head in (*held, *lacking)] == [True] * 3 + [False] * 4
        assert unit.events.head() is None


def test_head_and_newest_time_of_this_kit(empty_store: SqlStore) -> None:
    with empty_store.write() as unit:
        empty = (unit.events.head(), unit.events.newest_at(None, None), unit.events.newest_id())
        assert empty == (None, None, "")
        first = unit.events.append("kind", "thing", {}, "u", NOW + timedelta(hours=2))
        last = unit.events.append("kind", "thing", {}, "u", NOW)
        after = ChainHead(first.chain, first.sequence, "")
        assert unit.events.head() == ChainHead(last.chain, 2, last.digest)
        assert unit.events.newest_id() == last.event_id
        assert unit.events.newest_at(None, None) == NOW + timedelta(hours=2)
        assert unit.events.newest_at(None, NOW + timedelta(hours=1)) == NOW
        assert unit.events.newest_at(None, NOW + timedelta(hours=2)) == NOW + timedelta(hours=2)
        assert unit.events.newest_at(None, NOW - timedelta(microseconds=1)) is None
        assert unit.events.newest_at(after, None) == NOW
        assert unit.events.newest_at(ChainHead("another empty_store's", 7, ""), None) == NOW + timedelta(hours=2)


def test_what_the_center_holds_is_kept(store: SqlStore) -> None:
    book = StoredAnchors(store)
    anchor = Anchor("chain-1", 7, "d" * 64, NOW, AnchorSource.CENTER, "a.b.c")
    book.keep([])
    book.keep([anchor])
    with store.write() as unit:
        event = unit.events.append("seen", "x", {}, "u1", NOW)
    with store.read() as unit:
        assert list(unit.anchors.all()) == [anchor]
    assert [head.digest for head in book.heads()] == [event.digest]
