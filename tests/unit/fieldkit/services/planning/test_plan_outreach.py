from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, Kit
from support.plans import KASI, KEPALA, furnish, plan
from support.sops import small_run

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import HouseSpot, ModePerekaman, Spot, TargetVerdict, office_id
from fieldkit.domain.planning.schedule import ConflictKind
from fieldkit.domain.sarpras import Condition, SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.planning import PlanOutreach

THURSDAY = date(2026, 12, 3)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    furnish(kit)
    yield kit
    kit.store.close()


@pytest.fixture
def planning(kit: Kit) -> PlanOutreach:
    return kit.context.office.planning


def seen_by(kit: Kit, user: User) -> PlanOutreach:
    """Return the service as another user of the same laptop has it."""
    units = kit.context.office.units
    units.user = user
    return kit.context.office.planning


def test_a_proposal_has_days_a_free_kit_and_the_work(planning: PlanOutreach) -> None:
    basis = planning.basis("a1")
    proposed = basis.draft()
    assert proposed.days == (date(2026, 11, 23),)
    assert proposed.kits == ("k1",)
    assert proposed.route == ("t1", "t2", "t3", "t4", "t5", "t6", "t7")
    assert proposed.minutes == basis.estimate(proposed).total > 0
    assert [conflict.kind for conflict in basis.conflicts(proposed)] == [ConflictKind.NO_TEAM]


def test_a_proposal_leaves_the_week_of_another_plan_alone(kit: Kit, planning: PlanOutreach) -> None:
    planning.save(plan("a2", date(2026, 11, 24)))
    assert planning.basis("a1").draft().days == (date(2026, 11, 30),)


def test_a_saved_plan_moves_the_activity_and_orders_the_houses(kit: Kit, planning: PlanOutreach) -> None:
    with kit.store.write() as unit:
        unit.targets.judge(["t2"], TargetVerdict.SUDAH_MEREKAM)
    kept = planning.save(plan("a1", date(2026, 12, 10), THURSDAY, route=("t7", "t3")))
    assert kept.days == (THURSDAY, date(2026, 12, 10))
    assert kept.route == ("t7", "t3", "t1", "t4", "t5", "t6")
    assert planning.plan("a1") == kept
    with kit.store.read() as unit:
        assert unit.activities.get("a1").on == THURSDAY
        houses = {target.target_id: target.house for target in unit.targets.search("a1")}
    assert houses == {"t7": 1, "t3": 2, "t1": 3, "t4": 4, "t5": 5, "t6": 6, "t2": 7}


def test_a_conflict_must_be_seen_before_it_is_saved_and_the_log_keeps_it(kit: Kit, planning: PlanOutreach) -> None:
    planning.save(plan("a2", THURSDAY))
    double = plan("a1", THURSDAY, vehicle="")
    found = planning.conflicts(double)
    assert [(c.kind, c.subject) for c in found] == [
        (ConflictKind.KIT_TAKEN, "k1"),
        (ConflictKind.PERSON_TAKEN, "s1"),
        (ConflictKind.PERSON_TAKEN, "s2"),
    ]
    with pytest.raises(RuleError) as refused:
        planning.save(double, [found[0].code])
    assert refused.value.problem.params == {"count": 2}
    assert planning.plan("a1") is None
    planning.save(double, [conflict.code for conflict in found])
    with kit.store.read() as unit:
        event = unit.events.of("a1")[-1]
    assert event.kind == "plan_saved"
    assert json.loads(event.payload)["conflicts"] == [
        "kit_taken:2026-12-03:k1",
        "person_taken:2026-12-03:s1",
        "person_taken:2026-12-03:s2",
    ]


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2026, 12, 25), ConflictKind.HOLIDAY),
        (date(2026, 12, 6), ConflictKind.WEEKEND),
        (date(2029, 1, 3), ConflictKind.NO_CALENDAR),
    ],
)
def test_holidays_and_years_without_decree_are_shown_before_saving(
    planning: PlanOutreach, on: date, kind: ConflictKind
) -> None:
    assert [conflict.kind for conflict in planning.conflicts(plan("a1", on))] == [kind]
    with pytest.raises(RuleError):
        planning.save(plan("a1", on))


def test_a_plan_needs_a_day_and_knows_its_people_and_kits(planning: PlanOutreach) -> None:
    for broken, code in (
        (plan("a1"), "plan.no_days"),
        (plan("a1", THURSDAY, team=("nobody",)), "plan.stranger"),
        (plan("a1", THURSDAY, kits=("nothing",)), "plan.stranger"),
    ):
        with pytest.raises(InputError) as refused:
            planning.save(broken)
        assert refused.value.code == code
    everybody = plan("a1", THURSDAY, team=("s1", "s2", "s3", "s4"), kits=("k1", "k2"))
    assert planning.save(everybody).kits == ("k1", "k2")
    with pytest.raises(StoreError):
        planning.save(plan("a9", THURSDAY))


