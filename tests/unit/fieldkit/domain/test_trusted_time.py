from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.trusted_time import (
    CertificateSpan,
    ClockRule,
    ClockState,
    ClockVerdict,
    Running,
    TimeEvidence,
    TimeSource,
    TrustedTime,
    believes,
    corrected_by,
    judge,
    worse,
)

RULE = ClockRule()
KEPT = TrustedTime(NOW, TimeSource.CENTER, Running("b1", 100.0))
OTHER_START = Running("b2", 5.0)
NONE = timedelta(0)


def same_start(**span: float) -> Running:
    return Running("b1", 100.0 + timedelta(**span).total_seconds())


def test_nothing_known_is_fine() -> None:
    assert judge(NOW, None).is_fine


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOW, ClockState.FINE),
        (NOW - timedelta(minutes=10), ClockState.FINE),
        (NOW - timedelta(minutes=10, seconds=1), ClockState.BEHIND),
        (NOW - timedelta(days=3), ClockState.BEHIND),
        (datetime(1970, 1, 1, tzinfo=UTC), ClockState.BEHIND),
        (NOW + timedelta(days=60), ClockState.FINE),  # a kit that rested between two outreaches
        (NOW + timedelta(days=60, seconds=1), ClockState.AHEAD),
        (datetime(2031, 1, 1, tzinfo=UTC), ClockState.AHEAD),
    ],
)
def test_after_a_new_start_only_much_is_too_much(now: datetime, state: ClockState) -> None:
    assert judge(now, KEPT, OTHER_START).state is state


@pytest.mark.parametrize(
    ("moved", "state"),
    [
        (timedelta(hours=5), ClockState.FINE),
        (timedelta(hours=4), ClockState.BEHIND),
        (timedelta(hours=6), ClockState.AHEAD),
    ],
)
def test_within_one_start_the_seconds_are_counted(moved: timedelta, state: ClockState) -> None:
    found = judge(NOW + moved, KEPT, same_start(hours=5))
    assert (found.state, found.by) == (state, NONE if state is ClockState.FINE else timedelta(hours=1))


def test_a_machine_that_names_no_start_counts_nothing() -> None:
    nameless = TrustedTime(NOW, TimeSource.EVENT)
    assert nameless.since(Running("", 9.0)) is None
    assert judge(NOW + timedelta(days=9), nameless, Running("", 9.0)).is_fine


def test_a_clock_that_is_a_day_off_seals_nothing() -> None:
    verdicts = (ClockVerdict(ClockState.BEHIND, timedelta(hours=off)) for off in (1, 24, 25))
    assert [verdict.may_seal(RULE) for verdict in verdicts] == [True, True, False]


def test_the_worse_verdict_counts() -> None:
    little, much = ClockVerdict(ClockState.AHEAD, timedelta(1)), ClockVerdict(ClockState.BEHIND, timedelta(2))
    assert worse(little, much) is worse(much, little) is much


def test_an_old_receiver_is_not_believed() -> None:
    rolled_over = NOW - timedelta(weeks=1024)
    assert not believes(KEPT, rolled_over, TimeSource.SATELLITES, RULE)
    assert [believes(KEPT, NOW - timedelta(hours=h), TimeSource.SATELLITES, RULE) for h in (24, 25)] == [True, False]
    assert believes(KEPT, NOW + timedelta(days=9), TimeSource.SATELLITES, RULE)
    assert believes(KEPT, rolled_over, TimeSource.CENTER, RULE)
    assert believes(TrustedTime(NOW, TimeSource.EVENT), rolled_over, TimeSource.SATELLITES, RULE)
    assert believes(None, rolled_over, TimeSource.SATELLITES, RULE)


def test_a_correction_ends_once_the_laptop_is_right() -> None:
    three_days, little, more = timedelta(days=3), timedelta(minutes=2), timedelta(minutes=2, seconds=1)
    assert corrected_by(NOW, NOW + little, three_days, RULE) == NONE
    assert corrected_by(NOW, NOW + more, three_days, RULE) == more
    assert corrected_by(NOW - three_days, NOW + little, three_days, RULE) == three_days
    assert corrected_by(NOW - three_days, NOW + more, three_days, RULE) == three_days + more


def test_what_is_kept_is_read_again() -> None:
    assert TrustedTime.of_value(KEPT.as_value()) == KEPT
    with pytest.raises(ValueError, match="zone"):
        TrustedTime.of_value({**KEPT.as_value(), "at": "2026-11-21T02:00:00"})


def test_evidence_counts_the_seconds_of_one_start() -> None:
    assert TimeEvidence(NOW, 0.0, KEPT, same_start(seconds=90)).since_s == 90
    assert TimeEvidence(NOW, 0.0, KEPT, OTHER_START).since_s is None
    assert TimeEvidence(NOW).since_s is None


def test_a_certificate_says_when_it_ends() -> None:
    span = CertificateSpan("kit", "K01", NOW, NOW + timedelta(days=60))
    assert span.ends_within(NOW, 60)
    assert not span.ends_within(NOW, 59)
