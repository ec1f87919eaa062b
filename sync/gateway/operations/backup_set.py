"""What one backup holds, as it lies in a folder, and how it is closed and opened.

FOLDER/objects/…              objects under their keys, shared by all backups of the folder
FOLDER/backups/TIME/key.age       the key of this backup, for the recovery identity or a passphrase
               keys.age           the files of the gateway's folder, keys among them
               database/NNNNN.age rows
               objects.jsonl      key, size and SHA-256 of each object that the rows name
               backup.jws         what all this is, signed with the receipt key; written last
"""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import AfterValidator, BaseModel, ValidationError
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.media.place import Place
from fieldkit.vault import age, age_code
from fieldkit.vault.device_trust import CompactJws, JwsVerifier
from sync.gateway.blobs import INCOMING, SEALED_FILE, Content, checked
from sync.gateway.database import SHIPPED, Migrations, bring_up, count
from sync.protocol.messages import Count, Der, Moment, Sha256Hex

# Objects beside the backups of a folder, under their keys. The disk may be anybody's: each is reached by its place.
#
# No link is followed, nothing but regular files is opened, and the size is asked before the content.

OBJECTS = "objects"
_MOST_OBJECTS = 100_000_000  # in one folder of backups: a province for years


class BackupObjects:
    """The objects below a folder of backups. What is no plain file under its key is not there."""

    def __init__(self, to: Place) -> None:
        self._root = to / OBJECTS
        self._open = set[Place]()  # folders that this run made, or found and swept

    def make(self) -> Place:
        """Make the folder, without what a run that died left half. Raise `OSError`."""
        self._root.make()
        (self._root / INCOMING).remove()  # up to version 0.3 halves lay there
        return self._root

    def pieces(self, key: str, promised: Content) -> Iterator[bytes]:
        """Yield an object of the size that was promised. Raise `FileNotFoundError` where there is none, `OSError`."""
        if self._size(key) != promised.size_bytes:
            raise FileNotFoundError(key)
        yield from (self._root / key).pieces()

    def has(self, key: str, promised: Content) -> bool:
        """Return whether it need not be copied: a sealed file's key is its digest, and it was read when it came."""
        if key.startswith(f"{SEALED_FILE}/"):
            return self._size(key) == promised.size_bytes
        return self.is_whole(key, promised)

    def is_whole(self, key: str, promised: Content) -> bool:
        """Read an object and return whether it is what was promised."""
        with suppress(OSError):
            return self._size(key) == promised.size_bytes and content_of(self._root / key) == promised
        return False

    def put_checked(self, key: str, pieces: Iterable[bytes], promised: Content) -> None:
        """Store an object durably, as a whole or not at all. Raise `ContentDiffersError`, `OSError`."""
        place = self._root / key
        if place.parent not in self._open:
            place.parent.make()
            place.parent.sweep()
            self._open.add(place.parent)
        place.write(checked(pieces, promised))

    def keep_only(self, keys: set[str]) -> None:
        """Remove what has none of these keys."""
        above = len(self._root.parts)
        for place in self._root.walk(lambda _place, _error: None, _MOST_OBJECTS):
            if "/".join(place.parts[above:]) not in keys:
                with suppress(FileNotFoundError):
                    place.unlink()

    def _size(self, key: str) -> int:
        place = self._root / key
        return place.look().st_size if place.is_file() else -1


def content_of(place: Place) -> Content:
    """Read a file and return what it holds. Raise `OSError`."""
    digest, size = hashlib.sha256(), 0
    for piece in place.pieces():
        digest.update(piece)
        size += len(piece)
    return Content(size, digest.hexdigest())


# All rows of a gateway's database as of one moment, and a database made of them, SQLite or PostgreSQL alike.
#
# The tables are those that are there: what a newer revision adds is taken along unasked. Left out is only what a client
# begins anew by itself: uploads under way with their parts, tokens, sessions and what was counted for a minute.

