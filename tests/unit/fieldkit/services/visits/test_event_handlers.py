from __future__ import annotations

import pytest
from support.clock import NOW
from support.kept import session
from support.room import ACTIVITY, Room

from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits.run_visits import visit_broken_off, visit_recorded


def visits(room: Room) -> list[Visit]:
    with room.store.read() as unit:
        return list(unit.repository(Visit).of(ACTIVITY.activity_id))


def test_the_seal_closes_the_timer_at_the_door(room: Room) -> None:
    with room.store.write() as unit:
        unit.repository(Visit).save(Visit("v1", ACTIVITY.activity_id, "target-1", "u1", NOW, companion="Bu RT"))
    room.clock.advance(minutes=38)
    room.seal("target-1")
    (visit,) = visits(room)
    assert (visit.thing_id, visit.outcome, visit.companion) == ("v1", Outcome.DIREKAM, "Bu RT")
    assert visit.minutes(NOW) >= 38


def test_who_was_recorded_without_a_visit_card_was_visited_all_the_same(room: Room) -> None:
    room.seal("target-1")
    (visit,) = visits(room)
    assert (visit.target_id, visit.outcome, visit.wants_revisit) == ("target-1", Outcome.DIREKAM, False)
    assert visit.started_at <= room.clock.now()


def test_a_recording_that_was_refused_is_a_visit_to_be_made_again(room: Room) -> None:
    session = room.recording.open("target-1")
    room.recording.give_notice(session.session_id, "id")
    room.clock.advance(minutes=6)
    room.recording.refuse(session.session_id, EndReason.FLED)
    (visit,) = visits(room)
    assert (visit.outcome, visit.minutes(NOW), visit.wants_revisit) == (Outcome.LARI, 6, True)


def test_nobody_goes_again_to_who_died_and_a_mistake_is_no_visit(room: Room) -> None:
    for reason in (EndReason.OPENED_BY_MISTAKE, EndReason.DECEASED):
        session = room.recording.open("target-1")
        room.recording.give_notice(session.session_id, "id")
        room.recording.abandon(session.session_id, reason)
    (visit,) = visits(room)
    assert (visit.outcome, visit.wants_revisit) == (Outcome.MENINGGAL, False)


@pytest.mark.parametrize(
    ("reason", "outcome", "again"),
    [
        (EndReason.DECLINED, Outcome.MENOLAK, True),
        (EndReason.FLED, Outcome.LARI, True),
        (EndReason.TOO_ILL, Outcome.SAKIT, True),
        (EndReason.DECEASED, Outcome.MENINGGAL, False),
        (EndReason.ALREADY_RECORDED, Outcome.SUDAH_MEREKAM, False),
        (EndReason.DEVICE_BROKEN, Outcome.ALAT_RUSAK, True),
        (EndReason.NIK_PROBLEM, Outcome.NIK_BERMASALAH, True),
        (EndReason.WRONG_PERSON, None, False),
        (EndReason.OPENED_BY_MISTAKE, None, False),
        (TargetState.RECORDED, Outcome.DIREKAM, False),
        (TargetState.RECORDED_WITH_EXCEPTION, Outcome.DIREKAM_DENGAN_PENGECUALIAN, False),
    ],
)
def test_each_end_of_a_recording_ends_its_own_visit(
    room: Room, reason: EndReason | TargetState, outcome: Outcome | None, again: bool
) -> None:
    over = Visit("v1", "act-1", "target-1", "u1", NOW, NOW, Outcome.SAKIT)
    going_on = Visit("v2", "act-1", "target-2", "u1", NOW)
    with UnitsOfWork(room.store, room.clock, room.ids, room.user).write(Permission.RECORD) as work:
        for visit in (over, going_on):
            work.unit.repository(Visit).save(visit)
        if isinstance(reason, EndReason):
            visit_broken_off(work, session(), reason)
        else:
            visit_recorded(work, session(), reason)
    ended = [
        (each.target_id, each.outcome, each.wants_revisit) for each in visits(room) if each not in (over, going_on)
    ]
    assert ended == ([] if outcome is None else [("target-1", outcome, again)])
    assert len(visits(room)) == 2 + len(ended)
