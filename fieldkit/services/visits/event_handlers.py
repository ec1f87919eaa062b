"""A recording is a visit: its seal or its end closes the timer at the door without anybody typing it once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.recording.session_events import EndReason
from fieldkit.domain.visits import Outcome, Visit, may_wish_revisit
from fieldkit.services.unit_of_work import UnitOfWork

_OUTCOMES = {
    EndReason.DECLINED: Outcome.MENOLAK,
    EndReason.FLED: Outcome.LARI,
    EndReason.TOO_ILL: Outcome.SAKIT,
    EndReason.DECEASED: Outcome.MENINGGAL,
    EndReason.ALREADY_RECORDED: Outcome.SUDAH_MEREKAM,
    EndReason.DEVICE_BROKEN: Outcome.ALAT_RUSAK,
    EndReason.NIK_PROBLEM: Outcome.NIK_BERMASALAH,
}


def visit_recorded(work: UnitOfWork, session: CaptureSession, state: TargetState) -> None:
    """Close the visit of a recording that was sealed."""
    with_exception = state is TargetState.RECORDED_WITH_EXCEPTION
    _close(work, session, Outcome.DIREKAM_DENGAN_PENGECUALIAN if with_exception else Outcome.DIREKAM)


def visit_broken_off(work: UnitOfWork, session: CaptureSession, reason: EndReason) -> None:
    """Close the visit of a recording that ended without a record; what was opened by mistake was no visit."""
    if reason in _OUTCOMES:
        _close(work, session, _OUTCOMES[reason])


def _close(work: UnitOfWork, session: CaptureSession, outcome: Outcome) -> None:
    visit = _open_visit(work, session) or _visit_of(work, session, session.opened_at)
    closed = replace(
        visit.ending(outcome, work.at), wants_revisit=may_wish_revisit(outcome), worked_ms=session.worked_ms
    )
    told = {"target": closed.target_id, "outcome": outcome.value, "session": session.session_id}
    work.keep(closed, "visit_ended", **told, revisit=closed.wants_revisit)


def _open_visit(work: UnitOfWork, session: CaptureSession) -> Visit | None:
    visits = work.unit.repository(Visit).of(session.activity_id)
    return next((visit for visit in visits if visit.target_id == session.target_id and visit.is_open), None)


def _visit_of(work: UnitOfWork, session: CaptureSession, opened_at: datetime) -> Visit:
    return Visit(work.ids.new(), session.activity_id, session.target_id, work.user.user_id, opened_at)
