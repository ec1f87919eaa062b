"""Things of every kind in one table: a new kind needs no migration, and they all sync the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Table, bindparam, case, delete, func, select, text
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine import Connection

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.events import Thing, digest_of
from fieldkit.storage import tables
from fieldkit.storage.mappers import AnyRow, Values, read_json
from fieldkit.storage.search_terms import prefix_query

# The two statements that every repository needs.

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


T = TypeVar("T", bound=Thing)

# The + keeps SQLite from reading every thing of the kind: it goes through what was found, newest first.
_FOUND = text("+things.kind = :of AND things.row IN (SELECT rowid FROM things_fts WHERE things_fts MATCH :words)")

# Newest first is the order of the rows that the index names: nothing is put in order, and reading ends early.
_NEWEST_FOUND = text(
    "SELECT row, kind FROM things WHERE row IN (SELECT rowid FROM things_fts WHERE things_fts MATCH :words) "
    "AND +kind IN :kinds ORDER BY row DESC LIMIT :most"
).bindparams(bindparam("kinds", expanding=True), most=2_000)

_ALL = select(tables.things.c.body).where(tables.things.c.kind == bindparam("of"))
_ONE = _ALL.where(tables.things.c.thing_id == bindparam("id"))
_OF_ACTIVITY = _ALL.where(tables.things.c.activity_id == bindparam("activity")).order_by(tables.things.c.row)


@cache
def _json(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def body_of(thing: Thing) -> str:
    """Return the JSON in which a thing is kept; the same value gives the same text."""
    text: str = _json(type(thing)).dump_json(thing).decode()
    return text


def newest_found(connection: Connection, kinds: Sequence[type[Thing]], text: str, limit: int) -> Sequence[Thing]:
    """Return up to `limit` things of each kind that a search finds, newest first."""
    words, room = prefix_query(text), {kind.KIND: limit for kind in kinds}
    if not words:
        return ()
    rows = list[int]()
    for row, kind in connection.execute(_NEWEST_FOUND, {"words": words, "kinds": [*room]}):
        if room[kind]:
            room[kind] -= 1
            rows.append(row)
    types = {kind.KIND: kind for kind in kinds}
    columns = tables.things.c
    wanted = select(columns.kind, columns.body).where(columns.row.in_(rows)).order_by(columns.row.desc())
    return [read_json(_json(types[kind]), body) for kind, body in connection.execute(wanted)]


class SqlRepository(Generic[T]):
    """`fieldkit.ports.repositories.Repository` over the table `things`, which `things_fts` indexes by triggers."""

    def __init__(self, connection: Connection, kind: type[T], note_erasing: Callable[[], None]) -> None:
        self._connection, self._kind, self._note_erasing = connection, kind, note_erasing

    def save(self, thing: T) -> str:
        """Insert or replace; return the hex SHA-256 of the body."""
        body = body_of(thing)
        self._put([self._values(thing, body)])
        return digest_of(body)

    def save_all(self, things: Iterable[T]) -> None:
        """Insert or replace many."""
        if rows := [self._values(thing, body_of(thing)) for thing in things]:
            put_many(self._connection, tables.things, ("kind", "thing_id"), rows)

    def get(self, thing_id: str) -> T:
        """Return one. Raise `StoreError("store.not_found")`."""
        thing = self.find(thing_id)
        if thing is None:
            raise not_found(thing_id)
        return thing

    def find(self, thing_id: str) -> T | None:
        """Return one, or None."""
        body = self._connection.scalar(_ONE, {"of": self._kind.KIND, "id": thing_id})
        return None if body is None else self._thing(body)

    def of(self, activity_id: str) -> Sequence[T]:
        """Return those of an activity, oldest first."""
        mine = self._connection.scalars(_OF_ACTIVITY, {"of": self._kind.KIND, "activity": activity_id})
        return [self._thing(body) for body in mine]

    def search(self, text: str = "", limit: int | None = None) -> Sequence[T]:
        """Return those whose words match, newest first."""
        wanted = self._all()
        if words := prefix_query(text):
            wanted = select(tables.things.c.body).where(_FOUND.bindparams(words=words, of=self._kind.KIND))
        newest = wanted.order_by(tables.things.c.row.desc()).limit(limit)
        return [self._thing(body) for body in self._connection.scalars(newest)]

    def having(self, field: str, values: Iterable[str]) -> Sequence[T]:
        """Return those of which a field of the body has one of some values, newest first."""
        body = tables.things.c.body
        has = func.json_extract(body, f"$.{field}").in_([*values])
        # What a bad page cut is no JSON: it is read too, so that it is told.
        newest = (
            self._all().where(case((func.json_valid(body) == 1, has), else_=True)).order_by(tables.things.c.row.desc())
        )
        return [self._thing(body) for body in self._connection.scalars(newest)]

    def remove(self, thing_id: str) -> None:
        """Erase one."""
        mine = (tables.things.c.kind == self._kind.KIND) & (tables.things.c.thing_id == thing_id)
        self._connection.execute(delete(tables.things).where(mine))
        self._note_erasing()

    def _all(self) -> Any:
        return select(tables.things.c.body).where(tables.things.c.kind == self._kind.KIND)

    def _thing(self, body: str) -> T:
        thing: T = read_json(_json(self._kind), body)
        return thing

    def _values(self, thing: T, body: str) -> dict[str, str]:
        return {
            "kind": self._kind.KIND,
            "thing_id": thing.thing_id,
            "activity_id": thing.activity_id,
            "words": thing.words,
            "body": body,
        }

    def _put(self, rows: Sequence[dict[str, str]]) -> None:
        self._connection.execute(upsert(tables.things, ("kind", "thing_id"), ("activity_id", "words", "body")), rows)
