"""Each condition of a visit by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.app_context import ACTIVITY, PENGURUS, PETUGAS, TARGETS, Kit, target
from support.clock import NOW
from support.sops import SMALL

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.nik import NO_NIK
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState
from fieldkit.domain.sop.profile import StandardTime, TimeUnit
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.visits.run_visits import Ended, RunVisits

NEWCOMER = target(0, "PONIMAN", "3505120303500004", date(1950, 3, 3)).biodata
FORTY = StandardTime("40 menit", 40, TimeUnit.MINUTES, 40)
TODAY = date(2026, 11, 21)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS[:3])
        yield kit


@pytest.fixture
def visits(kit: Kit) -> RunVisits:
    return kit.context.office.visits


def ended(kit: Kit, target_id: str, outcome: Outcome = Outcome.SAKIT, minutes: int = 20, **told: Any) -> Visit:
    visits = kit.context.office.visits
    visit = visits.begin(target_id)
    kit.clock.advance(minutes=minutes)
    return visits.end(visit.thing_id, Ended(outcome, **told))


def test_a_card_shows_the_visits_of_its_door_and_the_one_that_goes_on(kit: Kit, visits: RunVisits) -> None:
    first, other = ended(kit, "t1"), visits.begin("t2")
    assert visits.card("t1").open_visit is None
    again = visits.begin("t1")
    assert again not in (first, other)
    card = visits.card("t1")
    assert (card.visits, card.open_visit, card.safety, card.notes) == ((first, again), again, (), None)


def test_who_does_not_go_there_sees_a_door_without_notes(tmp_path: Path) -> None:
    with Kit(tmp_path, PENGURUS) as kit:
        kit.plan(*TARGETS[:1])
        card = kit.context.office.visits.card("t1")
    assert (card.notes, card.safety, card.visits) == (None, (), ())


def test_only_a_door_of_which_it_was_said_needs_an_escort(kit: Kit, visits: RunVisits) -> None:
    visits.drop_escort("t2")
    visits.want_escort("t3")
    assert [each.needs_escort for each in visits.calls("a1")] == [False, False, True]
    assert visits.escorts("a1") == 1


def test_whoever_was_put_off_is_visited_again_unless_for_good(kit: Kit, visits: RunVisits) -> None:
    with kit.store.write() as unit:
        for target_id in ("t1", "t2", "t3"):
            unit.targets.mark(target_id, TargetState.POSTPONED)
        for target_id, outcome in (("t2", Outcome.MENOLAK), ("t3", Outcome.PINDAH)):
            unit.repository(Visit).save(Visit(target_id, "a1", target_id, "u1", NOW, NOW, outcome))
    again = [(line.target_id, visit and visit.outcome) for line, visit in visits.revisits("a1")]
    assert again == [("t1", None), ("t2", Outcome.MENOLAK)]
    assert [each.is_to_visit_again for each in visits.calls("a1")] == [True, True, False]


@pytest.mark.parametrize(
    ("before", "outcome", "again", "after"),
    [
        ((TargetState.PLANNED, ""), Outcome.SAKIT, True, (TargetState.POSTPONED, "sakit")),
        ((TargetState.PLANNED, ""), Outcome.SAKIT, False, (TargetState.CANCELLED, "sakit")),
        ((TargetState.POSTPONED, "sakit"), Outcome.LARI, True, (TargetState.POSTPONED, "lari")),
        ((TargetState.CANCELLED, "sakit"), Outcome.PINDAH, True, (TargetState.CANCELLED, "pindah")),
        ((TargetState.RECORDED, ""), Outcome.DIREKAM, False, (TargetState.RECORDED, "")),
    ],
)
def test_a_target_stands_as_its_last_visit_ended(
    kit: Kit,
    visits: RunVisits,
    before: tuple[TargetState, str],
    outcome: Outcome,
    again: bool,
    after: tuple[TargetState, str],
) -> None:
    with kit.store.write() as unit:
        unit.targets.mark("t1", *before)
    visit = ended(kit, "t1", outcome, wants_revisit=again, revisit_on=TODAY)
    found = kit.context.visits.target("t1")
    assert (found.state, found.reason) == after
    is_put_off = after[0] is TargetState.POSTPONED
    assert (visit.wants_revisit, visit.revisit_on) == (is_put_off, TODAY if is_put_off else None)


def test_a_recording_of_somebody_else_keeps_no_visit_open(kit: Kit, visits: RunVisits) -> None:
    session = kit.context.recording.open("t1")
    kit.context.recording.give_notice(session.session_id, "id")
    with kit.store.write() as unit:
        unit.targets.mark("t2", TargetState.RECORDING)  # on another laptop
    assert ended(kit, "t2").outcome is Outcome.SAKIT
    with pytest.raises(RuleError, match=r"visit\.recording_open"):
        ended(kit, "t1")


_TOLD = {"note": "a", "safety": "b", "companion": "c"}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({}, {**_TOLD, "revisit_note": "d"}),
        *(({name: " neu "}, {**_TOLD, "revisit_note": "d", name: "neu"}) for name in _TOLD),
        ({"revisit": "neu"}, {**_TOLD, "revisit_note": "neu"}),
    ],
)
def test_what_is_left_empty_stays_as_it_was(
    kit: Kit, visits: RunVisits, told: dict[str, str], kept: dict[str, str]
) -> None:
    visit = ended(kit, "t1", wants_revisit=True, revisit_note="d", **_TOLD)
    visits.annotate(visit.thing_id, **told)
    (after,) = visits.card("t1").visits
    assert {name: getattr(after, name) for name in kept} == kept


@pytest.mark.parametrize(("told", "kept"), [({}, ("Bu RT", "pelan")), (_TOLD, ("c", "b"))])
def test_the_end_keeps_what_was_told_at_the_door(
    kit: Kit, visits: RunVisits, told: dict[str, str], kept: tuple[str, str]
) -> None:
    visit = visits.begin("t1", " Bu RT ")
    visits.annotate(visit.thing_id, safety="pelan")
    over = visits.end(visit.thing_id, Ended(Outcome.SAKIT, **told))
    assert (over.companion, over.safety) == kept


def test_a_walk_in_is_new_to_this_activity(kit: Kit, visits: RunVisits) -> None:
    kit.context.visits.take_over(replace(ACTIVITY, activity_id="a2"), [replace(TARGETS[3], activity_id="a2")])
    assert visits.walk_in("a1", TARGETS[3].biodata, ServiceCategory.UMUM).house == 4
    with pytest.raises(StoreError, match=r"store\.not_found"):
        visits.walk_in("stranger", NEWCOMER, ServiceCategory.UMUM)
    nobody = replace(NEWCOMER, nik=NO_NIK)
    niks = [visits.walk_in("a1", nobody, ServiceCategory.UMUM).biodata.nik.digits for _ in range(2)]
    assert niks == ["SMT-KIT-07-0001", "SMT-KIT-07-0002"]
    with kit.store.read() as unit:
        assert '"without_nik":true' in unit.events.of(visits.round("a1")[-1].target_id)[0].payload
    with pytest.raises(InputError, match=r"biodata\.no_name"):
        visits.walk_in("a1", replace(NEWCOMER, name=""), ServiceCategory.UMUM)


def test_the_recap_counts_what_ended_and_who_is_on_a_list(kit: Kit, visits: RunVisits) -> None:
    ended(kit, "t1", minutes=30)
    ended(kit, "t2", minutes=31)
    visits.begin("t3")
    kit.clock.advance(minutes=50)
    with kit.store.write() as unit:
        unit.repository(Visit).save(Visit("v9", "a1", "gone", "u1", NOW, NOW, Outcome.LARI))
    recap = visits.recap("a1")
    assert [called.target_id for called, _ in recap.calls] == ["t1", "t2", "t3"]
    assert recap.outcomes == {Outcome.SAKIT: 2, Outcome.LARI: 1}
    assert (recap.visits, recap.still_open, recap.minutes, recap.longest_minutes) == (4, 1, 61, 31)
    assert (recap.over_standard, recap.average_minutes, recap.walk_ins) == (1, 20, 0)


@pytest.mark.parametrize(
    ("step", "minutes"),
    [
        ({"per": "orang", "standard": FORTY}, 40),
        ({"per": "", "standard": FORTY}, 30),
        ({"per": "orang", "standard": None}, 30),
        ({"per": "orang", "standard": FORTY, "fulfilled_by": ()}, 30),
    ],
)
def test_the_standard_is_that_of_the_step_that_records_each_person(
    kit: Kit, visits: RunVisits, step: dict[str, Any], minutes: int
) -> None:
    assert visits.card("t1").standard_minutes == 30
    steps = tuple(replace(each, **step) if each.no == 5 else each for each in SMALL.steps)
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(replace(SMALL, steps=steps), "a1", "u1", NOW))
    assert visits.card("t1").standard_minutes == minutes


def test_notes_of_the_list_come_before_those_of_visits(kit: Kit, visits: RunVisits) -> None:
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(TargetNotes("t1", "a1", safety="takut seragam"))
    ended(kit, "t1", safety="bersama kakaknya")
    ended(kit, "t2", safety="anjing")
    assert visits.card("t1").safety == ("takut seragam", "bersama kakaknya")
