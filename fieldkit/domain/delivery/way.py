"""The way of a sealed record to the data center and back (Queued → Sending → Received → Acknowledged → Purged)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from fieldkit.domain.errors import RuleError

# No wait between two tries is longer. A time to try again that lies further ahead was written under another clock.
LONGEST_WAIT = timedelta(minutes=30)
BELIEVED_AHEAD = LONGEST_WAIT + timedelta(minutes=5)


class DeliveryState(StrEnum):
    """Where a sealed record is. Only a verified signed receipt makes it acknowledged."""

    QUEUED = "queued"
    SENDING = "sending"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PURGED = "purged"
    QUARANTINED = "quarantined"
    SET_ASIDE = "set_aside"  # a person decided, with a reason, that it is not sent


_NEXT: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    DeliveryState.SENDING: frozenset({DeliveryState.QUEUED, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    # A kit may die between the last byte and the receipt: it then asks again from the queue.
    DeliveryState.RECEIVED: frozenset({DeliveryState.QUEUED, DeliveryState.ACKNOWLEDGED, DeliveryState.QUARANTINED}),
    # Back to the queue: the data center lost what it had given a receipt for.
    DeliveryState.ACKNOWLEDGED: frozenset({DeliveryState.PURGED, DeliveryState.QUEUED}),
    DeliveryState.PURGED: frozenset(),
    DeliveryState.QUARANTINED: frozenset({DeliveryState.QUEUED, DeliveryState.SET_ASIDE}),
    DeliveryState.SET_ASIDE: frozenset({DeliveryState.QUEUED}),
}

UNACKNOWLEDGED = frozenset(DeliveryState) - {DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED}
HELD_BACK = frozenset({DeliveryState.QUARANTINED, DeliveryState.SET_ASIDE})


def advance(current: DeliveryState, wanted: DeliveryState) -> DeliveryState:
    """Return `wanted` when the way leads there; staying where one is is allowed. Raise `RuleError` otherwise."""
    if wanted is current or wanted in _NEXT[current]:
        return wanted
    raise RuleError("delivery.no_way", current=current.value, wanted=wanted.value)


def is_due(next_try_at: datetime | None, now: datetime) -> bool:
    """Return whether it is time to try: at once, when the time has come, or when it is too far ahead to be believed."""
    return next_try_at is None or not now < next_try_at <= now + BELIEVED_AHEAD
