from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import Recovery, TransferError
from sync.protocol import outcomes
from sync.protocol.outcomes import (
    BIGGEST_CHUNK,
    FIRST_CHUNK,
    SMALLEST_CHUNK,
    Consequence,
    RecordRefusedError,
    RecordRetryError,
    RunStoppedError,
    back_off,
    judge,
    next_chunk_size,
    of_the_whole_run,
    raise_for,
)


@pytest.mark.parametrize(
    ("status", "trouble", "consequence", "code"),
    [
        (200, "", Consequence.GO_ON, ""),
        (204, "record.conflict", Consequence.GO_ON, ""),
        (301, "", Consequence.STOP_RUN, "sync.nonsense"),
        (401, "", Consequence.STOP_RUN, "sync.not_admitted"),
        (401, "auth.kit_revoked", Consequence.STOP_RUN, "sync.kit_revoked"),
        (404, "", Consequence.RETRY_RECORD, "sync.upload_gone"),
        (409, "", Consequence.RETRY_RECORD, "sync.offset_differs"),
        (409, "record.conflict", Consequence.QUARANTINE, "sync.digest_conflict"),
        (418, "", Consequence.STOP_RUN, "sync.nonsense"),
        (426, "", Consequence.STOP_RUN, "sync.version_differs"),
        (426, "protocol.outdated", Consequence.STOP_RUN, "sync.version_differs"),
        (426, "protocol.version", Consequence.STOP_RUN, "sync.center_older"),
        (418, "body.invalid", Consequence.QUARANTINE, "sync.refused"),
        (422, "", Consequence.QUARANTINE, "sync.refused"),
        (422, "record.damaged", Consequence.RETRY_RECORD, "sync.record_damaged"),
        (460, "", Consequence.RETRY_RECORD, "sync.chunk_damaged"),
        (500, "", Consequence.RETRY_RECORD, "sync.server_error"),
        (503, "", Consequence.STOP_RUN, "sync.server_busy"),
        (507, "", Consequence.STOP_RUN, "sync.server_full"),
        (599, "", Consequence.STOP_RUN, "sync.nonsense"),
        (100, "", Consequence.STOP_RUN, "sync.nonsense"),
    ],
)
def test_the_decision_table(status: int, trouble: str, consequence: Consequence, code: str) -> None:
    outcome = judge(status, trouble)
    assert (outcome.consequence, outcome.code) == (consequence, code)


@pytest.mark.parametrize(
    ("status", "error"), [(409, RecordRetryError), (413, RecordRefusedError), (503, RunStoppedError)]
)
def test_each_consequence_has_its_error(status: int, error: type[TransferError]) -> None:
    with pytest.raises(error) as caught:
        raise_for(status)
    assert caught.value.code == judge(status).code


def test_a_question_about_no_record_is_of_the_whole_run() -> None:
    for status, code in ((500, "sync.server_trouble"), (422, "sync.nonsense"), (404, "sync.nonsense")):
        with pytest.raises(RunStoppedError) as caught, of_the_whole_run():
            raise_for(status)
        assert caught.value.code == code
    with pytest.raises(RunStoppedError, match=r"sync\.server_busy"), of_the_whole_run():
        raise_for(503)


def test_success_raises_nothing() -> None:
    raise_for(204)


def test_only_somebody_at_the_office_helps_a_revoked_kit_or_with_an_older_center() -> None:
    for code in ("sync.kit_revoked", "sync.center_older"):
        assert RunStoppedError(code).problem.recovery is Recovery.ASK_OFFICE
    assert RunStoppedError("sync.stalled").problem.recovery is Recovery.RETRY


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_code_of_the_table_has_its_sentences(language: str) -> None:
    folder = Path(__file__).parents[4] / "assets" / "i18n" / language
    told = tomllib.loads((folder / "sync.toml").read_text("utf-8"))
    codes = {outcome.code for outcome in (*outcomes._STATUS.values(), *outcomes._TROUBLE.values())}
    assert codes <= told.keys()


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
