from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit, target
from support.clock import NOW

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import Plan, ServiceCategory, TargetState, Terrain
from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.visits import Doors, Outcome, Visit
from fieldkit.services.visits.run_visits import Ended, RunVisits

BLITAR = next(profile for profile in own_profiles() if profile.sop_id == "blitar_si_jaran_ijo")
RECORDING = 10
NEWCOMER = target(0, "PONIMAN", "3505120303500004", date(1950, 3, 3)).biodata


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, PETUGAS)
    kit.plan(*TARGETS[:3])
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(BLITAR, "a1", "u1", kit.clock.now()))
    yield kit
    kit.store.close()


@pytest.fixture
def visits(kit: Kit) -> RunVisits:
    return kit.context.office.visits


def call(kit: Kit, target_id: str, outcome: Outcome, minutes: int = 20, *, again: bool = False, **told: str) -> Visit:
    visits = kit.context.office.visits
    visit = visits.begin(target_id)
    kit.clock.advance(minutes=minutes)
    return visits.end(visit.thing_id, Ended(outcome, wants_revisit=again, **told))


def recording(kit: Kit) -> StepState:
    with kit.store.read() as unit:
        return unit.repository(SopRun).get("a1").state(RECORDING)


def test_a_day_from_the_first_door_to_the_last(kit: Kit, visits: RunVisits) -> None:
    first = visits.begin("t1", "Bu RT")
    assert recording(kit) is StepState.RUNNING
    kit.clock.advance(minutes=42)
    kit.seal(1, TARGETS[0])
    visits.end(first.thing_id, Ended(Outcome.DIREKAM))
    call(kit, "t2", Outcome.TIDAK_DI_TEMPAT, 5, again=True, revisit_note="pulang jam 4 sore")
    assert recording(kit) is StepState.RUNNING
    call(kit, "t3", Outcome.PINDAH, 3)
    assert recording(kit) is StepState.DONE
    recap = visits.recap("a1")
    assert (recap.visits, recap.outcomes[Outcome.DIREKAM], recap.revisits, recap.open_targets) == (3, 1, 1, 0)
    assert (recap.minutes, recap.longest_minutes, recap.over_standard, recap.standard_minutes) == (50, 42, 1, 30)
    assert recap.outcomes == {Outcome.DIREKAM: 1, Outcome.TIDAK_DI_TEMPAT: 1, Outcome.PINDAH: 1}
    ((again, visit),) = visits.revisits("a1")
    assert (again.target_id, again.reason) == ("t2", "tidak_di_tempat")
    assert visit is not None
    assert visit.revisit_note == "pulang jam 4 sore"
    assert visits.recap("a1", date(2026, 11, 20)).visits == 0


def test_the_order_of_the_route_comes_before_the_houses(kit: Kit, visits: RunVisits) -> None:
    assert [each.target_id for each in visits.round("a1")] == ["t1", "t2", "t3"]
    plan = Plan("a1", "a1", (date(2026, 11, 21),), time(8), (), (), "", Terrain.EASY, 0, route=("t3", "t1"))
    with kit.store.write() as unit:
        unit.repository(Plan).save(plan)
    assert [each.target_id for each in visits.round("a1")] == ["t3", "t1", "t2"]


def test_a_second_start_goes_on_with_the_first(kit: Kit, visits: RunVisits) -> None:
    first = visits.begin("t1")
    kit.clock.advance(minutes=31)
    assert visits.begin("t1") == first
    card = visits.card("t1")
    assert card.open_visit == first
    assert visits.recap("a1").still_open == 1


def test_nobody_is_recorded_by_words(kit: Kit, visits: RunVisits) -> None:
    visit = visits.begin("t1")
    with pytest.raises(RuleError, match=r"visit\.not_recorded"):
        visits.end(visit.thing_id, Ended(Outcome.DIREKAM))
    assert visits.card("t1").open_visit is not None
    kit.seal(1, TARGETS[0])
    with pytest.raises(RuleError, match=r"visit\.was_recorded"):
        visits.end(visit.thing_id, Ended(Outcome.LARI))


def test_an_open_recording_is_ended_first(kit: Kit, visits: RunVisits) -> None:
    visit = visits.begin("t1")
    session = kit.context.recording.open("t1")
    kit.context.recording.give_notice(session.session_id, "id")
    with pytest.raises(RuleError, match=r"visit\.recording_open"):
        visits.end(visit.thing_id, Ended(Outcome.SAKIT))


def test_a_recording_without_notice_keeps_no_visit_open(kit: Kit, visits: RunVisits) -> None:
    visit = visits.begin("t1")
    kit.context.recording.open("t1")
    assert visits.end(visit.thing_id, Ended(Outcome.SAKIT)).outcome is Outcome.SAKIT


def test_a_recorded_visit_takes_the_time_that_was_worked() -> None:
    visit = Visit("v1", "a1", "t1", "u1", NOW)
    ended = visit.ending(Outcome.DIREKAM, NOW + timedelta(hours=3))
    assert ended.minutes(NOW) == 180
    assert replace(ended, worked_ms=19 * 60_000 + 12_000).minutes(NOW) == 19


def test_somebody_who_was_away_comes_back_on_the_list(kit: Kit, visits: RunVisits) -> None:
    call(kit, "t1", Outcome.TIDAK_DI_TEMPAT, again=False)
    assert kit.context.visits.target("t1").state is TargetState.CANCELLED
    call(kit, "t1", Outcome.TIDAK_DI_TEMPAT, again=True)
    assert kit.context.visits.target("t1").state is TargetState.POSTPONED


