from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from fieldkit.domain.errors import Recovery, TransferError
from sync.protocol import outcomes
from sync.protocol.outcomes import (
    Consequence,
    RecordRefusedError,
    RecordRetryError,
    RunStoppedError,
    judge,
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
