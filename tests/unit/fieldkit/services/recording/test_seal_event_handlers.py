from __future__ import annotations

from dataclasses import replace

from support.kept import sealed
from support.room import KIT, Room

from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.reports.tally import RecordingTally
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.recording.seal_event_handlers import record_sealed, target_recorded
from fieldkit.services.unit_of_work import UnitOfWork


def test_a_seal_settles_target_visit_and_tally(room: Room) -> None:
    session = room.complete(room.begin())
    record = sealed(1)
    with room.store.write() as unit:
        work = UnitOfWork(unit, room.user, room.clock.now(), room.ids)
        record_sealed(work, session, record, KIT, room.clock.today())
    with room.store.read() as unit:
        assert unit.targets.get("target-1").state is TargetState.RECORDED
        assert [visit.outcome for visit in unit.repository(Visit).of(session.activity_id)] == [Outcome.DIREKAM]
        [day] = unit.repository(RecordingTally).search()
    assert day.recorded == 1


def test_a_target_that_is_not_on_this_laptop_is_no_error(room: Room) -> None:
    record = replace(sealed(1), exceptions=1)
    with room.store.write() as unit:
        work = UnitOfWork(unit, room.user, room.clock.now(), room.ids)
        assert target_recorded(work, record, "unknown") is TargetState.RECORDED_WITH_EXCEPTION
        target_recorded(work, record, "target-1")
        assert unit.targets.get("target-1").state is TargetState.RECORDED_WITH_EXCEPTION
