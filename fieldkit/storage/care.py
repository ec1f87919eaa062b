"""Look after the files of the store, on connections of their own: nobody who works waits for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.ports.sealed_files import SealedFiles
from fieldkit.storage.copies import OPEN_SESSIONS, Copies, faults, fits
from fieldkit.storage.damage import DAMAGE_NOTE, DamageNote
from fieldkit.storage.engine import one_connection
from fieldkit.storage.failures import is_without_room, named_failures
from fieldkit.storage.reserve import with_room

_ARCHIVED_AT_ONCE = 500  # what a kill in between leaves is moved at the next sign-in


class FileCare:
    """`fieldkit.ports.store_care.StoreCare` of one home."""

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
