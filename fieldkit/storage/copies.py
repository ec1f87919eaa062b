"""Copies of the store on this laptop: made by SQLite's backup, checked page by page, the newest three kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Connection
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import KnownError, Recovery, StoreError, VaultError
from fieldkit.domain.recording.session import UNFINISHED
from fieldkit.storage.engine import one_connection, outside_transaction, writer_engine
from fieldkit.storage.failures import is_without_room, named_failures
from fieldkit.storage.home_lock import sync_folder
from fieldkit.storage.migrate import SHIPPED, Migrations, migrate
from fieldkit.storage.salvage import DAMAGE_NOTE, DamagedStore, DamageNote, Salvaged, salvage
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.storage.unit import rebuild

_KEPT = 3
_EVERY = timedelta(days=1)
_STAMP = "%Y%m%dT%H%M%S"
_PREFIX, _SUFFIX, _UNFINISHED = "kit-", ".db", ".part"
# By the phases that an index finds: of years of recordings hardly any is open.
OPEN_SESSIONS = "SELECT session_id FROM sessions WHERE phase IN ({})".format(
    ", ".join(f"'{phase.value}'" for phase in sorted(UNFINISHED))
)


def copy_store(source: Path, key: bytes, target: Path, copy_key: bytes | None = None) -> None:
    """Copy a store that may be in use, check every page of the copy, and only then give it its name.

    The copy has the same key, or `copy_key`. Raise `StoreError`: `store.disk_full`, or `store.damaged` when the source
    cannot be copied whole.
    """
    unfinished, its_key = target.with_name(f"{target.name}{_UNFINISHED}"), copy_key or key
    with named_failures():
        try:
            _remove(unfinished)
            unfinished.touch(mode=0o600)
            with (
                one_connection(source, key, is_read_only=True) as original,
                one_connection(unfinished, its_key) as copy,
            ):
                original.backup(copy)  # in one step: a reader of the WAL, so nobody who writes waits
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            demand_one_file(unfinished)
            check_copy(unfinished, its_key)
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            unfinished.replace(target)
            sync_folder(target.parent)
        finally:
            _remove(unfinished)


def demand_one_file(path: Path) -> None:
    """Raise `StoreError("store.disk_full")` when a closed store has a log left: it could not be written back.

    SQLite says nothing of that when it closes, and the file alone, under another name, is half a store.
    """
    if is_left_open(path):
        raise StoreError("store.disk_full")


def is_left_open(path: Path) -> bool:
    """Return whether a store that nobody has open was not closed: its log is there still."""
    return path.with_name(f"{path.name}-wal").exists()


def check_copy(path: Path, key: bytes) -> None:
    """Raise `StoreError`: `store.damaged` when a page is not as it was written, or what the disk does to us."""
    try:
        with named_failures():
            is_whole = not _found(path, key)
    except VaultError:
        is_whole = False
    if not is_whole:
        raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)


def faults(path: Path, key: bytes) -> Sequence[str]:
    """Return what the checksums of all pages and SQLite's quick check find wrong with a store file; empty is good.

    Raise `StoreError` for a disk so full that nobody can look: that is no damage.
    """
    try:
        return _found(path, key)
    except (KnownError, dbapi2.Error, OSError) as error:
        if is_without_room(error) and path.exists():
            with named_failures():
                raise
        return [str(error)]


def fits(path: Path, key: bytes) -> bool:
    """Return whether a store file opens with a key; its pages are checked when a copy is made and when one is taken."""
    try:
        with one_connection(path, key, is_read_only=True):
            return True
    except (KnownError, dbapi2.Error):
        return False


def _found(path: Path, key: bytes) -> Sequence[str]:
    with one_connection(path, key, is_read_only=True) as store:
        pages = [str(row[0]) for row in store.execute("PRAGMA cipher_integrity_check")]
        structure = [str(row[0]) for row in store.execute("PRAGMA quick_check")]
    return [*pages, *(line for line in structure if line != "ok")]


class Copies:
    """The folder of copies of one kit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> Sequence[Path]:
        """Return the copies, newest first."""
        return sorted(self._folder.glob(f"{_PREFIX}*{_SUFFIX}"), reverse=True)

    def made_at(self) -> datetime | None:
        """Return when the newest copy was made, None when there is none."""
        return next((made_at for made_at in map(self.time_of, self.all()) if made_at is not None), None)

    def time_of(self, copy: Path) -> datetime | None:
        """Return when a copy was made, None for a name that is not ours."""
        try:
            return datetime.strptime(copy.stem.removeprefix(_PREFIX), _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None

    def is_due(self, now: datetime) -> bool:
        """Return whether no copy is younger than a day; a copy from the future counts for nothing."""
        made_at = self.made_at()
        return made_at is None or not now - _EVERY < made_at <= now

    def make(self, database: Path, key: bytes, now: datetime) -> Path:
        """Copy the store and drop the oldest copies. Raise `StoreError`."""
        with named_failures():
            self._folder.mkdir(exist_ok=True)
            sync_folder(self._folder.parent)
        made = self._folder / f"{_PREFIX}{now.astimezone(UTC):{_STAMP}}{_SUFFIX}"
        copy_store(database, key, made)
        for useless in self.all():  # damaged, or of a key that was changed since
            if useless != made and faults(useless, key):
                _remove(useless)
        # A clock that was ahead must not make the newest copy the first to go.
        others = sorted((copy for copy in self.all() if copy != made), key=lambda copy: copy.stat().st_mtime)
        for old in others[: len(others) + 1 - _KEPT]:
            _remove(old)
        return made

    def newest_good(self, key: bytes) -> Path | None:
        """Return the newest copy whose every page holds, None when there is none."""
        newest = sorted(self.all(), key=lambda copy: copy.stat().st_mtime, reverse=True)
        return next((copy for copy in newest if not faults(copy, key)), None)

    def forget_sessions(self, key: bytes, ended: Iterable[str]) -> None:
        """Erase recordings that ended meanwhile, with their samples: the seal promises that they are gone.

        Raise `StoreError`; a damaged copy is removed, for it can neither be cleaned nor used.
        """
        gone = [(session_id,) for session_id in ended]
        for copy in self.all() if gone else ():
            try:
                with one_connection(copy, key) as store:
                    store.execute("BEGIN IMMEDIATE")
                    store.executemany("DELETE FROM samples WHERE session_id = ?", gone)
                    store.executemany("DELETE FROM sessions WHERE session_id = ?", gone)
                    store.execute("COMMIT")
            except (KnownError, dbapi2.DatabaseError) as error:
                if faults(copy, key):
                    _remove(copy)
                    continue
                with named_failures():
                    raise error

    def open_sessions(self, key: bytes) -> frozenset[str]:
        """Return the recordings that were open when the copies were made."""
        found: set[str] = set()
        for copy in self.all():
            try:
                with one_connection(copy, key, is_read_only=True) as store:
                    found |= {str(row[0]) for row in store.execute(OPEN_SESSIONS)}
            except (KnownError, dbapi2.Error):
                continue
        return frozenset(found)


def _remove(path: Path) -> None:
    for each in (path, *(path.with_name(f"{path.name}{end}") for end in ("-journal", "-wal", "-shm"))):
        each.unlink(missing_ok=True)


# Set a damaged store aside and go on: the newest good copy, what the damaged one still tells, the journals.
#
# The damaged file keeps its name until the new store is complete and checked, so a stop in between begins again.

_FOLDER, _REPLACED_STAMP = "damaged", "%Y%m%dT%H%M%S"
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
        _remove_with_log(unfinished)
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
        _remove_with_log(path)
        raise


def _set_aside(path: Path, note: DamageNote, now: datetime) -> Path:
    """Give the damaged store and its log a second name in a folder of their own and return the folder."""
    folder = path.parent / _FOLDER
    if (known := note.aside()) and (folder / known).is_dir():
        return folder / known  # an earlier start came so far
    aside = folder / f"{now.astimezone(UTC):{_REPLACED_STAMP}}"
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


def _remove_with_log(path: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
