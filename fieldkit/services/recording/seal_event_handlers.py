"""What a sealed record means for the people around it: its target, its visit, the tally of the day, the SOP."""

from __future__ import annotations

from datetime import date

from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.reports.tally import RecordingTally, begin_tally
from fieldkit.services.sop.event_handlers import target_settled
from fieldkit.services.unit_of_work import UnitOfWork
from fieldkit.services.visits.event_handlers import visit_recorded


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
