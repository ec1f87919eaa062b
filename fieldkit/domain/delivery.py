"""The way of a sealed record to the data center (design: Queued → Sending → Received → Acknowledged → Purged)."""

from __future__ import annotations

from enum import StrEnum

from fieldkit.domain.errors import RuleError


class DeliveryState(StrEnum):
    """Where a sealed record is. Only a verified signed receipt makes it acknowledged."""

    QUEUED = "queued"
    SENDING = "sending"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    PURGED = "purged"
    QUARANTINED = "quarantined"


_NEXT: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.QUEUED: frozenset({DeliveryState.SENDING, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    DeliveryState.SENDING: frozenset({DeliveryState.QUEUED, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}),
    # A kit may die between the last byte and the receipt: it then asks again from the queue.
    DeliveryState.RECEIVED: frozenset({DeliveryState.QUEUED, DeliveryState.ACKNOWLEDGED, DeliveryState.QUARANTINED}),
    DeliveryState.ACKNOWLEDGED: frozenset({DeliveryState.PURGED}),
    DeliveryState.PURGED: frozenset(),
    DeliveryState.QUARANTINED: frozenset({DeliveryState.QUEUED}),
}

UNACKNOWLEDGED = frozenset(
    {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RECEIVED, DeliveryState.QUARANTINED}
)


def advance(current: DeliveryState, wanted: DeliveryState) -> DeliveryState:
    """Return `wanted` when the way leads there; staying where one is is allowed. Raise `RuleError` otherwise."""
    if wanted is current or wanted in _NEXT[current]:
        return wanted
    raise RuleError("delivery.no_way", current=current.value, wanted=wanted.value)
