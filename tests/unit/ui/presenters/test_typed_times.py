from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from ui.presenters.typed_times import read_day, read_moment


def test_a_moment_is_read_in_the_time_of_the_dinas() -> None:
    for text in (" 25-11-2026 08.30", "25-11-2026 08:30 "):
        assert read_moment(text, HandClock()) == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    assert read_moment("  ", HandClock()) is None
    with pytest.raises(InputError, match=r"typed\.moment"):
        read_moment("kemarin", HandClock())


def test_a_day_is_read_and_nothing_is_no_day() -> None:
    assert read_day("25-11-2026") == date(2026, 11, 25)
    assert read_day("") is None
    with pytest.raises(InputError, match=r"typed\.day"):
        read_day("31-02-2026")
