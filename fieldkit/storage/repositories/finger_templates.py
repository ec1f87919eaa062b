"""What the fingers of records without a receipt are compared by."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from fieldkit.storage.repositories.upsert import get
from fieldkit.storage.tables import finger_templates

_columns = finger_templates.c


class SqlFingerTemplates:
    """`fieldkit.ports.person_finder.FingerTemplates` over the table `finger_templates`."""

    def __init__(self, connection: Connection, note_erasing: Callable[[], None]) -> None:
        self._connection, self._note_erasing = connection, note_erasing

    def keep(self, record_id: str, content: bytes) -> None:
        """Insert what is kept of a record."""
        self._connection.execute(insert(finger_templates).values(record_id=record_id, content=content))

    def get(self, record_id: str) -> bytes:
        """Return what is kept of a record. Raise `StoreError("store.not_found")`."""
        return bytes(get(self._connection, finger_templates, "record_id", record_id).content)

    def held(self) -> frozenset[str]:
        """Return the ids of the records of which something is kept."""
        return frozenset(self._connection.scalars(select(_columns.record_id)))

    def erase(self, record_id: str) -> None:
        """Erase what is kept of a record; an unknown one is no error."""
        self._connection.execute(delete(finger_templates).where(_columns.record_id == record_id))
        self._note_erasing()
