from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldkit.domain.errors import Problem, StoreError
from sync.kit.border import stops
from sync.kit.parts import EnoughError
from sync.kit.tally import Tally


def raising(error: Exception) -> object:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError("store.disk_full"), "store.disk_full"),
        (OSError(28, "No space left on device"), "store.disk_full"),
        (OSError(5, "Input/output error"), "store.disk_failed"),
    ],
)
def test_the_first_reason_counts(error: Exception, code: str) -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert not stops(tally, lambda: None)
    assert stops(tally, raising(error))  # type: ignore[arg-type]
    assert stops(tally, raising(StoreError("store.damaged")))  # type: ignore[arg-type]
    assert tally.stopped_by is not None
    assert tally.stopped_by.code == code


def test_enough_is_no_problem() -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert stops(tally, raising(EnoughError()))  # type: ignore[arg-type]
    assert tally.stopped_by is None


def test_a_bug_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert stops(tally, raising(KeyError("x")))  # type: ignore[arg-type]
    assert tally.stopped_by == Problem("sync.unforeseen", {"kind": "KeyError"})
    assert "Traceback" in caplog.text


def test_ctrl_c_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        stops(Tally(datetime(2026, 11, 21, tzinfo=UTC)), raising(KeyboardInterrupt()))  # type: ignore[arg-type]