def test_a_walk_in_is_last_in_the_order_and_counted(kit: Kit, visits: RunVisits) -> None:
    added = visits.walk_in("a1", NEWCOMER, ServiceCategory.LANSIA)
    assert (added.house, added.is_walk_in) == (4, True)
    call(kit, added.target_id, Outcome.MENOLAK)
    assert visits.recap("a1").walk_ins == 1
    with pytest.raises(RuleError, match=r"visit\.on_the_list"):
        visits.walk_in("a1", NEWCOMER, ServiceCategory.UMUM)
    with pytest.raises(InputError, match=r"biodata\.no_name"):
        visits.walk_in("a1", replace(NEWCOMER, name=" "), ServiceCategory.UMUM)


def test_what_calms_is_told_to_those_who_go_there_and_to_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    team = Kit(tmp_path / "team", PETUGAS)
    team.plan(*TARGETS)
    with team.store.write() as unit:
        unit.repository(TargetNotes).save(TargetNotes("t6", "a1", access="belakang masjid", safety="takut seragam"))
    call(team, "t6", Outcome.LARI, again=True, safety="datang bersama kakaknya")
    card = team.context.office.visits.card("t6")
    assert card.safety == ("takut seragam", "datang bersama kakaknya")
    team.store.close()
    other = Kit(tmp_path / "team", PENGURUS)
    card = other.context.office.visits.card("t6")
    assert card.notes is not None
    assert card.notes.access == "belakang masjid"
    assert (card.safety, card.notes.safety, card.visits[0].safety) == ((), "", "")
    with other.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(card.visits[0].thing_id))
    assert "takut" not in lines
    assert "kakaknya" not in lines
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        other.context.office.visits.begin("t6")
    other.store.close()


def test_what_is_remembered_later_is_added(kit: Kit, visits: RunVisits) -> None:
    visit = call(kit, "t1", Outcome.SAKIT, again=True, note="demam", companion="Bu RT")
    added = visits.annotate(visit.thing_id, safety="bicara pelan", revisit="Jumat pagi")
    assert (added.note, added.companion, added.safety) == ("demam", "Bu RT", "bicara pelan")
    assert (added.revisit_note, added.outcome) == ("Jumat pagi", Outcome.SAKIT)


def test_a_recording_that_ended_with_a_death_is_not_on_the_revisit_list(kit: Kit, visits: RunVisits) -> None:
    for target_id, reason in (("t1", EndReason.DECEASED), ("t2", EndReason.DECLINED)):
        session = kit.context.recording.open(target_id)
        kit.context.recording.give_notice(session.session_id, "id")
        kit.context.recording.abandon(session.session_id, reason)
    assert [each.target_id for each, _ in visits.revisits("a1")] == ["t2"]
    assert visits.recap("a1").outcomes == {Outcome.MENINGGAL: 1, Outcome.MENOLAK: 1}


def test_the_day_is_one_list_in_the_order_of_the_route_with_what_happened_last(kit: Kit, visits: RunVisits) -> None:
    call(kit, "t2", Outcome.TIDAK_DI_TEMPAT, again=True, revisit_note="pulang jam 4 sore")
    call(kit, "t3", Outcome.PINDAH, again=True)
    visits.want_escort("t1")
    calls = visits.calls("a1")
    assert [(each.place, each.target.target_id, each.is_to_visit_again) for each in calls] == [
        (1, "t1", False),
        (2, "t2", True),
        (3, "t3", False),
    ]
    assert [each.needs_escort for each in calls] == [True, False, False]
    assert (visits.escorts("a1"), visits.escorts("elsewhere")) == (1, 0)
    assert Counter(kind for each in calls for kind in each.kinds) == {Doors.ALL: 3, Doors.OPEN: 1, Doors.AGAIN: 1}


def test_very_many_doors_are_all_there(kit: Kit, visits: RunVisits) -> None:
    with kit.store.write() as unit:
        unit.targets.save(replace(TARGETS[0], target_id=f"many-{n}", house=10 + n) for n in range(900))
    assert [each.place for each in visits.calls("a1")] == list(range(1, 904))


def test_the_day_of_the_next_visit_is_kept_and_lies_ahead(kit: Kit, visits: RunVisits) -> None:
    visit = visits.begin("t1")
    wish = Ended(Outcome.SAKIT, wants_revisit=True, revisit_on=date(2026, 11, 20))
    with pytest.raises(InputError, match=r"visit\.revisit_past"):
        visits.end(visit.thing_id, wish)
    ended = visits.end(visit.thing_id, replace(wish, revisit_on=date(2026, 11, 27)))
    assert ended.revisit_on == date(2026, 11, 27)
    gone = visits.end(visits.begin("t2").thing_id, Ended(Outcome.PINDAH, revisit_on=date(2026, 11, 27)))
    assert gone.revisit_on is None


def test_an_escort_for_one_door_keeps_the_other_notes(kit: Kit, visits: RunVisits) -> None:
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(TargetNotes("t1", "a1", access="belakang masjid"))
    assert visits.want_escort("t1").access == "belakang masjid"
    card = visits.card("t1")
    assert card.notes is not None
    assert card.notes.needs_escort
    assert not visits.drop_escort("t1").needs_escort


def test_the_recap_names_who_was_met_and_on_which_days(kit: Kit, visits: RunVisits) -> None:
    call(kit, "t2", Outcome.MENOLAK, 12)
    call(kit, "t1", Outcome.LARI, 8)
    recap = visits.recap("a1")
    assert [(target.target_id, visit.outcome) for target, visit in recap.calls] == [
        ("t2", Outcome.MENOLAK),
        ("t1", Outcome.LARI),
    ]
    assert (recap.targets, recap.outcomes[Outcome.DIREKAM_DENGAN_PENGECUALIAN], recap.average_minutes) == (3, 0, 10)
    assert recap.days == (date(2026, 11, 21),)
    assert visits.recap("a1", date(2026, 11, 20)).average_minutes == 0
