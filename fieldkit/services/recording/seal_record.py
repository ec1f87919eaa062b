"""Seal a finished session: container → CMS → age → file on disk → then row, log and erasing in one transaction.

A kit that dies before the file finds the session in `sealing` with its record id and seals it again; a file without a
row is adopted at start, through the signed manifest that was written before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from fieldkit.domain.ages import age_gate
from fieldkit.domain.delivery.sealed import MANIFEST_TYP, QueueEntry, SealedRecord
from fieldkit.domain.errors import Recovery, RuleError, StoreError
from fieldkit.domain.events import ChainHead, Event
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.planning.outreach import Activity
from fieldkit.domain.recording import session_events as ev
from fieldkit.domain.recording.capture_step import SampleRef
from fieldkit.domain.recording.exception_ink import InkGiven
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
from fieldkit.domain.recording.samples import Sample
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.domain.visits import Trip
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.codec import NikKey, RecordCodec
from fieldkit.ports.manifests import Manifests
from fieldkit.ports.sealed_files import SealedFiles
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import Sealer, Signer
from fieldkit.services.delivery.keep_time import KeepTime
from fieldkit.services.recording.run_session import carry_out
from fieldkit.services.recording.seal_event_handlers import record_sealed
from fieldkit.services.unit_of_work import UnitOfWork


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
