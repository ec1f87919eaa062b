from __future__ import annotations

from sqlcipher3 import dbapi2
from support.kept import KEY
from support.room import Room

from fieldkit.services.check_audit import CheckAudit


def meddle(room: Room, *statements: str) -> None:
    """Change the file as a thief with the key would: triggers are no obstacle."""
    room.store.close()
    connection = dbapi2.connect(str(room.home / "kit.db"))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'")
    for (name,) in triggers.fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    room.store = room._open()


def test_an_untouched_log_holds(room: Room) -> None:
    room.seal()
    rows, fault = CheckAudit(room.store).verify()
    assert fault is None
    assert rows > 10


def test_a_changed_row_is_named(room: Room) -> None:
    room.seal()
    meddle(room, "UPDATE events SET actor = 'somebody else' WHERE sequence = 3")
    _, fault = CheckAudit(room.store).verify()
    assert fault is not None
    assert (fault.code, fault.sequence) == ("audit.changed_row", 3)


def test_a_missing_row_is_named(room: Room) -> None:
    room.seal()
    meddle(room, "DELETE FROM events WHERE sequence = 4")
    _, fault = CheckAudit(room.store).verify()
    assert fault is not None
    assert (fault.code, fault.sequence) == ("audit.gap", 4)
