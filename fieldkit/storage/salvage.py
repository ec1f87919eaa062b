"""Read what a damaged store still tells, row by row around the pages that cannot be read."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import KnownError
from fieldkit.storage import tables
from fieldkit.storage.engine import lone_connection
from fieldkit.storage.home_lock import sync_folder
from fieldkit.storage.migrations.triggers import DELIVERY
from fieldkit.storage.reserve import with_room

# The note that the store of this home is damaged: the next start replaces it before anybody works on.

DAMAGE_NOTE = "kit.damaged"


class DamageNote:
    """One small file beside the store; `aside` is the folder that already holds the damaged store."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_written(self) -> bool:
        """Return whether damage was noted and not yet mended."""
        return self._path.exists()

    def aside(self) -> str:
        """Return the name of the folder that already holds the damaged store, "" when none does."""
        try:
            return str(json.loads(self._path.read_text("ascii"))["aside"])
        except (OSError, ValueError, TypeError, KeyError):
            return ""

    def write(self, aside: str = "") -> None:
        """Note the damage, on the disk when this returns. Raise `OSError`."""
        unfinished = self._path.with_name(f"{self._path.name}.part")

        def write() -> None:
            with unfinished.open("w", encoding="ascii") as file:
                file.write(json.dumps({"aside": aside}))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)

        with_room(self._path, write)
        sync_folder(self._path.parent)

    def clear(self) -> None:
        """The damage is mended."""
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)


# Whether a key is the one of a store file whose first page does not open: any whole page proves it.
#
# SQLCipher 4 ends each page of 4096 bytes with an IV of 16 and an HMAC-SHA-512 of 64 bytes over content, IV and page
# number (little endian); the HMAC key is PBKDF2-HMAC-SHA-512 of the key over the salt XOR 0x3a, two rounds. The salt is
# the first 16 bytes of the file.

SALT_BYTES = 16
_PAGE_BYTES, _HMAC_BYTES = 4096, 64
_KEY_BYTES, _ROUNDS, _MASK = 32, 2, 0x3A


def key_fits(path: Path, key: bytes) -> bool:
    """Return whether any page of a store file was written with this key."""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    salt = bytes(byte ^ _MASK for byte in content[:SALT_BYTES])
    hmac_key = hashlib.pbkdf2_hmac("sha512", key, salt, _ROUNDS, _KEY_BYTES)
    return any(_page_is_whole(page, number, hmac_key) for number, page in _pages(content))


def _pages(content: bytes) -> Iterator[tuple[int, bytes]]:
    for at in range(0, len(content) - _PAGE_BYTES + 1, _PAGE_BYTES):
        number = at // _PAGE_BYTES + 1
        yield number, content[at + (SALT_BYTES if number == 1 else 0) : at + _PAGE_BYTES]


def _page_is_whole(page: bytes, number: int, hmac_key: bytes) -> bool:
    said = hmac.new(hmac_key, page[:-_HMAC_BYTES] + number.to_bytes(4, "little"), "sha512").digest()
    return hmac.compare_digest(said, page[-_HMAC_BYTES:])


_AT_ONCE = 50
_LONGEST_GAP = 2000  # rows that are asked for one by one
_TYPES: dict[str, type] = {"TEXT": str, "INTEGER": int, "BLOB": bytes}
_Row = dict[str, Any]


@dataclass(slots=True)
class Salvaged:
    """Rows that were read from each table, and the tables of which some could not be."""

    rows: dict[str, int] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


