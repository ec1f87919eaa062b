"""How much to send at once and how long to wait after a failure. Pure; randomness comes from outside."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from fieldkit.domain.delivery.way import LONGEST_WAIT

FIRST_CHUNK = 256 * 1024
SMALLEST_CHUNK = 16 * 1024
# Larger ones gain nothing on a fast line, and a cut loses the chunk under way.
BIGGEST_CHUNK = 512 * 1024
# A chunk that takes about this long loses little when the link breaks and costs few round trips when it does not.
_GOOD_CHUNK_SECONDS = 3.0

_BASE_WAIT_S = 5.0


def next_chunk_size(size: int, seconds: float, most: int = BIGGEST_CHUNK) -> int:
    """Return the size of the next chunk after one of `size` bytes took `seconds`: doubled, kept or halved."""
    if seconds < _GOOD_CHUNK_SECONDS / 2:
        size *= 2
    elif seconds > _GOOD_CHUNK_SECONDS * 2:
        size //= 2
    return min(max(size, SMALLEST_CHUNK), most)


def back_off(failures: int, random: Random) -> timedelta:
    """Return a full-jitter wait after the n-th failure in a row: anything from 0 to 5 s × 2ⁿ⁻¹, at most 30 minutes."""
    ceiling = min(LONGEST_WAIT.total_seconds(), _BASE_WAIT_S * 2 ** min(max(failures - 1, 0), 16))
    return timedelta(seconds=random.uniform(0.0, ceiling))
