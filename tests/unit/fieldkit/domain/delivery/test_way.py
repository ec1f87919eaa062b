from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fieldkit.domain.delivery.way import BELIEVED_AHEAD, HELD_BACK, UNACKNOWLEDGED, DeliveryState, advance, is_due
from fieldkit.domain.errors import RuleError

S = DeliveryState
# A record is acknowledged and purged by a receipt alone; what is purged is gone for good.
WAYS = {
    S.QUEUED: {S.SENDING, S.RECEIVED, S.QUARANTINED},
    S.SENDING: {S.QUEUED, S.RECEIVED, S.QUARANTINED},
    S.RECEIVED: {S.QUEUED, S.ACKNOWLEDGED, S.QUARANTINED},
    S.ACKNOWLEDGED: {S.PURGED, S.QUEUED},
    S.PURGED: set(),
    S.QUARANTINED: {S.QUEUED, S.SET_ASIDE},
    S.SET_ASIDE: {S.QUEUED},
}


@pytest.mark.parametrize("state", S)
def test_record_goes_the_ways_of_its_state_and_no_other(state: DeliveryState) -> None:
    for wanted in S:
        if wanted is state or wanted in WAYS[state]:
            assert advance(state, wanted) is wanted
        else:
            with pytest.raises(RuleError, match=r"delivery\.no_way"):
                advance(state, wanted)


def test_record_counts_on_until_it_is_acknowledged_and_may_be_held_back() -> None:
    assert {S.QUEUED, S.SENDING, S.RECEIVED, S.QUARANTINED, S.SET_ASIDE} == UNACKNOWLEDGED
    assert {S.QUARANTINED, S.SET_ASIDE} == HELD_BACK


def test_a_time_to_try_again_is_believed_only_within_reach() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_due(None, now)
    assert is_due(now, now)
    assert is_due(now - timedelta(days=9), now)
    assert not is_due(now + timedelta(seconds=1), now)
    assert not is_due(now + BELIEVED_AHEAD, now)
    assert is_due(now + BELIEVED_AHEAD + timedelta(seconds=1), now)  # another clock wrote it
