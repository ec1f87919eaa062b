"""Planted bugs, one per act: what a kill at some fsync or rename must bring to light; and two for the power cut."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.planted import PlantedBug

from fieldkit.app.bootstrap import enrolment, rescue, restore, stick_backups, store_key
from fieldkit.app.bootstrap.stick_backups import StatedFile, Statement, write_statement
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.media.carried_files import digest_of_file
from fieldkit.media.place import Place
from fieldkit.services.recording.run_session import RunSession
from fieldkit.services.recording.seal_record import SealRecord
from fieldkit.storage import engine, store
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.repositories.records import SqlSessions
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.vault import slot_copies
from fieldkit.vault.keyslots import KeySlotFile


def writes_in_two_halves(patch: pytest.MonkeyPatch) -> None:
    """An attempt is said to be kept and written with the next act, after something else."""
    keep, accept, later = RunSession.keep_attempt, RunSession.accept, []

    def lazy(*given: Any, **named: Any) -> None:
        later.append(partial(keep, *given, **named))

    def both(self: RunSession, *given: Any, **named: Any) -> CaptureSession:
        with self._store.write() as unit:
            unit.settings.put("test.other", 1)
        later.pop()()
        return accept(self, *given, **named)

    patch.setattr(RunSession, "keep_attempt", lazy)
    patch.setattr(RunSession, "accept", both)


def ink_after_its_word(patch: pytest.MonkeyPatch) -> None:
    """A recording names the ink of a witness before the strokes are there."""
    take = RunSession.take_ink

    def in_two_halves(self: RunSession, *given: Any, **named: Any) -> CaptureSession:
        later: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(SqlSessions, "put_samples", lambda _, *samples, **more: later.append((samples, more)))
            after = take(self, *given, **named)
        samples, more = later.pop()
        with self._store.write() as unit:
            unit.sessions.put_samples(*samples, **more)
        return after

    patch.setattr(RunSession, "take_ink", in_two_halves)


def row_before_file(patch: pytest.MonkeyPatch) -> None:
    """A record stands in the queue before its file is there."""
    put, commit, later = FolderOfSealedFiles.put, SealRecord._commit, []

    def lazy_put(self: FolderOfSealedFiles, record_id: str, *given: Any, **named: Any) -> Path:
        later.append(partial(put, self, record_id, *given, **named))
        return self.path(record_id)

    def lazy(self: SealRecord, *given: Any, **named: Any) -> QueueEntry:
        entry = commit(self, *given, **named)
        later.pop()()
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

    def back(self: SqlOutbox, record_id: str, *given: Any, **named: Any) -> None:
        acknowledge(self, record_id, *given, **named)
        self._files.path(record_id).write_bytes(held.pop(record_id))

    patch.setattr(SqlOutbox, "sealed_bytes", taken)
    patch.setattr(SqlOutbox, "acknowledge", back)


def erased_before_it_is_noted(patch: pytest.MonkeyPatch) -> None:
    whole = SqlOutbox.purge

    def hasty(self: SqlOutbox, record_id: str, *given: Any, **named: Any) -> None:
        self._files.erase(record_id)
        whole(self, record_id, *given, **named)

    patch.setattr(SqlOutbox, "purge", hasty)


def statement_first(patch: pytest.MonkeyPatch) -> None:
    """A backup has the name of a whole one before it is."""
    whole = stick_backups.HomeOnSticks._copied

    def hasty(self: Any, folder: Place, sources: Any, *given: Any, **named: Any) -> Any:
        files = [
            stick_backups._stated(*each) for each in zip(sources, map(digest_of_file, sources.values()), strict=True)
        ]
        files.append(StatedFile(name="kit.db", size_bytes=1, sha256="0" * 64))
        tools = self._tools
        now = tools.clock.now()
        stated = Statement(kit=self._kit_id, made_at=now, made_by="u", records=1, files=tuple(files))
        write_statement(folder, stated, tools.signer, tools.certificate)
        final = folder.rename(folder.name.removesuffix(".part"))
        try:
            return whole(self, final, sources, *given, **named)
        finally:
            final.rename(folder.name)

    patch.setattr(stick_backups.HomeOnSticks, "_copied", hasty)


def decided_first(patch: pytest.MonkeyPatch) -> None:
    """What is copied counts as decided from its first file on."""
    patch.setattr(restore, "_UNFINISHED", restore.STAGED)


def report_first(patch: pytest.MonkeyPatch) -> None:
    """The report says what will be there."""
    carry = rescue._carry

    def hasty(pair: Any, stated: Any, rescued: rescue.Rescued, *given: Any, **named: Any) -> None:
        rescued.whole[pair.record_id] = (stated.size_bytes, stated.sha256)
        rescue._report(rescued, enrolment.Home(Path()).clock())
        del rescued.whole[pair.record_id]
        carry(pair, stated, rescued, *given, **named)

    patch.setattr(rescue, "_carry", hasty)


def slots_before_store(patch: pytest.MonkeyPatch) -> None:
    """A kit is there, by its slots, before it has a store."""
    make_store, make_slots, later = enrolment._make_store, enrolment._make_slots, []

    def turned(home: Any, settings: Any, db_key: bytes, admin: Any, *given: Any, **named: Any) -> None:
        make_slots(home, settings, db_key, admin, *given, **named)
        later.pop()()

    patch.setattr(enrolment, "_make_store", lambda *given, **named: later.append(partial(make_store, *given, **named)))
    patch.setattr(enrolment, "_make_slots", turned)


def store_before_slots(patch: pytest.MonkeyPatch) -> None:
    """A store has another key before any slot leads to it."""
    begin, end, held = KeySlotFile.begin_new_key, store_key._end, []

    def late(*given: Any, **named: Any) -> None:
        held.pop()()
        end(*given, **named)

    patch.setattr(KeySlotFile, "begin_new_key", lambda *given, **named: held.append(partial(begin, *given, **named)))
    patch.setattr(store_key, "_end", late)


def slots_go_before_they_come(patch: pytest.MonkeyPatch) -> None:
    write = slot_copies.write

    def bold(path: Path, *given: Any, **named: Any) -> None:
        for copy in slot_copies.copies_of(path):
            copy.unlink(missing_ok=True)
        write(path, *given, **named)

    patch.setattr(slot_copies, "write", bold)


def copy_comes_late(patch: pytest.MonkeyPatch) -> None:
    """The copy of a store gets its name only once the store is migrated."""
    bring_up = store.bring_up

    def late(*given: Any) -> None:
        *others, back_up = given
        made: list[tuple[Path, bytes]] = []

        def held() -> None:
            copy = back_up()
            made.append((copy, copy.read_bytes()))
            copy.unlink()

        bring_up(*others, held)
        for copy, content in made:
            copy.write_bytes(content)

    patch.setattr(store, "bring_up", late)


BUGS: dict[str, PlantedBug] = {
    act: PlantedBug(plant.__name__, fact, plant)
    for act, plant, fact in (
        ("accept", writes_in_two_halves, "an attempt is gone"),
        ("sign an exception", ink_after_its_word, "refused: .*store.not_found"),
        ("seal", row_before_file, "a record that is queued has no whole file"),
        ("send", file_leaves_as_it_is_sent, "a record that is (sending|received|acknowledged) has no whole file"),
        ("purge", erased_before_it_is_noted, "a record that is acknowledged has no whole file"),
        ("backup", statement_first, "refused: .*backup.damaged"),
        ("restore", decided_first, "refused: .*stick.unreadable .*restoring/restored.json"),
        ("rescue", report_first, "a report speaks of what is not there"),
        ("enrol", slots_before_store, "refused: .*store.(gone|damaged)"),
        ("change the key", store_before_slots, "told at the start: .*store.replaced"),
        ("recover", slots_go_before_they_come, "refused: .*vault.slots_missing"),
        ("readmit", slots_go_before_they_come, "refused: .*vault.slots_missing"),
        ("migrate", copy_comes_late, "no copy of before the migration"),
    )
}
"""What is planted into each act; `fact` is what its judge says of the site that a kill left."""


def nothing_is_waited_for(patch: pytest.MonkeyPatch) -> None:
    """No file, no name and no row is fsynced."""
    patch.setattr(os, "fsync", lambda _: None)
    patch.setattr(engine, "_WRITER", (*engine._WRITER, "PRAGMA synchronous = OFF"))


NOT_WAITED_FOR: dict[str, PlantedBug] = {
    act: PlantedBug(f"{nothing_is_waited_for.__name__}, {act}", fact, nothing_is_waited_for)
    for act, fact in (
        ("accept", "an attempt is gone"),
        ("sign an exception", "an exception is gone"),
        ("seal", "a sealed record is gone"),
        ("send", "a receipt is gone"),
        ("purge", "told at the start: .*store.replaced"),
        ("backup", "the backup is gone"),
        ("restore", "told at the start: .*store.replaced|refused: .*(store.gone|restoring/restored.json)"),
        ("restore on an empty laptop", "refused: .*kit.not_enrolled"),
        ("rescue", "the rescue is gone"),
        ("enrol", "the kit is gone"),
        ("change the key", "refused: .*vault.slots_damaged"),
        ("recover", "refused: .*sync.enrol_code_wrong"),
        ("readmit", "refused: .*sync.enrol_code_wrong"),
        ("migrate", "the migration is gone"),
    )
}
"""What a power cut makes of each act that waits for nothing. Where the older state is no loss, old pages and new ones
beside each other are."""


def plant(name: str) -> None:
    """Plant a bug by its name, for as long as the process lives."""
    globals()[name](pytest.MonkeyPatch())
