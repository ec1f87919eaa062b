"""How much to send at once and how long to wait after a failure. Pure; randomness comes from outside."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from fieldkit.domain.delivery.way import LONGEST_WAIT

FIRST_CHUNK = 256 * 1024
SMALLEST_CHUNK = 16 * 1024
BIGGEST_CHUNK = 8 * 1024 * 1024
# What a chunk should take: several times the way there and back, so that its one answer costs nothing, and short enough
# that what the data center has confirmed is never far behind.
_GOOD_CHUNK_SECONDS = 3.0
_MOST_GROWTH = 4

_BASE_WAIT_S = 5.0


def next_chunk_size(size: int, sent: int, seconds: float, most: int = BIGGEST_CHUNK) -> int:
    """Return the size of the next chunk after `sent` bytes took `seconds`: what this line carries in 3 s.

    At most four times as much or as little as `size`, the last one: one answer that came early or late says little.
    Fewer bytes than that, answered in time, only say that the line is no worse.
    """
    wanted = sent * _GOOD_CHUNK_SECONDS / max(seconds, 0.001)
    if sent < size and seconds < _GOOD_CHUNK_SECONDS:
        wanted = max(wanted, size)
    paced = int(min(max(wanted, size / _MOST_GROWTH), size * _MOST_GROWTH))
    return min(max(paced, SMALLEST_CHUNK), most)


def back_off(failures: int, random: Random) -> timedelta:
    """Return a full-jitter wait after the n-th failure in a row: anything from 0 to 5 s × 2ⁿ⁻¹, at most 30 minutes."""
    ceiling = min(LONGEST_WAIT.total_seconds(), _BASE_WAIT_S * 2 ** min(max(failures - 1, 0), 16))
    return timedelta(seconds=random.uniform(0.0, ceiling))
