from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import Kit
from support.counted_work import calls_of
from support.plans import CAR, KASI, furnish, plan
from support.sops import SMALL

from fieldkit.domain.planning.outreach import Plan, Rhythm, ServiceCategory, Terrain
from fieldkit.domain.planning.schedule import USUAL, ConflictKind, Durations
from fieldkit.domain.sarpras import SarprasItem
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.services import planning
from fieldkit.services.planning import PlanBasis

MONDAY, THURSDAY = date(2026, 11, 23), date(2026, 12, 3)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
    kit.store.close()


@pytest.fixture
def basis(kit: Kit) -> PlanBasis:
    return kit.context.office.planning.basis("a1")


def test_everything_to_choose_from_is_there_by_name(basis: PlanBasis) -> None:
    assert [person.name for person in basis.staff] == [
        "Agus Setiawan",
        "Bagus Santoso",
        "Rina Wulandari",
        "Wahyu Utomo",
    ]
    assert [kit.name for kit in basis.kits] == ["Kit 07", "Kit 08"]
    assert basis.vehicles == ("Mobil layanan AG 1234 KP",)
    assert basis.activity_names["a2"] == "Jemput bola Desa Plumpungrejo"


def test_what_was_kept_of_this_activity_and_of_others_is_read(kit: Kit, basis: PlanBasis) -> None:
    assert (basis.kept, basis.others, basis.durations, basis.asked) == (None, (), USUAL, ())
    mine, other = plan("a1", THURSDAY), plan("a2", MONDAY)
    profile = replace(SMALL, document=replace(SMALL.document, qualifications=("Memahami SIAK",)))
    with kit.store.write() as unit:
        unit.repository(Plan).save_all([other, mine])
        unit.repository(Durations).save(replace(USUAL, coordination=45))
        unit.repository(SarprasItem).save(replace(CAR, thing_id="i2", name="Mobil lama", is_retired=True))
        unit.repository(SopRun).save(begin_run(profile, "a1", "u1", kit.clock.now()))
    found = kit.context.office.planning.basis("a1")
    assert (found.kept, found.others) == (mine, (other,))
    assert (found.durations.coordination, found.asked) == (45, ("Memahami SIAK",))
    assert found.vehicles == basis.vehicles  # one that is retired drives nobody


