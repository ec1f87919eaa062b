"""Makes a backup of a gateway while it runs: rows as of one moment first, then every object that they name.

An object that a row names was there when the row was written, and objects never change, so the pair fits. Objects that
an earlier backup into the same folder brought are not copied again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import KnownError, Recovery, StoreError
from fieldkit.media.place import Place
from fieldkit.storage.home_lock import HomeLock, make_private
from fieldkit.vault import age
from fieldkit.vault.durable import sync_folder, write_durably
from sync.gateway.blobs import INCOMING, PARTS, SEALED_FILE, Content, ContentDiffersError
from sync.gateway.custody import fault_named
from sync.gateway.database import GatewayContext
from sync.gateway.operations.backup_set import (
    BACKUP_TYP,
    BACKUPS,
    KEY,
    KEYS,
    LISTED,
    OBJECTS,
    ROWS,
    STATEMENT,
    BackupObjects,
    BackupSet,
    FileWord,
    ListedObject,
    OpenBackup,
    Statement,
    backups_in,
    locked_key,
    pieces,
    revision_of,
    snapshot,
    word_on,
)
from sync.gateway.provision import RECOVERY_IDENTITY
from sync.gateway.tables import backups, manifests, records

_LOCK = "lock"
_OF_THE_DATABASE = ("gateway.sqlite3",)  # and what SQLite lays beside it
MOVING = "moving.json"  # what a move under way keeps in the old folder


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a run did: the backup, opened, how many objects it had to copy, and how many backups it removed."""

    opened: OpenBackup = field(repr=False)
    copied: int
    copied_bytes: int
    removed: int

    @property
    def made(self) -> BackupSet:
        """The backup as it lies there."""
        return self.opened.made


def make_backup(
    context: GatewayContext, folder: Path, to: Path, passphrase: str = "", keep: int | None = None
) -> BackupMade:
    """Back up the gateway whose keys are in `folder` into the folder `to`, made when missing.

    It opens by the passphrase, or without one by the recovery identity of the dinas. `keep`: how many backups stay,
    this one included. Raise `KnownError` `gateway.backup_running` or `gateway.objects_away`, `InputError`, `OSError`.
    """
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(to):
        made_before = Place(to) / BACKUPS
        made_before.make()
        for ours in (made_before, BackupObjects(Place(to)).make()):  # `to` itself may be a disk for more than backups
            make_private(ours.path)
        for unfinished in made_before.listed():  # what one that died left: half a backup, half a removed one
            if unfinished.name.startswith("."):
                unfinished.remove()
        key = age.generate_identity()
        locked = locked_key(key, context.configuration.age_recipients[-1], passphrase)
        made, copied, size = _Making(context, folder, to, key).run(locked, "passphrase" if passphrase else "recovery")
        _note(context, made.statement)
        removed = 0 if keep is None else _remove_older(to, keep)
        return BackupMade(OpenBackup(made, key), copied, size, removed)


def _note(context: GatewayContext, said: Statement) -> None:
    """Keep that it was made, for whoever asks how old the last backup is."""
    row = {"made_at": said.made_at, "records": said.rows.get("records", 0), "missing": len(said.missing)}
    with context.engine.begin() as connection:
        connection.execute(sa.insert(backups).values(**row, objects=said.objects, object_bytes=said.object_bytes))


