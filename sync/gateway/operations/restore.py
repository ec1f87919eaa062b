"""Puts a backup back into an empty place, and looks whether a backup could be put back.

Rows go in as one transaction, the settings of the folder last: a restore that is killed is no gateway, and the same
command goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.storage.folders import make_private
from fieldkit.vault import keys
from fieldkit.vault.durable import write_durably
from sync.gateway.blobs import Blobs, ContentDiffersError
from sync.gateway.operations.backup_objects import OBJECTS
from sync.gateway.operations.backup_set import BackupSet, ListedObject, OpenBackup, Unlock
from sync.gateway.operations.receipt_check import wrong_receipts
from sync.gateway.operations.snapshot import (
    counts,
    is_empty,
    leave_transactions_to_us,
    load,
    prepare,
    snapshot,
)
from sync.gateway.provision import RECEIPT, SETTINGS
from sync.gateway.scrub import Finding
from sync.gateway.tables import records

_MARK = "restoring.json"  # a restore began here and did not end


@dataclass(frozen=True, slots=True)
class Target:
    """Where a gateway goes: its folder, and the database and object store where they are not in the folder."""

    folder: Path
    database: str = ""  # SQLAlchemy URL; "" = SQLite in the folder
    objects: str = ""  # URL of an object store; "" = the folder

    @property
    def database_url(self) -> str:
        """The URL of the database, wherever it is."""
        return self.database or f"sqlite:///{self.folder / 'gateway.sqlite3'}"

    def blobs(self) -> Blobs:
        """Open the object store. Raise `InputError`."""
        return Blobs.at_url(self.objects) if self.objects else Blobs.in_folder(self.folder / OBJECTS)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: receipts that are right, objects that are whole, and what is wrong."""

    receipts: int
    objects: int
    wrong: tuple[Finding, ...] = ()
    damaged: tuple[str, ...] = ()  # keys of objects that the backup no longer has as it had them


def check_backup(made: BackupSet, unlock: Unlock | None) -> Checked:
    """Read all of a backup; with what opens it also load its rows somewhere and verify every receipt.

    Raise `InputError` for a damaged file or another key, `OSError`.
    """
    made.check_files()
    stored = made.objects
    damaged = tuple(each.key for each in made.listed() if not stored.is_whole(each.key, each.content))
    if unlock is None:
        return Checked(0, made.statement.objects - len(damaged), (), damaged)
    opened = made.open(unlock)
    _demand_own_key(opened)
    with tempfile.TemporaryDirectory(prefix="fieldkit-check-") as folder, _filled(opened, Target(Path(folder))) as rows:
        wrong = tuple(wrong_receipts(rows, made.statement.receipt_public_key))
    receipts = made.statement.rows.get("records", 0) - len(wrong)
    return Checked(receipts, made.statement.objects - len(damaged), wrong, damaged)


def restore(made: BackupSet, unlock: Unlock, target: Target) -> Checked:
    """Open a backup and make a gateway of it. Raise as `put_back`, `InputError` for another key."""
    return put_back(made.open(unlock), target)


def put_back(opened: OpenBackup, target: Target) -> Checked:
    """Make a gateway of a backup; one that was killed goes on.

    Records whose objects the backup lacks are noted as lost, so that the kits send them again. Raise `InputError`
    `gateway.exists`, `gateway.folder_in_use`, `gateway.database_in_use` where something is already, or when a file is
    damaged; `KnownError` `gateway.receipts_wrong`; then no gateway comes into being.
    """
    made = opened.made
    made.check_files()
    _demand_own_key(opened)
    is_again = _demand_empty(made, target)
    if (target.folder / SETTINGS).exists():  # it died with nothing left to do; it may be served since
        return ended(made, target)
    make_private(target.folder)
    if not is_again:
        if target.database:  # a file is in the folder, which is empty
            engine = _engine(target)
            try:
                if not is_empty(engine):
                    raise InputError("gateway.database_in_use")
            finally:
                engine.dispose()
        write_durably(target.folder / _MARK, _mark_of(made).encode())
    damaged = _fill_objects(made, target.blobs())
    with _filled(opened, target) as rows:
        wrong = tuple(wrong_receipts(rows, made.statement.receipt_public_key))
    if wrong:
        raise KnownError("gateway.receipts_wrong", count=len(wrong))
    missing = (*made.statement.missing, *damaged)
    _note_lost(target, missing, made)
    _put_files(opened, target)
    return ended(made, target)


