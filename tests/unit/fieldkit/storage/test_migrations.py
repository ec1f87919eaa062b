"""What the file itself forbids, whoever writes to it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from support.kept import NOW, fill_queue, sealed, target

from fieldkit.storage.mappers import record_values
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import metadata, sealed_records

DELIVERY = {"state", "offset_bytes", "attempts", "reason", "next_try_at", "acknowledged_at", "receipt_jws"}


@pytest.fixture
def kept(store: SqlStore) -> SqlStore:
    fill_queue(store, [1])
    with store.write() as unit:
        unit.events.append("record_sealed", "record-1", {}, "user-1", NOW)
    return store


@pytest.mark.parametrize("column", [c.name for c in sealed_records.columns if c.name not in DELIVERY])
def test_sealed_row_keeps_every_column(kept: SqlStore, column: str) -> None:
    with pytest.raises(IntegrityError, match="immutable"), kept.write() as unit:
        unit.connection.exec_driver_sql(f"UPDATE sealed_records SET {column} = {column}")


@pytest.mark.parametrize("column", sorted(DELIVERY))
def test_delivery_columns_may_change(kept: SqlStore, column: str) -> None:
    with kept.write() as unit:
        unit.connection.exec_driver_sql(f"UPDATE sealed_records SET {column} = {column}")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sealed_records",
        "DELETE FROM events",
        "UPDATE events SET actor = 'somebody else'",
        "UPDATE OR REPLACE events SET sequence = 1",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
        "INSERT OR REPLACE INTO sealed_records SELECT * FROM sealed_records",
    ],
)
def test_nothing_sealed_or_logged_goes_away(kept: SqlStore, statement: str) -> None:
    with pytest.raises(IntegrityError, match=r"immutable|append-only"), kept.write() as unit:
        unit.connection.exec_driver_sql(statement)
    with kept.read() as unit:
        assert unit.records.get("record-1").record.manifest_jws == "manifest-1"
        assert [event.actor for event in unit.events.of("record-1")] == ["user-1"]


def test_chain_has_one_record_per_place(kept: SqlStore) -> None:
    with kept.read() as unit:
        taken = unit.records.get("record-1").record.link
    with pytest.raises(IntegrityError, match="UNIQUE"), kept.write() as unit:
        unit.connection.execute(sealed_records.insert().values(record_values(sealed(2, taken))))


def test_search_index_follows_the_targets(store: SqlStore) -> None:
    with store.write() as unit:
        unit.targets.save([target(1)])
        unit.connection.exec_driver_sql("DELETE FROM targets")
        assert unit.connection.exec_driver_sql("SELECT count(*) FROM targets_fts").scalar() == 0


INDEXES = """
    attachments_by_owner central_statuses_in_order events_by_aggregate revisions_by_number revisions_by_role
    samples_by_session sealed_records_at_a_glance sealed_records_by_activity sealed_records_by_nik
    sealed_records_by_state sessions_by_phase targets_by_category targets_by_nik targets_by_state targets_by_verdict
    targets_by_visit things_by_activity things_of_cards
"""


def test_a_new_store_has_the_tables_and_indexes_that_the_program_names(store: SqlStore) -> None:
    with store.read() as unit:
        run = unit.connection.exec_driver_sql
        own = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        assert set(run(own).scalars()) == set(INDEXES.split())
        for table in metadata.sorted_tables:
            assert {row.name for row in run(f"PRAGMA table_info({table.name})")} == set(table.columns.keys())