_LEFT_OUT = frozenset({"parts", "uploads", "tokens", "office_sessions", "rate_windows", "moves"})
_VERSION = "alembic_version"
_ROWS_A_PIECE = 2000
_PART_BYTES = 1 << 20
_MOST_PLAIN_BYTES = 1 << 30  # of one piece; whoever can close a backup can put gigabytes of nothing into a kilobyte


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one table, in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def packed(self) -> bytes:
        """Return it as compressed JSON."""
        rows = [[_written(value) for value in row] for row in self.rows]
        text = json.dumps({"table": self.table, "columns": self.columns, "rows": rows}, ensure_ascii=False)
        return gzip.compress(text.encode(), 6, mtime=0)

    @classmethod
    def unpacked(cls, packed: bytes) -> Piece:
        """Read what `packed` wrote. Raise `OSError` (`E2BIG`) for what no piece can be."""
        plain = bytearray()
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            # In parts: Python takes the memory for all that is asked for, and a kit's C library fills it.
            while part := file.read(_PART_BYTES):
                plain += part
                if len(plain) > _MOST_PLAIN_BYTES:
                    raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        said = json.loads(plain)
        rows = tuple(tuple(_read(value) for value in row) for row in said["rows"])
        return cls(said["table"], tuple(said["columns"]), rows)


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment, whatever others write meanwhile, and stops nobody from writing."""
    if engine.dialect.name == "sqlite":
        # An engine of its own: that of the gateway may begin by locking out other writers.
        reader = sa.create_engine(engine.url, poolclass=NullPool, hide_parameters=True)
        sa.event.listen(reader, "connect", leave_transactions_to_us)
        with reader.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
        return
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def revision_of(connection: sa.Connection) -> str:
    """Return the revision of the tables."""
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar_one())


def pieces(connection: sa.Connection) -> Iterator[Piece]:
    """Yield all rows, of parents before those of their children."""
    for table in tables(connection):
        names = tuple(table.columns.keys())
        result = connection.execution_options(yield_per=_ROWS_A_PIECE).execute(sa.select(table))
        for rows in result.partitions(_ROWS_A_PIECE):
            yield Piece(table.name, names, tuple(tuple(row) for row in rows))


def tables(connection: sa.Connection) -> list[sa.Table]:
    """Return the tables that a copy holds, parents first."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT | {_VERSION}]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many rows each table has that a copy holds."""
    return {table.name: count(connection, table) for table in tables(connection)}


def prepare(engine: sa.Engine, revision: str) -> None:
    """Make the tables of a revision that this program knows. Raise `InputError` `gateway.newer`."""
    bring_up(engine, Migrations(SHIPPED.folder, revision))


def load(engine: sa.Engine, source: Iterable[Piece]) -> None:
    """Fill empty tables, all or nothing. Raise `InputError` `gateway.database_in_use` where there are rows."""
    with engine.begin() as connection:
        known = {table.name: table for table in tables(connection)}
        for table in known.values():
            if table.name == "counters":  # the migrations themselves begin the sequences
                connection.execute(sa.delete(table))
            elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise InputError("gateway.database_in_use")
        for piece in source:
            _insert(connection, known[piece.table], piece.columns, piece.rows)
        if connection.dialect.name == "postgresql":
            _move_sequences(connection, known.values())


def is_empty(engine: sa.Engine) -> bool:
    """Whether nobody has written anything here: no tables, or those that the migrations made."""
    with engine.connect() as connection:
        return not any(rows for name, rows in counts(connection).items() if name != "counters")