def test_a_kit_that_came_back_without_its_scanner_is_not_proposed_and_not_approved(
    kit: Kit, planning: PlanOutreach
) -> None:
    lost = SarprasItem("f1", SarprasKind.FINGERPRINT_SCANNER, "Pemindai jari", is_critical=True)
    broken = SarprasItem("g1", SarprasKind.GENERATOR, "Genset", condition=Condition.RUSAK_BERAT)
    whole = SarprasItem("f2", SarprasKind.FINGERPRINT_SCANNER, "Pemindai jari", is_critical=True)
    with kit.store.write() as unit:
        unit.repository(SarprasItem).save_all((replace(lost, condition=Condition.HILANG), broken, whole))
        unit.repository(SarprasKit).save_all(
            (SarprasKit("k1", "Kit 07", ("f1", "g1")), SarprasKit("k2", "Kit 08", ("f2",)))
        )
    basis = planning.basis("a1")
    assert basis.draft().kits == ("k2",)
    (told,) = [each for each in basis.conflicts(plan("a1", THURSDAY)) if each.kind is ConflictKind.KIT_LACKS]
    assert (told.subject, set(told.other.split(", "))) == ("k1", {"Pemindai jari", "Genset"})
    planning.save(plan("a1", THURSDAY), [told.code])
    with pytest.raises(RuleError) as refused:
        planning.approve("a1")
    assert (refused.value.code, refused.value.problem.params) == ("plan.kit_lacks", {"items": "Pemindai jari"})
    with kit.store.write() as unit:
        unit.repository(SarprasItem).save_all((lost, replace(whole, is_retired=True, condition=Condition.HILANG)))
    assert planning.approve("a1").approved_by == "u5", "without a genset people are recorded"
    assert planning.basis("a1").lacks("k2") == "", "what is out of use is nobody's lack"


def test_approval_and_direction_stay_until_the_plan_changes(kit: Kit, planning: PlanOutreach) -> None:
    with pytest.raises(RuleError) as refused:
        planning.approve("a1")
    assert refused.value.code == "plan.none"
    planning.save(plan("a1", THURSDAY, team=()), ["no_team"])
    with pytest.raises(RuleError) as refused:
        planning.approve("a1")
    assert refused.value.code == "plan.no_team"
    kept = planning.save(plan("a1", THURSDAY))
    assert planning.approve("a1").approved_by == "u5"
    directed = seen_by(kit, KEPALA).direct("a1", " Utamakan lansia. ")
    assert (directed.directed_by, directed.direction, directed.approved_by) == ("u7", "Utamakan lansia.", "u5")
    assert kit.context.office.planning.plan("a1") == directed
    planning = seen_by(kit, KASI)
    assert planning.save(directed).approved_by == "u5"
    changed = planning.save(replace(kept, note="Bawa genset"))
    assert (changed.approved_by, changed.directed_by) == ("", "")


def test_each_role_does_its_own_part_only(kit: Kit, planning: PlanOutreach) -> None:
    planning.save(plan("a1", THURSDAY))
    with pytest.raises(RuleError):
        planning.direct("a1")
    with pytest.raises(RuleError):
        seen_by(kit, KEPALA).save(plan("a1", THURSDAY))
    petugas = seen_by(kit, PETUGAS)
    for act in (
        lambda: petugas.save(plan("a1", THURSDAY)),
        lambda: petugas.approve("a1"),
        lambda: petugas.direct("a1"),
        lambda: petugas.begin_activity("A", "B", "", ModePerekaman.LURING, THURSDAY),
        lambda: petugas.locate("a1", "t1", "-8.1, 112.1"),
    ):
        with pytest.raises(RuleError) as refused:
            act()
        assert refused.value.code == "role.not_yours"


def test_planning_tells_the_sop_what_it_did(kit: Kit, planning: PlanOutreach) -> None:
    with kit.store.write() as unit:
        unit.repository(SopRun).save(replace(small_run(), thing_id="a1", activity_id="a1"))
    planning.save(plan("a1", THURSDAY))
    planning.approve("a1")
    seen_by(kit, KEPALA).direct("a1")
    with kit.store.read() as unit:
        run = unit.repository(SopRun).get("a1")
    for fact in (Fulfilment.SCHEDULED, Fulfilment.PLAN_APPROVED, Fulfilment.PLAN_DIRECTED):
        assert run.heard(fact) is not None


def test_the_office_begins_an_activity_by_itself(kit: Kit, planning: PlanOutreach) -> None:
    begun = planning.begin_activity(
        " Jemput bola SMAN 1 ", "SMAN 1 Purwodadi", "grobogan_jemput_bola", ModePerekaman.DARING, THURSDAY
    )
    with kit.store.read() as unit:
        assert unit.activities.get(begun.activity_id) == begun
        assert unit.events.of(begun.activity_id)[0].kind == "activity_begun"
    assert (begun.name, begun.mode, begun.surat_tugas) == ("Jemput bola SMAN 1", ModePerekaman.DARING, "")
    for name, place in ((" ", "SMAN 1"), ("Jemput bola", " ")):
        with pytest.raises(InputError, match=r"plan\.no_name_or_place"):
            planning.begin_activity(name, place, "", ModePerekaman.LURING, THURSDAY)


def test_houses_are_located_and_forgotten_and_the_route_follows(kit: Kit, planning: PlanOutreach) -> None:
    planning.locate("a1", "", "-8.1000, 112.1000")
    for place, target in enumerate(reversed(TARGETS), 1):
        planning.locate("a1", target.target_id, f"{-8.1 - place / 100:.4f}, 112.1000")
    basis = planning.basis("a1")
    assert basis.office == Spot(-8.1, 112.1)
    ordered = basis.by_distance(basis.draft()).route
    assert ordered in {tuple(f"t{n}" for n in range(7, 0, -1)), tuple(f"t{n}" for n in range(1, 8))}
    planning.locate("a1", "", " ")
    with kit.store.read() as unit:
        assert unit.repository(HouseSpot).find(office_id("a1")) is None
        assert [event.kind for event in unit.events.of(office_id("a1"))] == ["house_located", "house_forgotten"]
        assert "112" not in str([event.payload for event in unit.events.of("t1")])
    with pytest.raises(InputError):
        planning.locate("a1", "t1", "di dekat masjid")
