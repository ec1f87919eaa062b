"""Seal a finished session: container → CMS → age → file on disk → then row, log and erasing in one transaction.

A kit that dies in between finds the session in `sealing` with its record id and seals it again; a file without a row
is swept at start.
"""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.domain import session_events as ev
from fieldkit.domain.ages import age_gate
from fieldkit.domain.errors import RuleError
from fieldkit.domain.outreach import Activity, TargetState
from fieldkit.domain.people import User
from fieldkit.domain.record import (
    ChainLink,
    ExceptionPhoto,
    RecordContext,
    RecordDraft,
    RecordSample,
    StepAttempts,
)
from fieldkit.domain.recording_tally import RecordingTally, begin_tally
from fieldkit.domain.sealed import MANIFEST_TYP, QueueEntry, SealedRecord
from fieldkit.domain.session import CaptureSession, Phase
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.codec import NikKey, RecordCodec
from fieldkit.ports.store import SealedFiles, Store, Unit
from fieldkit.ports.vault import Sealer, Signer
from fieldkit.services.acts import Writing
from fieldkit.services.run_session import carry_out
from fieldkit.services.sop_news import target_settled
from fieldkit.services.visit_news import visit_recorded


@dataclass(frozen=True, slots=True)
class SealingTools:
    """What sealing needs besides the store."""

    codec: RecordCodec
    sealer: Sealer
    kit_signer: Signer
    files: SealedFiles
    nik_key: NikKey


class SealRecord:
    """Seals sessions for the user who is signed in on this kit."""

    def __init__(self, store: Store, tools: SealingTools, clock: Clock, ids: Ids, user: User, kit_id: str) -> None:
        self._store, self._tools, self._clock, self._ids = store, tools, clock, ids
        self._user, self._kit_id = user, kit_id

    def seal(self, session_id: str) -> QueueEntry:
        """Seal a reviewed session and return its row of the queue. Raise `RuleError` while something is missing."""
        draft, session, activity = self._draft(session_id)
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
            },
            MANIFEST_TYP,
        )
        self._tools.files.put(draft.record_id, sealed.data)
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
        return self._commit(session, record)

    def _draft(self, session_id: str) -> tuple[RecordDraft, CaptureSession, Activity]:
        with self._store.write() as unit:
            session = unit.sessions.get(session_id)
            if session.phase is Phase.SEALED:
                raise RuleError("session.already_sealed", record=session.record_id)
            session = carry_out(unit, session, ev.SealingStarted(self._ids.new()), self._user.user_id, self._clock)
            activity = unit.activities.get(session.activity_id)
            return self._compose(unit, session, activity, unit.records.next_link()), session, activity

    def _compose(self, unit: Unit, session: CaptureSession, activity: Activity, link: ChainLink) -> RecordDraft:
        assert session.biodata is not None
        assert session.notice is not None
        assert session.index_comparison is not None
        failed = set(session.failed)
        samples = tuple(
            RecordSample(kind, unit.sessions.sample(ref.sample_id), ref.attempt, ref.position in failed)
            for kind, ref in session.kept
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
            finished_at=self._clock.now(),
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
            events=tuple(event.line() for event in unit.events.of(session.session_id)),
            photos=tuple(
                ExceptionPhoto(photo_id, unit.sessions.sample(photo_id).data)
                for photo_id in dict.fromkeys(mark.evidence_sample_id for mark in session.exceptions)
                if photo_id
            ),
        )

    def _commit(self, session: CaptureSession, record: SealedRecord) -> QueueEntry:
        with self._store.write() as unit:
            unit.records.add(record)
            sealed = ev.RecordSealed(record.sha256, record.size_bytes)
            carry_out(unit, session, sealed, self._user.user_id, self._clock)
            with_exception = record.exceptions > 0
            state = TargetState.RECORDED_WITH_EXCEPTION if with_exception else TargetState.RECORDED
            unit.targets.mark(session.target_id, state)
            writing = Writing(unit, self._user, self._clock.now(), self._ids)
            visit_recorded(writing, session, state)
            self._tally(writing, session)
            target_settled(writing, record.activity_id)
            return unit.records.get(record.record_id)

    def _tally(self, writing: Writing, session: CaptureSession) -> None:
        """Count what the seal erases; reports have nothing else to read it from."""
        day = begin_tally(session.activity_id, self._clock.today(), self._kit_id)
        day = writing.unit.shelf(RecordingTally).find(day.thing_id) or day
        writing.keep(day.counting(session), "recording_tallied")