def _insert(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    values = [dict(zip(columns, row, strict=True)) for row in rows]
    if values:
        connection.execute(sa.insert(table), values)


def _move_sequences(connection: sa.Connection, known: Iterable[sa.Table]) -> None:
    for table in known:
        for column in table.primary_key.columns:
            if not isinstance(column.type, sa.Integer):
                continue
            names = {"table": f'"{table.name}"', "column": column.name}
            sequence = connection.scalar(sa.text("SELECT pg_get_serial_sequence(:table, :column)"), names)
            newest = connection.scalar(sa.select(sa.func.max(column)))
            if sequence and newest:
                connection.execute(sa.select(sa.func.setval(sequence, newest)))


def leave_transactions_to_us(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let Python's driver of SQLite begin and commit nothing by itself. For the event `connect` of an engine."""
    connection.isolation_level = None


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        # SQLite keeps no zone; what stands there is UTC.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return {"at": aware.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict | list):
        return {"json": value}
    return value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    return base64.b64decode(value["bytes"]) if "bytes" in value else value["json"]


BACKUP_TYP = "fieldkit-backup+jwt"
BACKUPS = "backups"
KEY, KEYS, ROWS, LISTED, STATEMENT = "key.age", "keys.age", "database", "objects.jsonl", "backup.jws"
LEAST_PASSPHRASE = 12
_MOST_STATEMENT_BYTES, _MOST_KEY_BYTES, _MOST_LINE_BYTES = 64 * 1024 * 1024, 64 * 1024, 4096
_MOST_OPENED_BYTES = 512 * 1024 * 1024  # of what is decrypted in one go: 2,000 rows, or the files of the gateway
_FORMAT = 1


def _stays_below(name: str) -> str:
    """Return a name with slashes that leads nowhere but down from where it counts. Raise `ValueError`."""
    parts = name.split("/")
    if PurePosixPath(name).is_absolute() or {"", ".", ".."} & {*parts} or any(letter in name for letter in "\\:\0"):
        raise ValueError(name)
    return name


Below = Annotated[str, AfterValidator(_stays_below)]


class FileWord(BaseModel):
    """A file of a backup."""

    name: Below
    size_bytes: Count
    sha256: Sha256Hex


class Statement(BaseModel):
    """What a gateway signs of a backup. `missing` are objects that were not there any more, by their keys."""

    format: int = _FORMAT
    gateway: str
    made_at: Moment
    revision: str
    receipt_public_key: Der
    opens_by: str  # "recovery" or "passphrase"
    rows: dict[str, Count]
    objects: Count
    object_bytes: Count
    missing: tuple[str, ...] = ()
    files: tuple[FileWord, ...]


class ListedObject(BaseModel):
    """An object that a backup holds."""

    key: Below
    size_bytes: Count
    sha256: Sha256Hex

    @property
    def content(self) -> Content:
        """What it must be."""
        return Content(self.size_bytes, self.sha256)


@dataclass(frozen=True, slots=True)
class Unlock:
    """What opens a backup: identities of the recovery key, or a passphrase."""

    identities: tuple[age.Identity, ...] = ()
    passphrase: str = ""

    def key_of(self, sealed: bytes) -> age.Identity:
        """Open the key of a backup. Raise `InputError` `gateway.backup_other_key`, `VaultError` for a damaged file."""
        try:
            if age_code.wants_code(sealed):
                opened = age_code.decrypt(sealed, self.passphrase)
            else:
                opened = age.decrypt(sealed, self.identities)
        except VaultError as error:
            if error.code == "vault.age_no_identity":
                raise InputError("gateway.backup_other_key") from error
            raise
        return age.Identity.parse(opened.decode("ascii", "replace"))


def locked_key(key: age.Identity, recovery: str, passphrase: str) -> bytes:
    """Close the key of a backup, with the passphrase when there is one. Raise `InputError` for a short passphrase."""
    if passphrase and len(passphrase) < LEAST_PASSPHRASE:
        raise InputError("gateway.backup_passphrase", least=LEAST_PASSPHRASE)
    secret = key.secret_text.encode("ascii")
    return age_code.encrypt(secret, passphrase) if passphrase else age.encrypt(secret, [age.Recipient.parse(recovery)])


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One finished backup. Its statement says what it holds; only `check_files` has looked whether that is so."""

    folder: Path
    statement: Statement

    @classmethod
    def read(cls, folder: Path) -> BackupSet:
        """Read the statement. Raise `InputError` `gateway.no_backup` or `gateway.backup_damaged`."""
        try:
            signed = (Place(folder) / STATEMENT).read(_MOST_STATEMENT_BYTES).decode("ascii")
        except FileNotFoundError as error:
            raise InputError("gateway.no_backup", folder=str(folder)) from error
        except UnicodeDecodeError as error:
            raise _damaged(folder, STATEMENT) from error
        try:
            claimed = Statement.model_validate(CompactJws.parse(signed.strip()).payload)
            # The key is checked against the gateway's own once the keys are open.
            JwsVerifier.of_key(claimed.receipt_public_key).verify(signed.strip(), BACKUP_TYP)
        except (ValidationError, ValueError, KnownError) as error:
            raise _damaged(folder, STATEMENT) from error
        if claimed.format != _FORMAT:
            raise InputError("gateway.backup_newer")
        return cls(folder, claimed)

    @property
    def objects(self) -> BackupObjects:
        """The objects of this and other backups."""
        return BackupObjects(Place(self.folder.parent.parent))

    def listed(self) -> Iterator[ListedObject]:
        """Yield what objects it holds. Raise `InputError` `gateway.backup_damaged`."""
        with (Place(self.folder) / LISTED).open() as lines:
            while line := lines.readline(_MOST_LINE_BYTES):
                try:
                    yield ListedObject.model_validate_json(line)
                except ValidationError as error:
                    raise _damaged(self.folder, LISTED) from error

    def check_files(self) -> None:
        """Compare every file but the objects with the statement. Raise `InputError` `gateway.backup_damaged`."""
        for word in self.statement.files:
            place = Place(self.folder) / word.name
            is_right = place.is_file() and place.look().st_size == word.size_bytes
            if not is_right or content_of(place) != Content(word.size_bytes, word.sha256):
                raise _damaged(self.folder, word.name)

    def open(self, unlock: Unlock) -> OpenBackup:
        """Open it. Raise `InputError`, `VaultError`."""
        return OpenBackup(self, unlock.key_of((Place(self.folder) / KEY).read(_MOST_KEY_BYTES)))


@dataclass(frozen=True, slots=True)
class OpenBackup:
    """A backup whose key is known."""

    made: BackupSet
    _key: age.Identity

    @property
    def key_text(self) -> str:
        """The key: whoever has it reads the backup."""
        return self._key.secret_text

    def gateway_files(self) -> dict[str, bytes]:
        """Return the files of the gateway's folder by their names below it."""
        said = json.loads(self._opened(KEYS))
        try:
            return {_stays_below(name): bytes.fromhex(content) for name, content in said.items()}
        except ValueError as error:
            raise _damaged(self.made.folder, KEYS) from error

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows, parents first."""
        for word in self.made.statement.files:
            if word.name.startswith(f"{ROWS}/"):
                yield Piece.unpacked(self._opened(word.name))

    def _opened(self, name: str) -> bytes:
        try:
            return age.decrypt((Place(self.made.folder) / name).read(_MOST_OPENED_BYTES), [self._key])
        except VaultError as error:
            raise _damaged(self.made.folder, name) from error


def backups_in(folder: Path) -> list[BackupSet]:
    """Return the finished backups of a folder, oldest first. Raise `InputError` for a damaged one."""
    try:
        made = [place for place in (Place(folder) / BACKUPS).listed() if (place / STATEMENT).exists()]
    except FileNotFoundError:
        return []
    return [BackupSet.read(place.path) for place in made if not place.name.startswith(".")]


def the_backup(folder: Path) -> BackupSet:
    """Return the backup that a folder is, or the newest one in it. Raise `InputError`."""
    if (Place(folder) / STATEMENT).exists():
        return BackupSet.read(folder)
    found = backups_in(folder)
    if not found:
        raise InputError("gateway.no_backup", folder=str(folder))
    return found[-1]


def word_on(name: str, content: bytes) -> FileWord:
    """Return what a statement says of a file."""
    return FileWord(name=name, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _damaged(folder: Path, name: str) -> InputError:
    return InputError("gateway.backup_damaged", folder=str(folder), file=name)