def ended(made: BackupSet, target: Target) -> Checked:
    """Take the mark of a restore away that has nothing left to do, and say what came of it."""
    blobs = target.blobs()
    damaged = tuple(each.key for each in made.listed() if not _is_there(blobs, each))
    (target.folder / _MARK).unlink(missing_ok=True)  # last: should it come back, nothing is done again
    return Checked(made.statement.rows.get("records", 0), made.statement.objects - len(damaged), (), damaged)


def _demand_own_key(opened: OpenBackup) -> None:
    """Refuse a backup that another gateway than the one in it signed."""
    try:
        own = keys.public_der(keys.private_from_pem(opened.gateway_files()[f"{RECEIPT}.key.pem"].decode("ascii")))
    except (KeyError, ValueError, KnownError) as error:
        raise InputError("gateway.backup_foreign") from error
    if own != opened.made.statement.receipt_public_key:
        raise InputError("gateway.backup_foreign")


def _demand_empty(made: BackupSet, target: Target) -> bool:
    """Return whether this very restore began here before. Raise `InputError` where anything else is."""
    with suppress(FileNotFoundError, ValueError):
        if (target.folder / _MARK).read_text("ascii") == _mark_of(made):
            return True
    if (target.folder / SETTINGS).exists():
        raise InputError("gateway.exists", folder=str(target.folder))
    (target.folder / f"{_MARK}.new").unlink(missing_ok=True)  # of one that was killed before anything else
    if target.folder.exists() and any(target.folder.iterdir()):
        raise InputError("gateway.folder_in_use", folder=str(target.folder))
    return False


def _mark_of(made: BackupSet) -> str:
    return json.dumps({"gateway": made.statement.gateway, "made_at": made.statement.made_at.isoformat()})


def _fill_objects(made: BackupSet, blobs: Blobs) -> tuple[str, ...]:
    """Copy what is not there yet, each checked against its digest; return the keys that cannot be had."""
    source = made.objects
    damaged = []
    for each in made.listed():
        if not _is_whole(blobs, each):
            try:
                blobs.put_checked(each.key, source.pieces(each.key, each.content), each.content)
            except (ContentDiffersError, FileNotFoundError):
                damaged.append(each.key)
    return tuple(damaged)


def _is_there(blobs: Blobs, listed: ListedObject) -> bool:
    try:
        return blobs.size(listed.key) == listed.size_bytes  # it was read when it was put
    except FileNotFoundError:
        return False


def _is_whole(blobs: Blobs, listed: ListedObject) -> bool:
    try:
        return blobs.content(listed.key) == listed.content
    except FileNotFoundError:
        return False


@contextmanager
def _filled(opened: OpenBackup, target: Target) -> Iterator[sa.Connection]:
    """Fill the database of the target, unless this restore did it before, and look at it."""
    engine = _engine(target)
    try:
        if is_empty(engine):
            prepare(engine, opened.made.statement.revision)
            load(engine, opened.pieces())
        with snapshot(engine) as connection:
            found = {name: count for name, count in counts(connection).items() if count}
            if found != opened.made.statement.rows:
                raise InputError("gateway.database_in_use")
            yield connection
    finally:
        engine.dispose()


def _engine(target: Target) -> sa.Engine:
    if not target.database:
        _make_private(target.folder / "gateway.sqlite3")
    made = sa.create_engine(target.database_url, hide_parameters=True)
    if made.dialect.name == "sqlite":
        # Else Python's driver commits each table by itself: who dies among them leaves what is neither empty nor whole.
        sa.event.listen(made, "connect", leave_transactions_to_us)
        sa.event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def _make_private(path: Path) -> None:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _note_lost(target: Target, keys_missing: tuple[str, ...], made: BackupSet) -> None:
    engine = _engine(target)  # as old as the backup until it is opened: the same restore may go on here
    try:
        with engine.begin() as connection:
            for key in keys_missing:
                connection.execute(
                    sa.update(records)
                    .where(records.c.key == key, records.c.lost_at.is_(None))
                    .values(lost_at=made.statement.made_at)
                )
    finally:
        engine.dispose()


def _put_files(opened: OpenBackup, target: Target) -> None:
    """Write the files of the folder, the settings last."""
    files = opened.gateway_files()
    settings = json.loads(files.pop(SETTINGS))
    settings.update(database=target.database, objects=target.objects)
    for name, content in files.items():
        path = target.folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(path, content)
    write_durably(target.folder / SETTINGS, (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode())
