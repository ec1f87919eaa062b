from __future__ import annotations

from support.clock import NOW
from support.room import ACTIVITY, Room

from fieldkit.domain.recording.session_events import EndReason
from fieldkit.domain.visits import Outcome, Visit


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
