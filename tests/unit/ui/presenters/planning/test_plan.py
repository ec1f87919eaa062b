from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import KASI, KEPALA, furnish, plan
from support.tasks import SameThread, Steps

from fieldkit.domain.people import User
from fieldkit.domain.sarpras import Condition, SarprasItem, SarprasKind, SarprasKit
from ui.presenters.parts import Stage
from ui.presenters.planning.plan import OFFICE, PlanForm, PlanPresenter
from ui.presenters.presenter import message

THURSDAY = date(2026, 12, 3)


@pytest.fixture
def kits(tmp_path: Path) -> Iterator[list[Kit]]:
    made: list[Kit] = []
    yield made
    for kit in made:
        kit.store.close()


def seated(kits: list[Kit], folder: Path, user: User, *days: date) -> Kit:
    kit = Kit(folder / user.user_id, user)
    furnish(kit, *((plan("a1", *days),) if days else ()))
    kits.append(kit)
    return kit


def opened(kit: Kit, steps: Steps | None = None, activity_id: str = "a1") -> PlanPresenter:
    presenter = PlanPresenter(kit.context, SameThread(), steps or Steps(), activity_id)
    presenter.start()
    return presenter


def field(presenter: PlanPresenter, name: str) -> str:
    return next(shown.text for shown in presenter.state.fields if shown.name == name)


def test_a_draft_is_proposed_typed_and_saved_with_what_was_seen(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI)
    presenter = opened(kit)
    assert field(presenter, "days") == "23-11-2026"
    assert [told.key for told in presenter.state.conflicts] == ["rencana.no_team"]
    assert presenter.state.bar.actions[-1].words == message("rencana.save_anyway")
    presenter.type_field("days", "3-12-2026")
    presenter.toggle_person("s1")
    presenter.toggle_person("s2")
    presenter.move_house("t2", -1)
    presenter.accept()
    kept = kit.context.office.planning.plan("a1")
    assert kept is not None
    assert (kept.days, kept.team, kept.route[:2]) == ((THURSDAY,), ("s1", "s2"), ("t2", "t1"))
    assert presenter.state.toast is not None
    assert presenter.state.bar.actions[-1].words == message("common.save")
    presenter.toggle_person("s1")
    assert kit.context.office.planning.plan("a1") == kept


def test_a_field_that_cannot_be_read_keeps_the_plan_from_being_saved(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI)
    presenter = opened(kit)
    presenter.type_field("starts", "pagi")
    assert presenter.state.bar.actions[-1].refused == message("rencana.unreadable")
    presenter.accept()
    assert kit.context.office.planning.plan("a1") is None
    presenter.type_field("starts", "9")
    presenter.accept()
    assert kit.context.office.planning.plan("a1") is not None


def test_a_plan_that_came_between_is_shown_instead_of_overridden(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI)
    presenter = opened(kit)
    presenter.type_field("days", "3-12-2026")
    kit.context.office.planning.save(plan("a2", THURSDAY))
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "plan.conflicts"
    assert presenter.state.stage is Stage.CONTENT
    presenter.start()
    told = next(each for each in presenter.state.conflicts if each.key == "rencana.kit_taken")
    taken = {"day": "03-12-2026", "subject": "Kit 07", "other": "Jemput bola Desa Plumpungrejo"}
    assert told.params == told.params | taken


def test_terrain_rhythm_and_proposals_fill_their_fields(kits: list[Kit], tmp_path: Path) -> None:
    presenter = opened(seated(kits, tmp_path, KASI))
    presenter.choose_terrain("remote")
    assert (field(presenter, "way"), presenter.state.terrain) == ("90", "remote")
    presenter.propose()
    assert field(presenter, "days") == "23-11-2026, 30-11-2026"
    presenter.choose_rhythm("daily")
    assert field(presenter, "days") == "23-11-2026, 24-11-2026"
    presenter.toggle_kit("k1")
    assert "rencana.no_kit" in [told.key for told in presenter.state.conflicts]


def test_an_approved_plan_is_not_approved_twice_nor_a_changed_one(kits: list[Kit], tmp_path: Path) -> None:
    presenter = opened(seated(kits, tmp_path, KASI))
    presenter.approve()
    assert presenter.state.bar.actions[2].refused == message("rencana.save_first")
    presenter.accept()
    presenter.approve()
    assert presenter.state.bar.actions[2].refused == message("rencana.no_team")
    presenter.toggle_person("s1")
    presenter.accept()
    presenter.approve()
    assert presenter.state.bar.actions[2].refused == message("rencana.approved_already")
    presenter.type_field("note", "Bawa genset")
    assert presenter.state.bar.actions[2].refused == message("rencana.save_first")
    presenter.refresh()
    assert field(presenter, "note") == "Bawa genset"
    presenter.throw_away()
    assert field(presenter, "note") == ""


def test_the_head_directs_and_approves_what_was_saved(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KEPALA, THURSDAY)
    presenter = opened(kit)
    assert [action.name for action in presenter.state.bar.actions] == ["direct", "approve"]
    assert [shown.name for shown in presenter.state.fields if not shown.refused] == ["direction"]
    presenter.type_field("direction", "Utamakan lansia")
    presenter.direct()
    presenter.approve()
    presenter.accept()
    kept = kit.context.office.planning.plan("a1")
    assert kept is not None
    assert (kept.direction, kept.directed_by, kept.approved_by) == ("Utamakan lansia", "u7", "u7")


