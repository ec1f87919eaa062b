from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from fieldkit.domain.errors import Problem
from fieldkit.ports.data_center import SyncReport
from sync.kit.tally import Tally

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_nothing_counted_is_lost_in_the_report() -> None:
    tally = Tally(
        NOW,
        ["a"],
        ["b"],
        ["c"],
        ["d"],
        ["e"],
        ["f"],
        resumed_uploads=1,
        resumed_bytes=2,
        sent_bytes=3,
        statuses=4,
        held_there=5,
        clock_skew_s=6.0,
        stopped_by=Problem("sync.stalled"),
        notes=[Problem("sync.no_proofs")],
        forked="manifest.fork",
        is_cancelled=True,
    )
    report = tally.close(NOW + timedelta(seconds=9), waiting=7, held_here=8, next_try_at=NOW)
    for field in fields(Tally):
        kept = getattr(tally, field.name)
        assert getattr(report, field.name) == (tuple(kept) if isinstance(kept, list) else kept)
    assert (report.waiting, report.held_here, report.next_try_at) == (7, 8, NOW)
    assert {field.name for field in fields(Tally)} < {field.name for field in fields(SyncReport)}


def test_what_was_sent_again_is_lost_no_more() -> None:
    tally = Tally(NOW, lost=["a", "b"], resent=["b"])
    report = tally.close(NOW, 0, 0, None)
    assert (report.lost, report.resent) == (("a",), ("b",))


def test_a_note_is_told_once() -> None:
    tally = Tally(NOW)
    for _ in range(3):
        tally.note(Problem("sync.no_proofs"))
    assert tally.notes == [Problem("sync.no_proofs")]


def test_a_run_that_did_nothing_counts_nothing() -> None:
    report = Tally(NOW).close(NOW, 0, 0, None)
    counts = [getattr(report, field.name) for field in fields(Tally) if field.type in ("int", int)]
    assert counts
    assert not any(counts)
    assert not report.is_cancelled


def test_a_place_in_the_chain_that_is_taken_is_told() -> None:
    tally = Tally(NOW)
    tally.fork("manifest.fork")
    assert (tally.forked, [note.code for note in tally.notes]) == ("manifest.fork", ["sync.new_chain"])
