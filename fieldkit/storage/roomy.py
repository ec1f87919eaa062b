"""A connection that goes on when the disk is full: it gives the reserve up and does again what SQLite took back.

Without room SQLite takes a whole transaction back, most often at its commit, when whoever made it cannot begin anew.
So what a transaction wrote is kept until it ends; nobody else writes meanwhile, and the same statements do the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from sqlcipher3 import dbapi2

from fieldkit.storage.failures import has_found_no_room
from fieldkit.storage.reserve import Reserve

T = TypeVar("T")
_FULL = "database or disk is full"  # in SQLite's own words


class RoomyConnection(dbapi2.Connection):  # type: ignore[misc]  # the driver has no types
    """One connection to a file; a file outside a home has no reserve, and no second try."""

    def __init__(self, path: Path, database: str, **named: Any) -> None:
        super().__init__(database, **named)
        self._path = path
        self._written: list[tuple[str, str, Any]] = []  # of the transaction: method, statement, parameters

    def cursor(self) -> _RoomyCursor:
        """Return a cursor whose statements are tried twice."""
        return super().cursor(_RoomyCursor)  # type: ignore[no-any-return]

    def commit(self) -> None:
        """Commit. Raise `OperationalError` as SQLite does on a full disk, also for what is too large to go on now."""
        reserve = Reserve.over(self._path) if self._written else None
        if reserve is not None and not reserve.lends(self._size_bytes()):
            raise dbapi2.OperationalError(_FULL)
        self.again(super().commit)
        self._written.clear()

    def rollback(self) -> None:
        """Take the transaction back."""
        self._written.clear()
        super().rollback()

    def again(self, step: Callable[[], T]) -> T:
        """Do a step, and once more with the room of the reserve."""
        try:
            return step()
        except dbapi2.OperationalError as error:
            if not has_found_no_room(error) or not self._can_repeat():
                raise
            reserve = Reserve.over(self._path)
            if reserve is None or not reserve.gives_way(self._size_bytes()):
                raise
        if not self.in_transaction:
            for method, statement, parameters in self._written:
                getattr(dbapi2.Cursor(self), method)(statement, parameters)
        return step()

    def run(self, method: str, statement: str, parameters: Any, step: Callable[[], T]) -> T:
        """Do a statement of a cursor and keep what it wrote for as long as its transaction may be taken back."""
        if not self.in_transaction:
            self._written.clear()
        done = self.again(step)
        if self.in_transaction and not statement.startswith("SELECT"):
            self._written.append((method, statement, parameters))
        return done

    def _size_bytes(self) -> int:
        return sum(len(value) for value in self._values() if isinstance(value, str | bytes | memoryview))

    def _can_repeat(self) -> bool:
        """Return whether nobody can have changed meanwhile what the transaction wrote."""
        return not any(_is_changeable(value) for value in self._values())

    def _values(self) -> Iterable[Any]:
        for method, _, parameters in self._written:
            for row in parameters if method == "executemany" else (parameters,):
                yield from row.values() if isinstance(row, dict) else row


class _RoomyCursor(dbapi2.Cursor):  # type: ignore[misc]
    def execute(self, statement: str, parameters: Any = ()) -> _RoomyCursor:
        step = super().execute
        return self.connection.run("execute", statement, parameters, lambda: step(statement, parameters))  # type: ignore[no-any-return]

    def executemany(self, statement: str, rows: Any) -> _RoomyCursor:
        step, rows = super().executemany, list(rows)
        return self.connection.run("executemany", statement, rows, lambda: step(statement, rows))  # type: ignore[no-any-return]


def _is_changeable(value: object) -> bool:
    return isinstance(value, bytearray) or (isinstance(value, memoryview) and not value.readonly)
