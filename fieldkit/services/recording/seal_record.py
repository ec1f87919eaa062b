"""Seal a finished session: container → CMS → age → file on disk → then row, log and erasing in one transaction.

A kit that dies before the file finds the session in `sealing` with its record id and seals it again; a file without a
row is adopted at start, through the signed manifest that was written before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from fieldkit.domain.delivery import MANIFEST_TYP, DeliveryState, QueueEntry, SealedRecord, kept_value
from fieldkit.domain.errors import Problem, Recovery, RuleError, StoreError, VaultError
from fieldkit.domain.errors import Recovery as Way
from fieldkit.domain.events import ChainHead, Event
from fieldkit.domain.nik import age_gate
from fieldkit.domain.people import Permission, User
from fieldkit.domain.planning.outreach import Activity, TargetState
from fieldkit.domain.recording import session as ev
from fieldkit.domain.recording.capture import Sample, SampleRef
from fieldkit.domain.recording.exceptions import InkGiven
from fieldkit.domain.recording.record import (
    ChainLink,
    ExceptionPhoto,
    RecordContext,
    RecordDraft,
    RecordInk,
    RecordSample,
    SpotSeen,
    StepAttempts,
    digest_of_context,
)
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.domain.reports import RecordingTally, begin_tally
from fieldkit.domain.visits import Trip
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.delivery import Manifests, StatedRecord
from fieldkit.ports.recording import ArchivedManifests, NikKey, RecordCodec, SealedFiles
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import Sealer, Signer
from fieldkit.services.delivery.keep_time import KeepTime
from fieldkit.services.recording.run_session import carry_out
from fieldkit.services.sop.run_sop import target_settled
from fieldkit.services.unit_of_work import UnitOfWork
from fieldkit.services.visits.run_visits import visit_recorded

# What a sealed record means for the people around it: its target, its visit, the tally of the day, the SOP.


def record_sealed(work: UnitOfWork, session: CaptureSession, record: SealedRecord, kit_id: str, today: date) -> None:
    """Note a seal of this kit; `session` is the recording as it was before its samples were erased."""
    state = target_recorded(work, record, session.target_id)
    visit_recorded(work, session, state)
    # What the seal erases is counted before it: reports have nothing else to read it from.
    day = begin_tally(session.activity_id, today, kit_id)
    day = work.unit.repository(RecordingTally).find(day.thing_id) or day
    work.keep(day.counting(session), "recording_tallied")
    target_settled(work, session.activity_id)


def target_recorded(work: UnitOfWork, record: SealedRecord, target_id: str) -> TargetState:
    """Give the target of a record its local status and return it; a target that this laptop has not is no error."""
    state = TargetState.RECORDED_WITH_EXCEPTION if record.exceptions else TargetState.RECORDED
    if target_id in work.unit.targets.with_ids([target_id]):
        work.unit.targets.mark(target_id, state)
    return state


# What happens before the first screen after a start: nothing that was saved is lost, nothing half-done stays.
#
# A sealed file without a row is adopted through the signed manifest beside it, or set aside and told. Nothing that was
# sealed is erased because a row is missing: an older copy of the store knows less than the folder beside it.

_OLDER_STORE = "older_store"
ARCHIVE_READ = "delivery.archive_read"  # setting: how much of the archive of manifests this store knows, in bytes


@dataclass(frozen=True, slots=True)
class Recovered:
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

    def run(self) -> Recovered:
        """Adopt what the store does not know and return the recordings that were left open.

        A full disk stops it and is told in the answer: what lies in the folder waits for the next start.
        """
        recovery = Recovered()
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


def _no_templates(_samples: Sequence[Sample]) -> bytes:
    return b""


def _no_papers(_session_id: str, _record_id: str) -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True, slots=True)
class SealingTools:
    """What sealing needs besides the store."""

    codec: RecordCodec
    sealer: Sealer
    kit_signer: Signer
    files: SealedFiles
    nik_key: NikKey
    manifests: Manifests
    time: KeepTime
    program: str = ""  # version of this software
    papers: Callable[[str, str], Mapping[str, bytes]] = _no_papers  # PDF by kind, of a recording and its record id
    templates: Callable[[Sequence[Sample]], bytes] = _no_templates  # what the fingers are compared by later
    forget: Callable[[], None] = lambda: None  # what memory holds of the person's samples


class SealRecord:
    """Seals sessions for the user who is signed in on this kit."""

    def __init__(self, store: Store, tools: SealingTools, clock: Clock, ids: Ids, user: User, kit_id: str) -> None:
        self._store, self._tools, self._clock, self._ids = store, tools, clock, ids
        self._user, self._kit_id = user, kit_id

    def seal(self, session_id: str) -> QueueEntry:
        """Seal a reviewed session and return its row of the queue.

        Raise `RuleError` while something is missing, or when the data center would refuse the time or a certificate.
        """
        if not self._user.may(Permission.RECORD):
            raise RuleError("session.not_your_role", role=self._user.role.value)
        self._tools.time.demand_seal(self._tools.sealer.spans())  # before anything of the recording changes
        draft, session, activity, head = self._draft(session_id)
        draft = replace(draft, papers=self._tools.papers(session_id, draft.record_id))
        now = self._clock.now()
        sealed = self._tools.sealer.seal(self._tools.codec.write(draft), now)
        manifest = self._tools.kit_signer.sign(
            {
                "record_id": draft.record_id,
                "kit": self._kit_id,
                "size_bytes": len(sealed.data),
                "sha256": sealed.sha256,
                "sealed_at": now.isoformat(),
                "activity_id": activity.activity_id,
                "chain": draft.link.chain,
                "sequence": draft.link.sequence,
                "previous": draft.link.previous,
                "session_id": session_id,
                "head_sequence": head.sequence if head else 0,
                "head_digest": head.digest if head else "",
            },
            MANIFEST_TYP,
        )
        gate = age_gate(draft.biodata.birth_date, draft.biodata.marital_status, self._clock.today())
        record = SealedRecord(
            record_id=draft.record_id,
            session_id=session_id,
            activity_id=activity.activity_id,
            target_id=session.target_id,
            link=draft.link,
            sealed_at=now,
            size_bytes=len(sealed.data),
            sha256=sealed.sha256,
            manifest_jws=manifest,
            masked_name=draft.biodata.masked_name,
            masked_nik=draft.biodata.nik.masked,
            nik_digest=self._tools.nik_key.digest(draft.biodata.nik.digits),
            place=activity.place,
            card_from=gate.card_from,
            exceptions=len(draft.exceptions) + len(draft.failed),
            amends=draft.amends,
        )
        # Before the file: what fails here must leave nothing behind.
        templates = self._tools.templates([each.sample for each in draft.samples if not each.exception])
        self._tools.files.put(record.record_id, sealed.data, self._tools.manifests.text(record))
        entry = self._commit(session, record, templates)
        self._tools.forget()
        return entry

    def _draft(self, session_id: str) -> tuple[RecordDraft, CaptureSession, Activity, ChainHead | None]:
        with self._store.write() as unit:
            session = unit.sessions.get(session_id)
            if session.phase is Phase.SEALED:
                raise RuleError("session.already_sealed", record=session.record_id)
            activity = unit.activities.get(session.activity_id)
            where = activity.activity_id, activity.name, activity.place, activity.surat_tugas
            started = ev.SealingStarted(self._ids.new(), digest_of_context(*where, self._tools.program))
            session = carry_out(unit, session, started, self._user.user_id, self._clock)
            draft = self._compose(unit, session, activity, unit.records.next_link())
            return draft, session, activity, unit.events.head()

    def _compose(self, unit: Unit, session: CaptureSession, activity: Activity, link: ChainLink) -> RecordDraft:
        assert session.biodata is not None
        assert session.notice is not None
        assert session.index_comparison is not None
        failed = set(session.failed)
        events = unit.events.of(session.session_id)
        samples = tuple(
            RecordSample(kind, _as_it_came(unit, ref), ref.attempt, ref.position in failed)
            for kind, ref in session.kept
        )
        samples += tuple(
            RecordSample(kind, _as_it_came(unit, ref), ref.attempt, exception=mark) for kind, ref, mark in session.tried
        )
        context = RecordContext(
            kit_id=self._kit_id,
            activity_id=activity.activity_id,
            activity_name=activity.name,
            place=activity.place,
            surat_tugas=activity.surat_tugas,
            mode_perekaman=activity.mode.value,
            attendants=session.attendants(self._user.user_id),
            opened_at=session.opened_at,
            finished_at=self._clock.local(self._clock.now()),
            worked_ms=session.worked_ms,
            time=self._tools.time.evidence(),
            spot=_last_spot(unit, activity.activity_id),
            program=self._tools.program,
            policy=session.policy,
            has_lost_events=_has_lost_events(session, events),
        )
        return RecordDraft(
            record_id=session.record_id,
            link=link,
            context=context,
            notice=session.notice,
            biodata=session.biodata,
            samples=samples,
            exceptions=session.exceptions,
            failed=session.failed,
            attempts=tuple(StepAttempts(step.kind, step.attempts) for step in session.steps),
            index_comparison=session.index_comparison,
            events=tuple(event.line() for event in events),
            photos=tuple(
                ExceptionPhoto(photo_id, unit.sessions.sample(photo_id).data)
                for photo_id in dict.fromkeys(mark.evidence_sample_id for mark in session.exceptions)
                if photo_id
            ),
            inks=tuple(RecordInk(ink, _as_it_came(unit, ink).data) for ink in session.inks),
        )

    def _commit(self, session: CaptureSession, record: SealedRecord, templates: bytes) -> QueueEntry:
        with self._store.write() as unit:
            unit.records.add(record)
            if templates:
                unit.finger_templates.keep(record.record_id, templates)
            sealed = ev.RecordSealed(record.sha256, record.size_bytes)
            carry_out(unit, session, sealed, self._user.user_id, self._clock)
            work = UnitOfWork(unit, self._user, self._clock.now(), self._ids)
            record_sealed(work, session, record, self._kit_id, self._clock.today())
            entry = unit.records.get(record.record_id)
        self._store.keep_mark()
        return entry


def _last_spot(unit: Unit, activity_id: str) -> SpotSeen | None:
    """Return where a trip of the activity was located last."""
    moments = [moment for trip in unit.repository(Trip).of(activity_id) for moment in trip.moments]
    seen = [SpotSeen(m.spot.latitude, m.spot.longitude, m.at) for m in moments if m.spot is not None]
    return max(seen, key=lambda spot: spot.at, default=None)


def _has_lost_events(session: CaptureSession, events: Sequence[Event]) -> bool:
    """Return whether the log lacks what the recording has: it was rebuilt from its journal beside an older store."""
    kinds = Counter(event.kind for event in events)
    attempts = sum(len(step.attempts) for step in session.steps)
    marks = kinds["exception_marked"] - kinds["exception_taken_back"]
    is_begun = events[0].kind == "session_opened" and kinds["notice_given"] and kinds["biodata_confirmed"]
    is_short = marks < len(session.exceptions) or kinds["ink_taken"] - kinds["ink_dropped"] < len(session.inks)
    return not is_begun or kinds["attempt_made"] != attempts or is_short


def _as_it_came(unit: Unit, kept: SampleRef | InkGiven) -> Sample:
    """Return the bytes of a sample. Raise `StoreError("store.damaged")` when they are not what the device gave."""
    sample = unit.sessions.sample(kept.sample_id)
    if sha256(sample.data).hexdigest() != kept.sha256:
        raise StoreError("store.damaged", recovery=Recovery.SIGN_IN)
    return sample