class DamagedStore:
    """A store file that is only read; after each page that fails it is opened anew."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._connection: Any = None

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]] | None:
        """Return the rows of a query, None when a page of them cannot be read."""
        try:
            if self._connection is None:
                self._connection = lone_connection(self._path, self._key)
            return list(self._connection.execute(query, values))
        except (KnownError, dbapi2.Error):
            self.close()
            return None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with suppress(dbapi2.Error):
                self._connection.close()
            self._connection = None

    def rows(self, table: str, salvaged: Salvaged) -> Iterator[_Row]:
        """Yield the rows of a table that can be read, in their order as far as it can be told."""
        described = self.ask(f"SELECT name, type, \"notnull\" FROM pragma_table_info('{table}')")
        if not described:
            salvaged.unread.add(table)
            return
        names = [str(name) for name, _, _ in described]
        types = [(_TYPES.get(declared, object), bool(is_needed)) for _, declared, is_needed in described]
        for values in self._readable(table, names.index("row"), salvaged):
            row = dict(zip(names, values, strict=True))
            if _is_of(values, types) and _is_whole(row):
                salvaged.rows[table] = salvaged.rows.get(table, 0) + 1
                yield row
            else:
                salvaged.unread.add(table)

    def _readable(self, table: str, at: int, salvaged: Salvaged) -> Iterator[tuple[Any, ...]]:
        last = 0
        while True:
            for limit in (_AT_ONCE, 1):
                batch = self.ask(f"SELECT * FROM {table} WHERE row > ? ORDER BY row LIMIT {limit}", last)
                if batch is not None:
                    break
            if batch is not None:
                if not batch:
                    return
                yield from batch
                last = batch[-1][at]
                continue
            salvaged.unread.add(table)
            following = self.ask(f"SELECT min(row) FROM {table} WHERE row > ?", last)
            if following is None or following[0][0] is None:
                break
            last = following[0][0]  # its key can be read and it cannot
        yield from self._behind_gap(table, at, last)

    def _behind_gap(self, table: str, at: int, last: int) -> Iterator[tuple[Any, ...]]:
        """Yield from the end of the table back to the page that cannot be read, then try the rows of the gap."""
        end = (1 << 63) - 1
        found: list[tuple[Any, ...]] = []
        while batch := self.ask(
            f"SELECT * FROM {table} WHERE row > ? AND row < ? ORDER BY row DESC LIMIT {_AT_ONCE}", last, end
        ) or self.ask(f"SELECT * FROM {table} WHERE row > ? AND row < ? ORDER BY row DESC LIMIT 1", last, end):
            found += batch
            end = batch[-1][at]
        for number in range(last + 1, min(end, last + 1 + _LONGEST_GAP)):
            yield from self.ask(f"SELECT * FROM {table} WHERE row = ?", number) or ()
        yield from reversed(found)


def _is_of(values: tuple[Any, ...], types: list[tuple[type, bool]]) -> bool:
    """Return whether values are what their columns hold: where a disk mixed old pages with new ones they need not be.

    `types` says of each column its type and whether it needs a value.
    """
    return all(
        not is_needed if value is None else isinstance(value, wanted)
        for value, (wanted, is_needed) in zip(values, types, strict=True)
    )


def _is_whole(row: _Row) -> bool:
    """Return whether no part of a row comes from a bad page: where one continues a value, SQLCipher gives zeros."""
    if any(isinstance(value, str) and "\0" in value for value in row.values()):
        return False
    is_attachment = "sha256" in row and "content" in row
    return not is_attachment or hashlib.sha256(row["content"]).hexdigest() == row["sha256"]


def salvage(damaged: DamagedStore, into: Connection) -> Salvaged:
    """Bring what can be read into a store that may know older rows; what was read is the newer. Return the counts."""
    salvaged = Salvaged()
    for table in tables.metadata.sorted_tables:
        rows = damaged.rows(table.name, salvaged)
        if table is tables.events:
            _append_events(into, rows, salvaged)
        elif table is tables.sealed_records:
            _keep_records(into, rows, salvaged)
        else:
            for row in rows:
                with _unless_refused(table.name, salvaged):
                    _put(into, table, row)
    return salvaged


@contextmanager
def _unless_refused(table: str, salvaged: Salvaged) -> Iterator[None]:
    """Count a row as unread that no table takes: one such row must not cost all others."""
    try:
        yield
    except IntegrityError:
        salvaged.rows[table] -= 1
        salvaged.unread.add(table)


def _append_events(into: Connection, rows: Iterator[_Row], salvaged: Salvaged) -> None:
    """Append what follows upon the log without a gap: a chain with a hole proves nothing."""
    ends: dict[str, tuple[int, str]] = {}
    for row in rows:
        chain = row["chain"]
        if chain not in ends:
            _insert(into, "chains", {"chain": chain, "kit": row["kit"], "started_at": row["at"]})
            last = into.exec_driver_sql(
                "SELECT sequence, digest FROM events WHERE chain = ? ORDER BY sequence DESC LIMIT 1", (chain,)
            ).first()
            ends[chain] = (last[0], last[1]) if last else (0, "")
        sequence, digest = ends[chain]
        if row["sequence"] == sequence + 1 and row["previous"] == digest:
            _insert(into, "events", row)
            ends[chain] = row["sequence"], row["digest"]
        elif row["sequence"] > sequence:
            salvaged.unread.add("events")


def _keep_records(into: Connection, rows: Iterator[_Row], salvaged: Salvaged) -> None:
    changed = ", ".join(f"{name} = :{name}" for name in sorted(DELIVERY))
    for row in rows:
        with _unless_refused("sealed_records", salvaged):
            _insert(into, "sealed_records", row)
            into.exec_driver_sql(f"UPDATE sealed_records SET {changed} WHERE record_id = :record_id", row)


def _put(into: Connection, table: Table, row: _Row) -> None:
    keys = _unique(table)
    names = [name for name in row if name != "row"]
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys) or f"{keys[0]} = {keys[0]}"
    into.exec_driver_sql(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changed}",
        {name: row[name] for name in names},
    )


def _insert(into: Connection, table: str, row: _Row) -> None:
    """Insert a row that nothing has; a place that is taken stays as it is."""
    names = [name for name in row if name != "row"]
    values = ", ".join(f":{name}" for name in names)
    into.exec_driver_sql(
        f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({values})", {name: row[name] for name in names}
    )


def _unique(table: Table) -> list[str]:
    single = [column.name for column in table.columns if column.unique]
    several = [
        [column.name for column in each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    return single[:1] or several[0]
