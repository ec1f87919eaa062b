from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fieldkit.domain.events import Event, canonical_json, digest_of, verify_chain


def chain(length: int) -> list[Event]:
    events: list[Event] = []
    for sequence in range(1, length + 1):
        previous = events[-1].digest if events else ""
        at = datetime(2026, 11, 21, 1, sequence, tzinfo=UTC)
        event = Event(f"e{sequence}", "K07", "c1", sequence, "u1", at, "s1", sequence, "x", "{}", previous, "")
        events.append(replace(event, digest=digest_of(event.line())))
    return events


def test_a_true_chain_holds() -> None:
    assert verify_chain(chain(5)) is None
    assert verify_chain([]) is None


def test_a_missing_row_is_a_gap() -> None:
    events = chain(5)
    fault = verify_chain(events[:2] + events[3:])
    assert fault is not None
    assert (fault.sequence, fault.code) == (3, "audit.gap")


def test_a_missing_first_row_is_a_gap() -> None:
    fault = verify_chain(chain(3)[1:])
    assert fault is not None
    assert fault.code == "audit.gap"


def test_a_changed_row_is_named() -> None:
    events = chain(5)
    events[3] = replace(events[3], payload='{"x":1}')
    fault = verify_chain(events)
    assert fault is not None
    assert (fault.sequence, fault.code) == (4, "audit.changed_row")


def test_a_rewritten_row_breaks_the_link() -> None:
    events = chain(5)
    forged = replace(events[1], actor="u2")
    events[1] = replace(forged, digest=digest_of(forged.line()))
    fault = verify_chain(events)
    assert fault is not None
    assert (fault.sequence, fault.code) == (3, "audit.broken_link")


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
