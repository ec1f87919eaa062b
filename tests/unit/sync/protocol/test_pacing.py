from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.pacing import BIGGEST_CHUNK, FIRST_CHUNK, SMALLEST_CHUNK, back_off, next_chunk_size


def test_chunks_are_what_the_line_carries_in_some_seconds() -> None:
    for seconds, size in ((3.0, FIRST_CHUNK), (1.5, 2 * FIRST_CHUNK), (6.0, FIRST_CHUNK // 2)):
        assert next_chunk_size(FIRST_CHUNK, FIRST_CHUNK, seconds) == size


def test_one_answer_changes_them_at_most_four_times() -> None:
    for size, seconds, wanted in (
        (FIRST_CHUNK, 0.0, 4 * FIRST_CHUNK),
        (FIRST_CHUNK, 1000.0, FIRST_CHUNK // 4),
        (BIGGEST_CHUNK, 0.0, BIGGEST_CHUNK),
        (SMALLEST_CHUNK, 1000.0, SMALLEST_CHUNK),
    ):
        assert next_chunk_size(size, size, seconds) == wanted


def test_a_small_record_makes_chunks_smaller_only_when_it_is_late() -> None:
    assert next_chunk_size(FIRST_CHUNK, 5000, 0.3) == FIRST_CHUNK
    assert next_chunk_size(FIRST_CHUNK, FIRST_CHUNK // 2, 0.1) == 4 * FIRST_CHUNK
    assert next_chunk_size(FIRST_CHUNK, FIRST_CHUNK // 2, 3.0) == FIRST_CHUNK // 2


@given(st.integers(1, 2**30), st.integers(1, 2**30), st.floats(0, 1000), st.integers(SMALLEST_CHUNK, BIGGEST_CHUNK))
def test_chunks_stay_within_bounds(size: int, sent: int, seconds: float, most: int) -> None:
    assert min(SMALLEST_CHUNK, most) <= next_chunk_size(size, sent, seconds, most) <= most


@given(st.integers(1, 10_000), st.integers())
def test_waits_are_full_jitter_below_a_doubling_ceiling(failures: int, seed: int) -> None:
    wait = back_off(failures, Random(seed))
    assert timedelta(0) <= wait <= min(timedelta(minutes=30), timedelta(seconds=5) * 2 ** min(failures - 1, 20))


def test_waits_differ() -> None:
    random = Random(1)
    waits = {back_off(6, random) for _ in range(20)}
    assert len(waits) == 20
    assert max(waits) > timedelta(seconds=100)
