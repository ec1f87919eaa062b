"""The local encrypted store: one file, one process, one writer at a time."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlcipher3 import dbapi2

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError, Recovery, StoreError
from fieldkit.domain.events import ChainHead
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.recording import SealedFiles
from fieldkit.storage import engine as freed_memory
from fieldkit.storage.copies import OPEN_SESSIONS, Copies, demand_one_file, faults, fits
from fieldkit.storage.engine import (
    PAGE_BYTES,
    not_waiting,
    one_connection,
    outside_transaction,
    reader_engine,
    writer_engine,
)
from fieldkit.storage.failures import is_without_room, named_failures
from fieldkit.storage.home_lock import HomeLock, KitMark, sync_folder
from fieldkit.storage.migrate import SHIPPED, Migrations, bring_up, migrate
from fieldkit.storage.repositories.event_log import KitChain, current_chain, start_chain
from fieldkit.storage.reserve import RESERVE, RESERVE_BYTES, Reserve, with_room
from fieldkit.storage.salvage import DAMAGE_NOTE, DamageNote
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.storage.unit import Journaled, SqlUnit, rebuild_behind

# Look after the files of the store, on connections of their own: nobody who works waits for it.

_ARCHIVED_AT_ONCE = 500  # what a kill in between leaves is moved at the next sign-in


class FileCare:
    """`fieldkit.ports.laptop.StoreCare` of one home."""

    def __init__(self, database: Path, key: bytes, files: SealedFiles) -> None:
        self._database, self._key, self._files = database, key, files
        self._copies = Copies(database.with_name("copies"))
        self._checked = database.with_name("kit.checked")

    def damage(self) -> Sequence[str]:
        """Return what the checksums of all pages and a quick check of the structure find wrong; empty is good."""
        return faults(self._database, self._key)

    def deep_damage(self) -> Sequence[str]:
        """Return what a check of every index and of every attachment's digest finds wrong."""
        try:
            with one_connection(self._database, self._key, is_read_only=True) as store:
                found = [str(row[0]) for row in store.execute("PRAGMA integrity_check") if row[0] != "ok"]
                kept = store.execute("SELECT attachment_id, sha256, content FROM attachments")
                return [
                    *found,
                    *(str(i) for i, sha256, content in kept if hashlib.sha256(content).hexdigest() != sha256),
                ]
        except (KnownError, dbapi2.Error) as error:
            if is_without_room(error):
                with named_failures():
                    raise
            return [str(error)]

    def bad_files(self) -> Sequence[str]:
        """Return the ids of records whose sealed file is missing or not the one that was sealed."""
        query = "SELECT record_id, size_bytes, sha256 FROM sealed_records WHERE state <> ?"
        rows = self._rows(self._database, query, DeliveryState.PURGED.value)
        return [record_id for record_id, size, sha256 in rows if self._files.measure(record_id) != (size, sha256)]

    def checked_whole_at(self) -> datetime | None:
        """Return when everything was last checked, None when it never was."""
        try:
            return datetime.fromisoformat(self._checked.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def note_whole_check(self, at: datetime) -> None:
        """Keep when everything was checked."""
        with suppress(OSError):
            with_room(self._checked, lambda: self._checked.write_text(at.isoformat(), "ascii"))

    def note_damage(self) -> None:
        """Let the next sign-in set this store aside and go on with a sound one."""
        with suppress(OSError):  # without room for the note the next sign-in finds the damage again
            DamageNote(self._database.with_name(DAMAGE_NOTE)).write()

    def is_copy_due(self, now: datetime) -> bool:
        """Return whether no copy is younger than a day, or the newest was made before the key was changed."""
        return self._copies.is_due(now) or not any(fits(copy, self._key) for copy in self._copies.all()[:1])

    def copy(self, now: datetime) -> None:
        """Copy the store when that is due."""
        if self.is_copy_due(now):
            self._copies.make(self._database, self._key, now)

    def tidy(self) -> None:
        """Erase ended recordings from the copies, and archive the manifests of purged records, some at a time."""
        copies = self._copies
        in_copies = copies.open_sessions(self._key)
        still_open = self._rows(self._database, OPEN_SESSIONS)
        copies.forget_sessions(self._key, in_copies - {str(row[0]) for row in still_open})
        found = self._files.found()
        if alone := found.manifests - found.sealed:
            query = "SELECT record_id FROM sealed_records WHERE state = ?"
            purged = alone & {str(row[0]) for row in self._rows(self._database, query, DeliveryState.PURGED)}
            rest = iter(sorted(purged))
            while some := list(islice(rest, _ARCHIVED_AT_ONCE)):
                self._files.archive(some)

    def _rows(self, path: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
        with one_connection(path, self._key, is_read_only=True) as store:
            return list(store.execute(query, values))


def open_store(
    path: Path, key: bytes, kit_id: str, clock: Clock, ids: Ids, migrations: Migrations = SHIPPED
) -> SqlStore:
    """Open the store of a kit with the raw 32-byte key, making it when there is none; `close` unlocks its folder.

    Raise `VaultError("store.wrong_key")`, or `StoreError`: `store.in_use`, `store.newer`, `store.damaged`,
    `store.disk_full`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = HomeLock(path.with_name(".lock"))

    def opened() -> SqlStore:
        with named_failures():
            if not path.exists():
                _create(path, key, migrations)
            elif path.stat().st_size == 0:
                # A store is made under another name first, so an empty file was one that lost everything.
                raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)
            writer = writer_engine(path, key)
            try:
                copies = Copies(path.with_name("copies"))
                bring_up(writer, path, migrations, lambda: copies.make(path, key, clock.now()))
                notes = KitMark(path.with_name("kit.mark")), DamageNote(path.with_name(DAMAGE_NOTE))
                return SqlStore(writer, reader_engine(path, key), lock, kit_id, clock, ids, *notes, path)
            except BaseException:
                writer.dispose()
                raise

    try:
        return opened()
    except BaseException:
        lock.release()
        raise


def _create(path: Path, key: bytes, migrations: Migrations) -> None:
    """Make the file under another name first: a store is there as a whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    _remove(unfinished)
    try:
        unfinished.touch(mode=0o600)  # what lies beside it gets the same rights from SQLite
        engine = writer_engine(unfinished, key)
        try:
            migrate(engine, migrations)
        finally:
            engine.dispose()  # the last connection writes the WAL back and removes it
        demand_one_file(unfinished)
        unfinished.replace(path)
    finally:
        _remove(unfinished)
    sync_folder(path.parent)


def _remove(unfinished: Path) -> None:
    for left in (unfinished, *unfinished.parent.glob(f"{unfinished.name}-*")):
        left.unlink(missing_ok=True)


class SqlStore:
    """`fieldkit.ports.store.Store` over SQLCipher."""

    def __init__(
        self,
        writer: Engine,
        reader: Engine,
        lock: HomeLock,
        kit_id: str,
        clock: Clock,
        ids: Ids,
        mark: KitMark,
        damage: DamageNote,
        path: Path,
    ) -> None:
        self._writer, self._reader, self._lock = writer, reader, lock
        self._mark, self._damage = mark, damage
        self._path, self._reserve = path, Reserve(path.with_name(RESERVE))
        self._kit_id, self._clock, self._ids = kit_id, clock, ids
        self._turn = threading.Lock()
        self._writing_thread: int | None = None
        self._journals: SessionJournals | None = None
        self._listeners: tuple[Callable[[frozenset[str]], None], ...] = ()
        self._has_traces = self._is_closed = False
        with writer.begin() as connection:
            self._chain = current_chain(connection, kit_id) or self._new_chain(connection)

    def write(self) -> AbstractContextManager[SqlUnit]:
        """Open the one writing transaction; others wait. When the block ends all of it is on disk, or none."""
        return self._write(is_lazy=False)

    def write_lazily(self) -> AbstractContextManager[SqlUnit]:
        """Open a write that a kill leaves and a power cut takes unless another write followed; it appends no event.

        The journals hold it with the next write: they must never be ahead of the store.
        """
        return self._write(is_lazy=True)

    @contextmanager
    def _write(self, *, is_lazy: bool) -> Iterator[SqlUnit]:
        with self._taking_turns(), self._noting_damage():
            waiting = not_waiting(self._writer) if is_lazy else nullcontext()
            with waiting, self._writer.begin() as connection:
                unit = SqlUnit(connection, self._chain, self._ids)
                unit.watch()
                yield unit
                unit.note_state(self._clock.now())
                if is_lazy and unit.has_logged:
                    raise RuntimeError("an event is on the disk before anybody knows of it")
                journaled = Journaled(unit, self._journals) if self._journals and not is_lazy else None
                pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
            if journaled is not None:
                journaled.write()
            # Without room the log must not grow, and writing it back must not need more than the reserve has.
            is_tight = self._reserve.is_given_up or pages * PAGE_BYTES - self._path.stat().st_size > RESERVE_BYTES // 2
            self._has_traces |= unit.has_erased or is_tight
            if self._has_traces:
                self._wipe_traces()
        if unit.changes.ended:
            freed_memory.give_back()
        if unit.written:
            for told in self._listeners:
                told(unit.written)

    def listen(self, told: Callable[[frozenset[str]], None]) -> Callable[[], None]:
        """Tell the kinds of what each write wrote, on the thread that wrote; return what ends it."""
        self._listeners = (*self._listeners, told)

        def end() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not told)

        return end

    def keep_journals(self, journals: SessionJournals) -> Sequence[str]:
        """Keep open recordings beside the store from now on; return those that this store was behind of."""
        self._journals = journals
        with self.write() as unit:
            return rebuild_behind(unit, journals)

    @contextmanager
    def read(self) -> Iterator[SqlUnit]:
        """Open a reading transaction, which sees one moment of the store; a write through it raises."""
        with self._noting_damage(), self._reader.begin() as connection:
            yield SqlUnit(connection, self._chain, self._ids)

    def begin_chain(self) -> str:
        """Start a new chain of events and records, as a restored kit must, and return its id."""
        with self._taking_turns(), named_failures():
            with self._writer.begin() as connection:
                chain = self._new_chain(connection)
            self._chain = chain
            self._write_mark(ChainHead(chain.chain, 0, ""))
            self._settle()
            return chain.chain

    def is_behind_mark(self) -> bool:
        """Return whether this store lacks the event that the mark beside it names: it is an older copy."""
        head = self._mark.read()
        if head is None:
            return False
        with self.read() as unit:
            return not unit.events.holds(head)

    def mark(self) -> ChainHead | None:
        """Return the end of the log as the mark beside the store names it."""
        return self._mark.read()

    def keep_mark(self) -> None:
        """Write down how far the log came; an older copy never moves the mark back, a full disk never stops."""
        with self.read() as unit:
            head = unit.events.head() or ChainHead(self._chain.chain, 0, "")
            marked = self._mark.read()
            if marked == head or (marked is not None and not unit.events.holds(marked)):
                return
        self._write_mark(head)

    def _write_mark(self, head: ChainHead) -> None:
        with suppress(OSError):  # an older mark is true as well: only a copy older than that goes unnoticed
            self._mark.write(head)

    def _settle(self) -> None:
        """Wait for what no write waited for, beside the store."""
        for settle in (self._mark.settle, *([self._journals.settle] if self._journals else ())):
            with suppress(OSError):
                settle()

    def close(self) -> None:
        """Checkpoint and let go of the file; a second time changes nothing."""
        if not self._is_closed:
            with suppress(KnownError):
                self.keep_mark()
            self._settle()
        self._is_closed = True
        with self._taking_turns():
            self._reader.dispose()
            self._writer.dispose()  # the last connection writes the WAL back and removes it
            if self._reserve.is_given_up:
                self._reserve.keep()  # before somebody else takes what is left of it
            self._lock.release()

    def _new_chain(self, connection: Connection) -> KitChain:
        return start_chain(connection, self._kit_id, self._ids.new(), self._clock.now())

    @contextmanager
    def _noting_damage(self) -> Iterator[None]:
        """Name what the disk does to us; of a damaged page the next sign-in must know."""
        try:
            with named_failures():
                yield
        except StoreError as error:
            if error.code == "store.damaged" and not self._damage.is_written:
                with suppress(OSError):
                    self._damage.write()
            raise

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a write within a write would wait for itself")
        with self._turn:
            self._writing_thread = threading.get_ident()
            try:
                yield
            finally:
                self._writing_thread = None

    def _wipe_traces(self) -> None:
        """Write the WAL back and empty it, so that no page of what was erased stays in it."""
        try:
            is_busy, *_ = outside_transaction(self._writer, "PRAGMA wal_checkpoint(TRUNCATE)")
        except dbapi2.OperationalError:
            return  # what was written is safe; the next write tries again
        self._has_traces = bool(is_busy)