def test_without_a_plan_the_head_waits_and_the_petugas_only_reads(kits: list[Kit], tmp_path: Path) -> None:
    head = opened(seated(kits, tmp_path, KEPALA))
    assert [action.refused for action in head.state.bar.actions] == [message("rencana.save_first")] * 2
    petugas = opened(seated(kits, tmp_path, PETUGAS, THURSDAY))
    assert petugas.state.bar.actions == ()
    assert petugas.state.bar.note == message("rencana.not_planner")
    petugas.accept()


def test_coordinates_are_kept_for_the_house_under_the_cursor(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI)
    presenter = opened(kit)
    presenter.choose_house("t3")
    presenter.type_spot("112.1, -8.1")
    presenter.keep_spot()
    assert presenter.state.spot is not None
    assert presenter.state.spot.problem
    presenter.type_spot("-8.1, 112.1")
    presenter.keep_spot()
    assert "t3" in kit.context.office.planning.basis("a1").spots
    assert presenter.state.spot.text == "-8.100000, 112.100000"
    presenter.choose_house(OFFICE)
    assert presenter.state.spot.text == ""
    presenter.by_distance()
    assert presenter.state.route[1].name == "t3"


def test_a_draft_survives_a_look_at_another_screen(kits: list[Kit], tmp_path: Path) -> None:
    steps = Steps()
    presenter = opened(seated(kits, tmp_path, KASI), steps)
    presenter.type_field("note", "Bawa genset")
    for command in presenter.state.keyed:
        presenter.perform(command)
    presenter.start()
    assert field(presenter, "note") == "Bawa genset"
    presenter.back()
    assert steps.taken == [("push", "staff"), ("push", "calendar_days"), ("back",)]


def test_an_activity_that_is_gone_says_so(kits: list[Kit], tmp_path: Path) -> None:
    presenter = opened(seated(kits, tmp_path, KASI), activity_id="gone")
    assert presenter.state.stage is Stage.ERROR


def test_what_was_planned_and_not_saved_survives_esc_and_a_kill(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI, THURSDAY)
    presenter = opened(kit)
    route = [line.name for line in presenter.state.route]
    presenter.type_field("starts", "pagi")
    presenter.type_field("note", "Bawa genset")
    presenter.toggle_person("s1")
    presenter.choose_rhythm("daily" if presenter.state.rhythm != "daily" else "weekly")
    rhythm = presenter.state.rhythm
    presenter.move_house(route[2], -1)
    presenter.choose_house(route[2])
    presenter.type_spot("-8.1, 112.2")
    presenter.settle()  # half a second without a key, then the program is killed
    again = opened(kit)
    assert again.state.restored
    assert (field(again, "starts"), field(again, "note"), again.state.rhythm) == ("pagi", "Bawa genset", rhythm)
    assert [line.is_on for line in again.state.team] == [line.is_on for line in presenter.state.team]
    assert [line.name for line in again.state.route] == [line.name for line in presenter.state.route]
    assert again.state.spot is not None
    assert again.state.spot.text == "-8.1, 112.2"
    again.keep_spot()
    again.type_field("starts", "9")
    again.accept()
    kept = kit.context.office.planning.plan("a1")
    assert kept is not None
    assert kept.note == "Bawa genset"
    assert list(kit.context.drafts.mine()) == []
    assert opened(kit).state.restored == ""


def test_a_keystroke_changes_the_plan_or_marks_the_field() -> None:
    kept = plan("a1", THURSDAY)
    form, changed = PlanForm.of(kept).typed(kept, "starts", "9.15")
    assert (changed.starts, form.problems) == (time(9, 15), {})
    form, _ = form.typed(changed, "way", "jauh")
    form, same = form.typed(changed, "starts", "9.1x")
    assert same == changed
    assert {name: problem.code for name, problem in form.problems.items()} == {
        "way": "typed.whole",
        "starts": "typed.clock_time",
    }
    assert form.values["starts"] == "9.1x"
    form = form.shows(changed, "starts")
    assert (form.values["starts"], form.values["way"], list(form.problems)) == ("09.15", "jauh", ["way"])
    form, _ = form.typed(changed, "way", "30")
    assert form.problems == {}


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("days", "10-12-2026", "days", (date(2026, 12, 10),)),
        ("way", "75", "way_minutes", 75),
        ("vehicle", " AG 1 ", "vehicle", "AG 1"),
        ("companions", "Kader", "companions", "Kader"),
        ("note", "Genset", "note", "Genset"),
        ("direction", "Lansia dulu", "direction", "Lansia dulu"),
    ],
)
def test_each_field_has_its_place(name: str, text: str, field: str, value: object) -> None:
    kept = plan("a1", THURSDAY)
    assert getattr(PlanForm.of(kept).typed(kept, name, text)[1], field) == value


def test_a_kit_tells_what_is_lost_of_it_and_why_the_plan_is_not_approved(kits: list[Kit], tmp_path: Path) -> None:
    kit = seated(kits, tmp_path, KASI, THURSDAY)
    lost = SarprasItem("f1", SarprasKind.FINGERPRINT_SCANNER, "Pemindai jari", is_critical=True)
    with kit.store.write() as unit:
        unit.repository(SarprasItem).save(replace(lost, condition=Condition.HILANG))
        unit.repository(SarprasKit).save(SarprasKit("k1", "Kit 07", ("f1",)))
    presenter = opened(kit)
    without = message("rencana.kit_without", items="Pemindai jari")
    assert {line.name: line.detail for line in presenter.state.kits} == {"k1": without, "k2": ""}
    (told,) = [each for each in presenter.state.conflicts if each.key == "rencana.kit_lacks"]
    assert told.params["subject"] == "Kit 07"
    presenter.accept()
    assert next(each for each in presenter.state.bar.actions if each.name == "approve").refused == without
