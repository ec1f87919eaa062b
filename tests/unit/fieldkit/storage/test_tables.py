"""The tables that the program sees are those that the migrations make."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import DayText, UtcText, metadata


def _is_search_index(kind: str | None, name: str | None) -> bool:
    return kind == "table" and name is not None and "_fts" in name


# Over the inside of a body, which SQLAlchemy does not reflect; `test_standings` asks for its way by name.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrated_file_has_the_tables_of_the_program(store: SqlStore) -> None:
    def include(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        return not _is_search_index(kind, name)

    with store.read() as unit:
        context = MigrationContext.configure(unit.connection, opts={"include_object": include, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_times_are_kept_in_utc_and_sort_as_text() -> None:
    kind = UtcText()
    jakarta = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=7)))
    text = kind.process_bind_param(jakarta, None)
    assert text == "2026-11-21T02:00:00.000000+00:00"
    assert kind.process_result_value(text, None) == jakarta
    later = kind.process_bind_param(jakarta + timedelta(microseconds=1), None)
    assert later is not None
    assert later > text


def test_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcText().process_bind_param(datetime(2026, 11, 21), None)  # noqa: DTZ001


def test_nothing_stays_nothing() -> None:
    assert UtcText().process_bind_param(None, None) is None
    assert DayText().process_bind_param(None, None) is None
    assert (DayText().process_result_value(None, None), UtcText().process_result_value(None, None)) == (None, None)
    assert DayText().process_result_value("2026-11-21", None) == date(2026, 11, 21)
    assert DayText().process_bind_param(date(2026, 11, 21), None) == "2026-11-21"
    assert UtcText().process_result_value("2026-11-21T02:00:00.000000+00:00", None) == datetime(
        2026, 11, 21, 2, tzinfo=UTC
    )
