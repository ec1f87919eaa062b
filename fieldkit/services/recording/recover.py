"""What happens before the first screen after a start: nothing that was saved is lost, nothing half-done stays.

A sealed file without a row is adopted through the signed manifest beside it, or set aside and told. Nothing that was
sealed is erased because a row is missing: an older copy of the store knows less than the folder beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fieldkit.domain.delivery.audit import kept_value
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import Problem, StoreError, VaultError
from fieldkit.domain.errors import Recovery as Way
from fieldkit.domain.people.accounts import User
from fieldkit.domain.recording import session_events as ev
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.manifests import Manifests, StatedRecord
from fieldkit.ports.sealed_files import ArchivedManifests, SealedFiles
from fieldkit.ports.store import Store, Unit
from fieldkit.services.recording.run_session import carry_out
from fieldkit.services.recording.seal_event_handlers import record_sealed, target_recorded
from fieldkit.services.unit_of_work import UnitOfWork

_OLDER_STORE = "older_store"
ARCHIVE_READ = "delivery.archive_read"  # setting: how much of the archive of manifests this store knows, in bytes


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the start found. Record ids in `adopted` and `set_aside`; `new_chain` says why a chain began."""

    unfinished: tuple[CaptureSession, ...] = ()
    adopted: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    new_chain: str = ""
    stopped_by: Problem | None = None

    def problems(self) -> Iterator[Problem]:
        """Return what a person must hear, once."""
        if self.stopped_by is not None:
            yield self.stopped_by
        if self.new_chain:
            yield Problem("recover.older_store", {"adopted": len(self.adopted)})
        elif self.adopted:
            yield Problem("recover.adopted", {"count": len(self.adopted)})
        if self.set_aside:
            yield Problem("recover.set_aside", {"count": len(self.set_aside)}, Way.ASK_OFFICE)


@dataclass(slots=True)
class _Unknown:
    """What lies in the folder and not in the queue: files to adopt, files that fit nothing, seals without a file."""

    to_adopt: list[StatedRecord] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    without_file: list[StatedRecord] = field(default_factory=list)
    purged: list[StatedRecord] = field(default_factory=list)


