"""What the file itself forbids, and the search indexes it keeps.

Alembic's batch mode copies a table and loses its triggers, so they are no part of a revision: they are made anew after
every migration.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

DELIVERY = frozenset({"state", "offset_bytes", "attempts", "reason", "next_try_at", "acknowledged_at", "receipt_jws"})

_TARGET_TEXT = (
    "new.row, new.biodata ->> '$.name', new.biodata ->> '$.nik.digits', "
    "(new.biodata ->> '$.address.street') || ' ' || (new.biodata ->> '$.address.village')"
)
_PUT_TARGET = f"INSERT INTO targets_fts (rowid, name, nik, address) VALUES ({_TARGET_TEXT})"
_DROP_TARGET = "DELETE FROM targets_fts WHERE rowid = old.row"

_PUT_THING = "INSERT INTO things_fts (rowid, words) VALUES (new.row, new.words)"
_DROP_THING = "DELETE FROM things_fts WHERE rowid = old.row"

_TRIGGERS = {
    "events_stay": "BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    "events_as_written": "BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    "sealed_records_stay": (
        "BEFORE DELETE ON sealed_records BEGIN SELECT RAISE(ABORT, 'sealed records are immutable'); END"
    ),
    "sealed_records_found": (
        "AFTER INSERT ON sealed_records BEGIN INSERT INTO sealed_records_fts (rowid, masked_name, masked_nik, place) "
        "VALUES (new.row, new.masked_name, new.masked_nik, new.place); END"
    ),
    "targets_added": f"AFTER INSERT ON targets BEGIN {_PUT_TARGET}; END",
    "targets_changed": f"AFTER UPDATE OF biodata ON targets BEGIN {_DROP_TARGET}; {_PUT_TARGET}; END",
    "targets_removed": f"AFTER DELETE ON targets BEGIN {_DROP_TARGET}; END",
    "things_added": f"AFTER INSERT ON things BEGIN {_PUT_THING}; END",
    "things_changed": (
        f"AFTER UPDATE OF words ON things WHEN old.words IS NOT new.words BEGIN {_DROP_THING}; {_PUT_THING}; END"
    ),
    "things_removed": f"AFTER DELETE ON things BEGIN {_DROP_THING}; END",
}


def renew_triggers(connection: Connection) -> None:
    """Drop and make every trigger."""
    columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(sealed_records)")]
    fixed = ", ".join(column for column in columns if column not in DELIVERY)
    as_sealed = (
        f"BEFORE UPDATE OF {fixed} ON sealed_records BEGIN SELECT RAISE(ABORT, 'sealed records are immutable'); END"
    )
    for name, body in {**_TRIGGERS, "sealed_records_as_sealed": as_sealed}.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {body}")
