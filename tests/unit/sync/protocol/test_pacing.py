from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.pacing import BIG_CHUNK, BIGGEST_CHUNK, FIRST_CHUNK, SMALLEST_CHUNK, back_off, next_chunk_size


def test_chunks_follow_the_speed_of_the_line() -> None:
    assert next_chunk_size(FIRST_CHUNK, 0.1) == 2 * FIRST_CHUNK
    assert next_chunk_size(FIRST_CHUNK, 3.0) == FIRST_CHUNK
    assert next_chunk_size(FIRST_CHUNK, 20.0) == FIRST_CHUNK // 2


def test_only_a_line_that_takes_no_time_gets_large_chunks() -> None:
    assert next_chunk_size(BIG_CHUNK, 0.1) == 2 * BIG_CHUNK
    assert next_chunk_size(BIG_CHUNK, 1.0) == BIG_CHUNK
    assert next_chunk_size(BIGGEST_CHUNK, 0.1) == BIGGEST_CHUNK
    assert next_chunk_size(BIGGEST_CHUNK, 1.0) == BIGGEST_CHUNK
    assert next_chunk_size(BIGGEST_CHUNK, 2.0) == BIGGEST_CHUNK // 2


@given(st.integers(1, 2**30), st.floats(0, 1000), st.integers(SMALLEST_CHUNK, BIGGEST_CHUNK))
def test_chunks_stay_within_bounds(size: int, seconds: float, most: int) -> None:
    assert min(SMALLEST_CHUNK, most) <= next_chunk_size(size, seconds, most) <= most


@given(st.integers(1, 10_000), st.integers())
def test_waits_are_full_jitter_below_a_doubling_ceiling(failures: int, seed: int) -> None:
    wait = back_off(failures, Random(seed))
    assert timedelta(0) <= wait <= min(timedelta(minutes=30), timedelta(seconds=5) * 2 ** min(failures - 1, 20))


def test_waits_differ() -> None:
    random = Random(1)
    waits = {back_off(6, random) for _ in range(20)}
    assert len(waits) == 20
    assert max(waits) > timedelta(seconds=100)
