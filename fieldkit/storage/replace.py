"""Set a damaged store aside and go on: the newest good copy, what the damaged one still tells, the journals.

The damaged file keeps its name until the new store is complete and checked, so a stop in between begins again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.storage.copies import Copies, check_copy, copy_store, demand_one_file
from fieldkit.storage.damage import DAMAGE_NOTE, DamageNote
from fieldkit.storage.engine import one_connection, outside_transaction, writer_engine
from fieldkit.storage.failures import named_failures
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.journaled import rebuild
from fieldkit.storage.migrate import SHIPPED, Migrations, migrate
from fieldkit.storage.salvage import DamagedStore, Salvaged, salvage
from fieldkit.storage.session_journal import SessionJournals

_FOLDER, _STAMP = "damaged", "%Y%m%dT%H%M%S"
_PARTS = ("", "-wal")


@dataclass(frozen=True, slots=True)
class Replaced:
    """A store that took the place of a damaged one. `aside` is where that lies, below the home."""

    aside: str
    copy_from: datetime | None  # when the copy was made that it began with, None for an empty store
    rows: Mapping[str, int]  # read from the damaged store, by table
    unread: frozenset[str]  # tables of which rows could not be read
    rebuilt: tuple[str, ...]  # open recordings from their journals


def replace_damaged(
    path: Path,
    key: bytes,
    journals: SessionJournals,
    now: datetime,
    needed: Sequence[str] = (),
    migrations: Migrations = SHIPPED,
) -> Replaced:
    """Put a sound store in the place of a damaged one, which is kept read-only.

    The caller holds the home; the store is closed. `needed` names settings without which nobody can work: when they
    could not be read either, nothing is replaced. Raise `StoreError`: `store.damaged`, `store.disk_full`.
    """
    note, copies = DamageNote(path.with_name(DAMAGE_NOTE)), Copies(path.with_name("copies"))
    unfinished = path.with_name(f"{path.name}.replacing")
    with named_failures(), _removed_if_unfinished(unfinished):
        aside = _set_aside(path, note, now)
        _remove(unfinished)
        copy = copies.newest_good(key)
        if copy is not None:
            copy_store(copy, key, unfinished)
        salvaged, rebuilt = _fill(unfinished, key, aside / path.name, journals, migrations)
        demand_one_file(unfinished)
        _demand_settings(unfinished, key, needed)
        check_copy(unfinished, key)
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        for end in ("-wal", "-shm"):  # of the damaged store, which has them in its own folder; they fit no other
            path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
        sync_folder(path.parent)
        unfinished.replace(path)
        sync_folder(path.parent)
        note.clear()
        for kept in aside.iterdir():
            with suppress(OSError):
                kept.chmod(0o400)
    made_at = copies.time_of(copy) if copy is not None else None
    return Replaced(
        f"{_FOLDER}/{aside.name}", made_at, salvaged.rows, frozenset(salvaged.unread), tuple(sorted(rebuilt))
    )


@contextmanager
def _removed_if_unfinished(path: Path) -> Iterator[None]:
    """Leave no half of a store on a disk that had no room for the whole."""
    try:
        yield
    except BaseException:
        _remove(path)
        raise


def _set_aside(path: Path, note: DamageNote, now: datetime) -> Path:
    """Give the damaged store and its log a second name in a folder of their own and return the folder."""
    folder = path.parent / _FOLDER
    if (known := note.aside()) and (folder / known).is_dir():
        return folder / known  # an earlier start came so far
    aside = folder / f"{now.astimezone(UTC):{_STAMP}}"
    while aside.exists():
        aside = aside.with_name(f"{aside.name}x")
    aside.mkdir(parents=True)
    for part in (path.with_name(f"{path.name}{end}") for end in _PARTS):
        if part.exists():
            _second_name(part, aside / part.name)
    for each in (aside, folder, path.parent):
        sync_folder(each)
    note.write(aside.name)
    return aside


def _second_name(file: Path, name: Path) -> None:
    try:
        os.link(file, name)
    except OSError:  # a file system without links
        shutil.copyfile(file, name)
        with name.open("rb+") as copy:
            os.fsync(copy.fileno())


def _fill(
    path: Path, key: bytes, damaged_path: Path, journals: SessionJournals, migrations: Migrations
) -> tuple[Salvaged, list[str]]:
    engine = writer_engine(path, key)
    damaged = DamagedStore(damaged_path, key)
    try:
        migrate(engine, migrations)  # makes a store where there is none
        # What is missing on one side of a reference is put right below.
        outside_transaction(engine, "PRAGMA foreign_keys = OFF")
        with engine.begin() as connection:
            salvaged = salvage(damaged, connection)
            rebuilt = rebuild(connection, journals.kept())
            _mend_references(connection)
        outside_transaction(engine, "PRAGMA journal_mode = DELETE")
        return salvaged, list(rebuilt)
    finally:
        damaged.close()
        engine.dispose()


def _demand_settings(path: Path, key: bytes, needed: Sequence[str]) -> None:
    with one_connection(path, key, is_read_only=True) as store:
        names = {name for (name,) in store.execute("SELECT name FROM settings")}
    if not names.issuperset(needed):
        raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)


def _mend_references(connection: Connection) -> None:
    """Give targets and recordings a nameless activity where theirs was lost; drop samples of nobody."""
    connection.exec_driver_sql("DELETE FROM samples WHERE session_id NOT IN (SELECT session_id FROM sessions)")
    connection.exec_driver_sql(
        "INSERT INTO activities (activity_id, name, place, on_day, mode, surat_tugas, sop) "
        "SELECT DISTINCT activity_id, activity_id, '', date('now'), 'luring', '', '' FROM ("
        "SELECT activity_id FROM targets UNION SELECT activity_id FROM sessions) "
        "WHERE activity_id NOT IN (SELECT activity_id FROM activities)"
    )


def _remove(path: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
