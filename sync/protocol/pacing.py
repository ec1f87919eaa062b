"""How much to send at once and how long to wait after a failure. Pure; randomness comes from outside."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from fieldkit.domain.delivery.way import LONGEST_WAIT

FIRST_CHUNK = 256 * 1024
SMALLEST_CHUNK = 16 * 1024
# On a line of the field larger ones gain nothing, and a cut loses the chunk under way.
BIG_CHUNK = 512 * 1024
# On a line of the office, where a chunk is gone in no time, each one costs the data center more than its bytes do.
BIGGEST_CHUNK = 4 * 1024 * 1024
_NO_TIME_S = 0.25
# A chunk that takes about this long loses little when the link breaks and costs few round trips when it does not.
_GOOD_CHUNK_SECONDS = 3.0

_BASE_WAIT_S = 5.0


def next_chunk_size(size: int, seconds: float, most: int = BIGGEST_CHUNK) -> int:
    """Return the size of the next chunk after one of `size` bytes took `seconds`: doubled, kept or halved."""
    if seconds < _NO_TIME_S:
        size *= 2
    elif seconds < _GOOD_CHUNK_SECONDS / 2:
        size = max(size, min(size * 2, BIG_CHUNK))
    elif seconds > _GOOD_CHUNK_SECONDS * 2 or size > BIG_CHUNK:
        size //= 2
    return min(max(size, SMALLEST_CHUNK), most)


def back_off(failures: int, random: Random) -> timedelta:
    """Return a full-jitter wait after the n-th failure in a row: anything from 0 to 5 s × 2ⁿ⁻¹, at most 30 minutes."""
    ceiling = min(LONGEST_WAIT.total_seconds(), _BASE_WAIT_S * 2 ** min(max(failures - 1, 0), 16))
    return timedelta(seconds=random.uniform(0.0, ceiling))
