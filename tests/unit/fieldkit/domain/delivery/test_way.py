from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from fieldkit.domain.delivery.way import BELIEVED_AHEAD, DeliveryState, advance, is_due
from fieldkit.domain.errors import RuleError

WAY = [
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.RECEIVED,
    DeliveryState.ACKNOWLEDGED,
    DeliveryState.PURGED,
]


def test_the_straight_way() -> None:
    for before, after in pairwise(WAY):
        assert advance(before, after) is after


@pytest.mark.parametrize("early", [DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.QUARANTINED])
def test_nothing_is_acknowledged_or_purged_without_being_received(early: DeliveryState) -> None:
    for wanted in (DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED):
        with pytest.raises(RuleError, match=r"delivery\.no_way"):
            advance(early, wanted)


def test_a_purged_record_stays_purged() -> None:
    for wanted in DeliveryState:
        if wanted is not DeliveryState.PURGED:
            with pytest.raises(RuleError):
                advance(DeliveryState.PURGED, wanted)


def test_a_time_to_try_again_is_believed_only_within_reach() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_due(None, now)
    assert is_due(now, now)
    assert is_due(now - timedelta(days=9), now)
    assert not is_due(now + timedelta(seconds=1), now)
    assert not is_due(now + BELIEVED_AHEAD, now)
    assert is_due(now + BELIEVED_AHEAD + timedelta(seconds=1), now)  # another clock wrote it