class Recover:
    """Puts the home in order at start."""

    def __init__(
        self, store: Store, files: SealedFiles, manifests: Manifests, clock: Clock, ids: Ids, user: User, kit_id: str
    ) -> None:
        self._store, self._files, self._manifests = store, files, manifests
        self._clock, self._ids, self._user, self._kit_id = clock, ids, user, kit_id

    def run(self) -> Recovery:
        """Adopt what the store does not know and return the recordings that were left open.

        A full disk stops it and is told in the answer: what lies in the folder waits for the next start.
        """
        recovery = Recovery()
        try:
            self._files.sweep()
            self._finish_purges()
            archive = self._archived()
            unknown = self._unknown(archive.texts)
            for record_id in unknown.misfits:
                self._files.set_aside(record_id)
            recovery = replace(recovery, set_aside=tuple(unknown.misfits))
            if self._is_older(unknown):
                recovery = replace(recovery, new_chain=_OLDER_STORE)
                self._begin_chain(_OLDER_STORE)
            for stated in unknown.to_adopt:
                self._adopt(stated.record)
                recovery = replace(recovery, adopted=(*recovery.adopted, stated.record.record_id))
            for stated in unknown.without_file:
                self._end_without_file(stated.record)
            for stated in unknown.purged:
                self._end_purged(stated.record)
            self._write_missing_manifests()
            self._note_archive_read(archive.end_bytes)
            self._store.keep_mark()
        except StoreError as error:
            recovery = replace(recovery, stopped_by=error.problem)
        with self._store.read() as unit:
            begun = tuple(session for session in unit.sessions.unfinished() if session.is_begun)
            return replace(recovery, unfinished=begun)

    def _finish_purges(self) -> None:
        """Take away what a crash left of a purge: receipt, verdict and proof were there when its row was written."""
        with self._store.read() as unit:
            states = unit.records.states(self._files.found().sealed)
            left = [i for i, state in states.items() if state is DeliveryState.PURGED]
            proven = [i for i, entry in unit.records.with_ids(left).items() if entry.receipt_jws]
        for record_id in proven:
            self._files.erase(record_id)

    def _archived(self) -> ArchivedManifests:
        """Return what was archived since this store was last put in order: of an older copy that is what it missed."""
        with self._store.read() as unit:
            known_bytes = unit.settings.get(ARCHIVE_READ) or 0
        try:
            return self._files.archived(known_bytes)
        except StoreError:  # an archive that cannot be read keeps no file from being adopted
            return ArchivedManifests({}, known_bytes)

    def _unknown(self, archived: Mapping[str, str]) -> _Unknown:
        found, unknown = self._files.found(), _Unknown()
        lying = found.sealed | found.manifests
        with self._store.read() as unit:
            known = unit.records.states(lying | archived.keys())
        purged = (self._stated(i, text) for i, text in archived.items() if i not in lying and i not in known)
        unknown.purged += filter(None, purged)
        for record_id in sorted(lying - known.keys()):
            stated = self._stated(record_id, self._files.manifest(record_id))
            if record_id not in found.sealed:
                if stated is not None:
                    unknown.without_file.append(stated)
            elif stated is None or self._files.measure(record_id) != (stated.record.size_bytes, stated.record.sha256):
                unknown.misfits.append(record_id)
            else:
                unknown.to_adopt.append(stated)
        unknown.to_adopt.sort(key=lambda stated: (stated.record.sealed_at, stated.record.link.sequence))
        return unknown

    def _stated(self, record_id: str, text: str) -> StatedRecord | None:
        try:
            stated = self._manifests.read(text)
        except VaultError:
            return None
        return stated if stated.record.record_id == record_id else None

    def _is_older(self, unknown: _Unknown) -> bool:
        """Return whether this store is a copy from before something that the home still tells of."""
        if self._store.is_behind_mark():
            return True
        with self._store.read() as unit:
            following = unit.records.next_link()
            for stated in (*unknown.to_adopt, *unknown.without_file, *unknown.purged):
                # A kit that died between file and row knows the end of the log that the manifest names.
                is_next = stated.record.link.sequence == following.sequence
                is_known = unit.events.holds(stated.head) if stated.head else is_next
                if stated.record.link.chain == following.chain and not is_known:
                    return True
        return False

    def _begin_chain(self, reason: str) -> None:
        marked = kept_value(self._store.mark())  # what the audit still asks for
        with self._store.read() as unit:
            kept = kept_value(unit.events.head())
        chain = self._store.begin_chain()
        with self._store.write() as unit:
            work = UnitOfWork(unit, self._user, self._clock.now(), self._ids)
            work.note("chain_begun", chain, reason=reason, marked=marked, kept=kept)

    def _adopt(self, found: SealedRecord) -> None:
        """Queue a record that only its file knows, and end its recording, so that nobody is recorded twice."""
        with self._store.write() as unit:
            session = _open_session(unit, found.session_id)
            if session is not None and not found.target_id:
                found = replace(found, target_id=session.target_id)
            work = UnitOfWork(unit, self._user, self._clock.now(), self._ids)
            unit.records.add(_placed(unit, found))
            work.note("record_adopted", found.record_id, sha256=found.sha256, session=found.session_id)
            if session is None:
                target_recorded(work, found, found.target_id)
            else:
                self._end(work, session, found)

    def _end_without_file(self, stated: SealedRecord) -> None:
        """End the recording of a record that was purged, unless its seal stopped before its file: it is made again."""
        with self._store.read() as unit:
            session = _open_session(unit, stated.session_id)
        if session is not None and session.phase is Phase.SEALING and session.record_id == stated.record_id:
            self._files.forget_manifest(stated.record_id)
        else:
            self._end_purged(stated)

    def _end_purged(self, stated: SealedRecord) -> None:
        """End the recording of a record that was sealed and purged before this copy of the store was put back."""
        with self._store.read() as unit:
            session = _open_session(unit, stated.session_id)
        if session is not None:
            with self._store.write() as unit:
                self._end(UnitOfWork(unit, self._user, self._clock.now(), self._ids), session, stated)

    def _end(self, work: UnitOfWork, session: CaptureSession, record: SealedRecord) -> None:
        carry_out(work.unit, session, ev.SealFound(record.record_id), self._user.user_id, self._clock)
        record_sealed(work, session, record, self._kit_id, self._clock.today())

    def _write_missing_manifests(self) -> None:
        """Give files of an older program the text that lets them be adopted."""
        found = self._files.found()
        with self._store.read() as unit:
            entries = unit.records.with_ids(found.sealed - found.manifests)
        for record_id, entry in entries.items():
            self._files.put_manifest(record_id, self._manifests.text(entry.record))

    def _note_archive_read(self, end_bytes: int) -> None:
        with self._store.read() as unit:
            is_noted = unit.settings.get(ARCHIVE_READ) == end_bytes or not end_bytes
        if not is_noted:
            with self._store.write() as unit:
                unit.settings.put(ARCHIVE_READ, end_bytes)


def _open_session(unit: Unit, session_id: str) -> CaptureSession | None:
    return next((each for each in unit.sessions.unfinished() if each.session_id == session_id), None)


def _placed(unit: Unit, record: SealedRecord) -> SealedRecord:
    """Return the record with a place of its own: an old copy may have given its place in the chain away."""
    if not unit.records.is_taken(record.link):
        return record
    return replace(record, link=ChainLink(f"{record.link.chain}/{record.record_id}", 1, record.link.previous))
