"""What recording and delivery mean for the SOP of their activity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.ports.store import Unit
from fieldkit.services.sop.fulfil import fulfil, underway
from fieldkit.services.unit_of_work import UnitOfWork


def recording_begun(work: UnitOfWork, activity_id: str) -> None:
    """Let the step of recording run from the first person on."""
    underway(work, activity_id, Fulfilment.RECORDED)


def target_settled(work: UnitOfWork, activity_id: str) -> None:
    """Tell that recording is over once somebody was recorded and no target is left open."""
    count = work.unit.activities.count(activity_id)
    if count.recorded and not count.waiting:
        fulfil(work, activity_id, Fulfilment.RECORDED)
        if not count.unsent:  # the last visit brought no record, and the others have their receipts
            fulfil(work, activity_id, Fulfilment.SENT)


def records_delivered(work: UnitOfWork, record_ids: Iterable[str]) -> None:
    """Tell of each activity whose recording is over and whose every record has its receipt that all was sent."""
    delivered = {work.unit.records.get(record_id).record.activity_id for record_id in record_ids}
    for activity_id in sorted(delivered):
        count = work.unit.activities.count(activity_id)
        if count.unsent:
            underway(work, activity_id, Fulfilment.SENT)
        elif not count.waiting:
            fulfil(work, activity_id, Fulfilment.SENT)


def facts_before(unit: Unit, activity_id: str) -> Iterator[tuple[Fulfilment, str]]:
    """Yield what an activity that only now begins its SOP brings along, with the thing that shows it."""
    for request in unit.repository(SuratPermohonan).of(activity_id):
        yield Fulfilment.REQUEST_RECEIVED, request.thing_id
    if unit.activities.count(activity_id).targets:
        yield Fulfilment.TARGETS_COLLECTED, ""
    for disposisi in unit.repository(Disposisi).of(activity_id):
        yield Fulfilment.DISPOSED, disposisi.thing_id
    for plan in unit.repository(Plan).of(activity_id):
        yield Fulfilment.SCHEDULED, plan.thing_id