def test_a_draft_is_worked_out_once_and_only_the_last_is_remembered(
    basis: PlanBasis, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Counter[str]()

    def counted(name: str) -> Callable[..., object]:
        work = getattr(planning, name)
        return lambda *told: done.update([name]) or work(*told)

    for name in ("in_route", "estimate"):
        monkeypatch.setattr(planning, name, counted(name))
    first = basis.refreshed(plan("a1", MONDAY))
    assert basis.refreshed(first) == first
    assert basis.conflicts(first) == ()
    assert done == {"in_route": 1, "estimate": 1}
    for other in (replace(first, route=first.route[::-1]), first):
        basis.refreshed(other)
    assert done == {"in_route": 3, "estimate": 3}


def test_the_work_that_is_known_is_compared_with_the_days(basis: PlanBasis) -> None:
    work = replace(basis.estimate(plan("a1", MONDAY)), days=2)
    assert basis.conflicts(plan("a1", MONDAY)) == ()
    assert [found.kind for found in basis.conflicts(plan("a1", MONDAY), work)] == [ConflictKind.TOO_MUCH_WORK]


def test_a_kept_plan_is_the_draft_and_the_first_kit_is_proposed(kit: Kit, basis: PlanBasis) -> None:
    assert basis.draft().kits == ("k1",)
    other = plan("a2", MONDAY)
    assert replace(basis, others=(replace(other, days=(date(2026, 11, 30),)),)).draft().kits == ("k1",)
    kept = replace(basis, kept=plan("a1", THURSDAY))
    assert kept.draft() == plan("a1", THURSDAY)
    assert replace(basis, kits=()).draft().kits == ()


def test_days_are_proposed_from_the_day_that_was_asked_for(basis: PlanBasis) -> None:
    asked = replace(basis, activity=replace(basis.activity, on=THURSDAY))
    assert asked.draft().days == (THURSDAY,)
    assert asked.with_rhythm(asked.draft(), Rhythm.DAILY).days == (THURSDAY,)
    late = replace(basis, activity=replace(basis.activity, on=date(2026, 10, 1)))
    assert late.draft().days == (MONDAY,)


def test_a_kit_that_is_out_that_day_is_not_proposed(basis: PlanBasis) -> None:
    daily = replace(basis, others=(plan("a2", MONDAY, kits=("k1",)),))
    busy = daily.with_rhythm(plan("a1", kits=()), Rhythm.DAILY)
    assert busy.days == (date(2026, 11, 24),)
    crowded = replace(basis, others=(plan("a2", date(2026, 11, 30), kits=("k1",)), plan("a3", MONDAY, kits=())))
    assert crowded.draft().days == (date(2026, 12, 7),)
    assert crowded.draft().kits == ("k1",)


def test_terrain_brings_its_usual_way_unless_one_was_typed(basis: PlanBasis) -> None:
    draft = basis.draft()
    remote = basis.with_terrain(draft, Terrain.REMOTE)
    assert (draft.way_minutes, remote.way_minutes) == (30, 90)
    assert remote.minutes > draft.minutes
    typed = basis.with_terrain(replace(draft, way_minutes=42), Terrain.REMOTE)
    assert typed.way_minutes == 42


def test_as_many_days_are_proposed_as_the_work_needs(kit: Kit, basis: PlanBasis) -> None:
    model = basis.targets[0]._replace(category=ServiceCategory.LANSIA)
    crowd = tuple(model._replace(target_id=f"x{n}", house=n) for n in range(12))
    busy = replace(basis, targets=crowd)
    weekly = busy.draft()
    assert len(weekly.days) == busy.estimate(weekly).days == 3
    assert [on.weekday() for on in weekly.days] == [0, 0, 0]
    daily = busy.with_rhythm(weekly, Rhythm.DAILY)
    assert daily.days == (MONDAY, date(2026, 11, 24), date(2026, 11, 25))
    crewed = busy.with_days(replace(daily, team=("s1", "s2", "s3", "s4"), kits=("k1", "k2")))
    assert len(crewed.days) == 2


def test_days_are_sorted_and_single_and_the_route_is_whole(basis: PlanBasis) -> None:
    tidy = basis.refreshed(plan("a1", THURSDAY, MONDAY, THURSDAY, route=("t3", "gone")))
    assert tidy.days == (MONDAY, THURSDAY)
    assert tidy.route == ("t3", "t1", "t2", "t4", "t5", "t6", "t7")


def test_who_is_gone_leaves_the_draft_so_that_it_can_be_saved(basis: PlanBasis) -> None:
    kept = plan("a1", THURSDAY, team=("s1", "gone"), kits=("k9", "k1"))
    tidy = basis.refreshed(kept)
    assert (tidy.team, tidy.kits) == (("s1",), ("k1",))


def test_a_draft_among_many_plans_costs_as_much_more_as_they_are(basis: PlanBasis) -> None:
    def work(count: int) -> int:
        crowd = replace(basis, others=tuple(plan(f"b{n}", date(2026, 12, 1 + n % 28)) for n in range(count)))
        assert crowd.conflicts(plan("a1", THURSDAY))
        return calls_of(lambda: crowd.conflicts(plan("a1", THURSDAY)))

    assert work(300) < 11 * work(30)


def test_what_the_sop_asks_of_people_is_named_where_nobody_of_the_team_has_it(basis: PlanBasis) -> None:
    asked = replace(basis, asked=("Mampu mengoperasikan komputer", "Memahami SIAK"))
    able = tuple(
        replace(person, qualifications=("memahami  SIAK",)) if person.thing_id == "s2" else person
        for person in basis.staff
    )
    chosen = plan("a1", MONDAY, team=("s1", "s2"))
    assert asked.unqualified(chosen) == ("Mampu mengoperasikan komputer", "Memahami SIAK")
    assert replace(asked, staff=able).unqualified(chosen) == ("Mampu mengoperasikan komputer",)
    assert asked.unqualified(replace(chosen, team=())) == ()
    assert basis.unqualified(chosen) == ()
