"""Planted bugs, one per act: what a kill at some fsync or rename must bring to light; and two for the power cut."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from fieldkit.app.bootstrap import enrolment, rescue, restore, stick_backups, store_key
from fieldkit.app.bootstrap.backup_folder import StatedFile, Statement, write_statement
from fieldkit.domain.delivery.sealed import QueueEntry, SealedRecord
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.backups import CopySink
from fieldkit.services.recording.run_session import RunSession
from fieldkit.services.recording.seal_record import SealRecord
from fieldkit.storage import engine, store
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.repositories.sessions import SqlSessions
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.vault import slot_copies
from fieldkit.vault.keyslots import KeySlotFile

Plant = Callable[[pytest.MonkeyPatch], None]


def writes_in_two_halves(patch: pytest.MonkeyPatch) -> None:
    """An attempt is said to be kept and written with the next act, after something else."""
    keep, accept, later = RunSession.keep_attempt, RunSession.accept, []

    def lazy(self: RunSession, *attempt: Any) -> None:
        later.append(attempt)

    def both(self: RunSession, *step: Any) -> CaptureSession:
        with self._store.write() as unit:
            unit.settings.put("test.other", 1)
        keep(self, *later.pop())
        return accept(self, *step)

    patch.setattr(RunSession, "keep_attempt", lazy)
    patch.setattr(RunSession, "accept", both)


def ink_after_its_word(patch: pytest.MonkeyPatch) -> None:
    """A recording names the ink of a witness before the strokes are there."""
    take = RunSession.take_ink

    def in_two_halves(self: RunSession, *ink: Any) -> CaptureSession:
        later: list[tuple[Any, ...]] = []
        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(SqlSessions, "put_samples", lambda _, *samples: later.append(samples))
            after = take(self, *ink)
        with self._store.write() as unit:
            unit.sessions.put_samples(*later.pop())
        return after

    patch.setattr(RunSession, "take_ink", in_two_halves)


def row_before_file(patch: pytest.MonkeyPatch) -> None:
    """A record stands in the queue before its file is there."""
    put, commit, later = FolderOfSealedFiles.put, SealRecord._commit, []

    def lazy_put(self: FolderOfSealedFiles, *given: Any) -> Path:
        later.append((self, *given))
        return self.path(given[0])

    def lazy(self: SealRecord, session: CaptureSession, record: SealedRecord) -> QueueEntry:
        entry = commit(self, session, record)
        put(*later.pop())
        return entry

    patch.setattr(FolderOfSealedFiles, "put", lazy_put)
    patch.setattr(SealRecord, "_commit", lazy)


def file_leaves_as_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    """What is sent lies nowhere until its receipt came."""
    opens, acknowledge = SqlOutbox.sealed_bytes, SqlOutbox.acknowledge
    held: dict[str, bytes] = {}

    def taken(self: SqlOutbox, record_id: str) -> BinaryIO:
        path = self._files.path(record_id)
        if path.exists():
            held[record_id] = path.read_bytes()
        path.write_bytes(held[record_id])
        file = opens(self, record_id)
        path.unlink()
        return file

    def back(self: SqlOutbox, record_id: str, *given: Any) -> None:
        acknowledge(self, record_id, *given)
        self._files.path(record_id).write_bytes(held.pop(record_id))

    patch.setattr(SqlOutbox, "sealed_bytes", taken)
    patch.setattr(SqlOutbox, "acknowledge", back)


def erased_before_it_is_noted(patch: pytest.MonkeyPatch) -> None:
    whole = SqlOutbox.purge

    def hasty(self: SqlOutbox, record_id: str, *given: Any) -> None:
        self._files.erase(record_id)
        whole(self, record_id, *given)

    patch.setattr(SqlOutbox, "purge", hasty)


def statement_first(patch: pytest.MonkeyPatch) -> None:
    """A backup has the name of a whole one before it is."""
    whole = stick_backups.HomeOnSticks._copied

    def hasty(self: Any, folder: Path, sources: Any, told: CopySink) -> Any:
        files = [stick_backups._stated(self._name_of(each), stick_backups.digest_of_file(each)) for each in sources]
        files.append(StatedFile(name="kit.db", size_bytes=1, sha256="0" * 64))
        tools = self._tools
        now = tools.clock.now()
        stated = Statement(kit=self._kit_id, made_at=now, made_by="u", records=1, files=tuple(files))
        write_statement(folder, stated, tools.signer, tools.certificate)
        final = folder.with_name(folder.name.removesuffix(".part"))
        folder.rename(final)
        try:
            return whole(self, final, sources, told)
        finally:
            final.rename(folder)

    patch.setattr(stick_backups.HomeOnSticks, "_copied", hasty)


def decided_first(patch: pytest.MonkeyPatch) -> None:
    """What is copied counts as decided from its first file on."""
    patch.setattr(restore, "_UNFINISHED", restore.STAGED)


def report_first(patch: pytest.MonkeyPatch) -> None:
    """The report says what will be there."""
    carry = rescue._carry

    def hasty(pair: Any, stated: Any, rescued: rescue.Rescued) -> None:
        rescued.whole[pair.record_id] = (stated.size_bytes, stated.sha256)
        rescue._report(rescued, enrolment.Home(Path()).clock())
        del rescued.whole[pair.record_id]
        carry(pair, stated, rescued)

    patch.setattr(rescue, "_carry", hasty)


def slots_before_store(patch: pytest.MonkeyPatch) -> None:
    """A kit is there, by its slots, before it has a store."""
    make_store, make_slots = enrolment._make_store, enrolment._make_slots

    def turned(home: Any, settings: Any, db_key: bytes, admin: Any, *rest: Any) -> None:
        make_slots(home, settings, db_key, admin, *rest)
        make_store(home, settings, db_key, admin.user)

    patch.setattr(enrolment, "_make_store", lambda *_: None)
    patch.setattr(enrolment, "_make_slots", turned)


def store_before_slots(patch: pytest.MonkeyPatch) -> None:
    """A store has another key before any slot leads to it."""
    begin, end, held = KeySlotFile.begin_new_key, store_key._end, []

    def late(*asked: Any) -> None:
        begin(*held.pop())
        end(*asked)

    patch.setattr(KeySlotFile, "begin_new_key", lambda *asked: held.append(asked))
    patch.setattr(store_key, "_end", late)


def slots_go_before_they_come(patch: pytest.MonkeyPatch) -> None:
    write = slot_copies.write

    def bold(path: Path, file: Any) -> None:
        for copy in slot_copies.copies_of(path):
            copy.unlink(missing_ok=True)
        write(path, file)

    patch.setattr(slot_copies, "write", bold)


def no_copy_before(patch: pytest.MonkeyPatch) -> None:
    """A store is migrated without the copy."""
    bring_up = store.bring_up
    patch.setattr(store, "bring_up", lambda *given: bring_up(*given[:-1], lambda: None))


BUGS: dict[str, Plant] = {
    "accept": writes_in_two_halves,
    "sign an exception": ink_after_its_word,
    "seal": row_before_file,
    "send": file_leaves_as_it_is_sent,
    "purge": erased_before_it_is_noted,
    "backup": statement_first,
    "restore": decided_first,
    "rescue": report_first,
    "enrol": slots_before_store,
    "change the key": store_before_slots,
    "recover": slots_go_before_they_come,
    "readmit": slots_go_before_they_come,
    "migrate": no_copy_before,
}


def nothing_is_waited_for(patch: pytest.MonkeyPatch) -> None:
    """No file, no name and no row is fsynced."""
    patch.setattr(os, "fsync", lambda _: None)
    patch.setattr(engine, "_WRITER", (*engine._WRITER, "PRAGMA synchronous = OFF"))


def plant(name: str) -> None:
    """Plant a bug by its name, for as long as the process lives."""
    globals()[name](pytest.MonkeyPatch())
