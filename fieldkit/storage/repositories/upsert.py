"""The two statements that every repository needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

from sqlalchemy import Table, select
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine import Connection

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.storage.mappers import AnyRow, Values

_AT_ONCE = 900  # parameters; every SQLite takes 999
_ROWS_AT_ONCE = 500


def put(connection: Connection, table: Table, key: str, rows: Sequence[Values]) -> None:
    """Insert rows or replace those with the same key."""
    if not rows:
        return
    connection.execute(upsert(table, (key,), tuple(name for name in rows[0] if name != key)), rows)


@cache
def upsert(table: Table, keys: tuple[str, ...], changed: tuple[str, ...]) -> Insert:
    """Return the statement that inserts rows, or replaces these columns where the keys are there already."""
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=[*keys], set_=replaced)


def put_many(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert or replace long lists of plain texts and numbers, many rows a statement.

    Full-text indexes write themselves out after every statement: row by row a list takes four times as long.
    """
    for some in (rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)):
        names = list(some[0])
        one = f"({', '.join('?' * len(names))})"
        changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
        statement = (
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([one] * len(some))} "
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}"
        )
        connection.exec_driver_sql(statement, tuple(row[name] for row in some for name in names))


def get(connection: Connection, table: Table, key: str, value: str) -> AnyRow:
    """Return the row with this key. Raise `StoreError("store.not_found")`."""
    row = connection.execute(select(table).where(table.c[key] == value)).first()
    if row is None:
        raise not_found(value)
    return row


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Yield many values in groups that one statement can take."""
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def not_found(value: str) -> StoreError:
    """Return the error for a key that nothing has."""
    return StoreError("store.not_found", recovery=Recovery.NONE, key=value)