class _Making:
    def __init__(self, context: GatewayContext, folder: Path, to: Path, key: age.Identity) -> None:
        self._context, self._folder, self._key = context, folder, key
        self._stamp = f"{context.clock.now():%Y%m%dT%H%M%S.%fZ}"
        self._backups = to / BACKUPS
        self._place = self._backups / f".{self._stamp}"
        self._target = BackupObjects(Place(to))
        self._copied, self._copied_bytes = 0, 0
        self._listed = bytearray()  # a line each: a million objects are some 200 MB
        self._objects, self._object_bytes = 0, 0
        self._missing: list[str] = []
        self._words: list[FileWord] = []

    def run(self, locked: bytes, opens_by: str) -> tuple[BackupSet, int, int]:
        self._place.mkdir(mode=0o700)
        (self._place / ROWS).mkdir(mode=0o700)
        rows: dict[str, int] = {}
        with snapshot(self._context.engine) as connection:
            revision = revision_of(connection)
            for number, piece in enumerate(pieces(connection), start=1):
                self._write(f"{ROWS}/{number:05d}.age", piece.packed())
                rows[piece.table] = rows.get(piece.table, 0) + len(piece.rows)
            self._copy_objects(connection)
        self._write(KEYS, json.dumps({name: content.hex() for name, content in files_of(self._folder)}).encode())
        self._keep(LISTED, bytes(self._listed))
        self._keep(KEY, locked)
        statement = Statement(
            gateway=self._context.name,
            made_at=self._context.clock.now(),
            revision=revision,
            receipt_public_key=self._context.configuration.receipt_public_key,
            opens_by=opens_by,
            rows=rows,
            objects=self._objects,
            object_bytes=self._object_bytes,
            missing=tuple(self._missing),
            files=tuple(self._words),
        )
        signed = self._context.receipt_signer.sign(statement.model_dump(mode="json"), BACKUP_TYP)
        write_durably(self._place / STATEMENT, signed.encode("ascii"))
        # Its name says that it is whole.
        finished = self._place.rename(self._backups / self._stamp)
        sync_folder(self._backups)
        return BackupSet.read(finished), self._copied, self._copied_bytes

    def _write(self, name: str, plain: bytes) -> None:
        self._keep(name, age.encrypt(plain, [self._key.recipient]))

    def _keep(self, name: str, content: bytes) -> None:
        write_durably(self._place / name, content)
        self._words.append(word_on(name, content))

    def _copy_objects(self, connection: sa.Connection) -> None:
        if self._context.blobs.is_away() and connection.execute(sa.select(records.c.kit).limit(1)).first():
            raise KnownError("gateway.objects_away")
        for key, promised in named_objects(connection):
            self._copy(key, promised)
        for key in self._context.blobs.keys(""):
            if key.split("/", 1)[0] not in (SEALED_FILE, PARTS, INCOMING):
                self._copy(key, self._context.blobs.content(key))

    def _copy(self, key: str, promised: Content) -> None:
        if not self._target.has(key, promised):
            try:
                self._target.put_checked(key, self._context.blobs.pieces(key), promised)
            except ContentDiffersError:
                self._missing.append(key)
                return
            except FileNotFoundError as error:
                fault_named(self._context.blobs, error)
                self._missing.append(key)
                return
            self._copied += 1
            self._copied_bytes += promised.size_bytes
        listed = ListedObject(key=key, size_bytes=promised.size_bytes, sha256=promised.sha256)
        self._listed += listed.model_dump_json().encode() + b"\n"
        self._objects += 1
        self._object_bytes += promised.size_bytes


def named_objects(connection: sa.Connection) -> Iterator[tuple[str, Content]]:
    """Yield each object that a record names, once, and what it must hold; those known to be lost are left out."""
    query = (
        sa.select(records.c.key, manifests.c.size_bytes, manifests.c.sha256)
        .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
        .where(records.c.lost_at.is_(None), records.c.erased_at.is_(None))
        .distinct()
        .order_by(records.c.key)
    )
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield row.key, Content(row.size_bytes, row.sha256)


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a gateway's folder that are neither its database, its objects nor what opens everything."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_elsewhere = name.startswith((f"{OBJECTS}/", *_OF_THE_DATABASE)) or name in (RECOVERY_IDENTITY, MOVING)
        if path.is_file() and not path.is_symlink() and not is_elsewhere and not name.endswith((".new", ".lock")):
            yield name, path.read_bytes()


def _remove_older(to: Path, keep: int) -> int:
    """Remove all but the newest backups, and the objects that came with none of those that stay."""
    found = backups_in(to)
    split = max(0, len(found) - max(keep, 1))
    for each in found[:split]:
        hidden = each.folder.rename(each.folder.with_name(f".{each.folder.name}"))
        shutil.rmtree(hidden)
    if split:
        sync_folder(to / BACKUPS)  # no power cut may bring back a backup without its objects
        named = {listed.key for each in found[split:] for listed in each.listed()}
        BackupObjects(Place(to)).keep_only(named)
    return split


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    try:
        lock = HomeLock(to / _LOCK)
    except StoreError as error:
        raise KnownError("gateway.backup_running", recovery=Recovery.RETRY) from error
    try:
        yield
    finally:
        lock.release()
