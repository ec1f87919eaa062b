"""Where a program is killed: at which of its calls, and how often at random."""

from __future__ import annotations

import os

DURABLE = ("fsync", "fdatasync", "rename", "renameat", "renameat2")
"""The calls after which the disk holds something else than before."""

_ROUND = 50


def spread(total: int, some: int) -> list[int]:
    """Return so many places of 1 … total, evenly, the first and the last among them."""
    if some >= total:
        return list(range(1, total + 1))
    return sorted({round(1 + at * (total - 1) / (some - 1)) for at in range(some)})


def rounds() -> list[int]:
    """Return how often to kill at random moments, in rounds: 500 times in all, or as FIELDKIT_KILLS says."""
    left, found = int(os.environ.get("FIELDKIT_KILLS", "500")), []
    while left > 0:
        found.append(min(left, _ROUND))
        left -= _ROUND
    return found
