from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fieldkit.ports.delivery import RunNote

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_wait_after_a_run_ends_in_time_whatever_the_clock_did() -> None:
    note = RunNote(NOW, 3, NOW + timedelta(minutes=20), "sync.unreachable")
    assert not note.is_over(NOW)
    assert note.is_over(NOW + timedelta(minutes=20))
    assert note.is_over(NOW - timedelta(days=2))  # the clock was set back
    assert RunNote(NOW).is_over(NOW)
