"""Insert or replace, and find."""

from __future__ import annotations

import pytest

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.storage.repositories.upsert import chunks, get, put, put_many
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import settings


def test_replacing_keeps_the_row_that_the_search_index_knows(store: SqlStore) -> None:
    with store.write() as unit:
        put(unit.connection, settings, "name", [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}])
        before = get(unit.connection, settings, "name", "a")
        put(unit.connection, settings, "name", [{"name": "a", "value": "3"}])
        after = get(unit.connection, settings, "name", "a")
    assert (before.row, before.value, after.row, after.value) == (after.row, "1", before.row, "3")


def test_many_rows_are_put_and_looked_for_in_groups(store: SqlStore) -> None:
    with store.write() as unit:
        for value in ("1", "2"):
            put_many(unit.connection, settings, ["name"], [{"name": str(n), "value": value} for n in range(501)])
        rows = unit.connection.exec_driver_sql("SELECT value, count(*) FROM settings GROUP BY value").all()
    assert rows == [("2", 501)]
    assert [len(some) for some in chunks(map(str, range(1_801)))] == [900, 900, 1]


def test_nothing_to_put_is_no_error(store: SqlStore) -> None:
    with store.write() as unit:
        put(unit.connection, settings, "name", [])


def test_missing_row_is_named(store: SqlStore) -> None:
    with pytest.raises(StoreError) as caught, store.read() as unit:
        get(unit.connection, settings, "name", "nowhere")
    assert caught.value.problem.recovery is Recovery.NONE
