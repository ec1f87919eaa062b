from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import ADMIN, KASI, KEPALA, furnish, plan
from support.tasks import SameThread, Steps

from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import Plan
from ui.presenters.parts import Stage
from ui.presenters.planning.plan import OFFICE, PlanPresenter
from ui.presenters.presenter import message

THURSDAY = date(2026, 12, 3)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KASI) as kit:
        furnish(kit, plan("a1", THURSDAY))
        yield kit


def opened(kit: Kit, user: User = KASI, tasks: SameThread | None = None) -> PlanPresenter:
    presenter = PlanPresenter(kit.context_of(user), tasks or SameThread(), Steps(), "a1")
    presenter.start()
    return presenter


def field(presenter: PlanPresenter, name: str) -> str:
    return next(shown.text for shown in presenter.state.fields if shown.name == name)


def refused(presenter: PlanPresenter) -> dict[str, object]:
    return {command.name: command.refused for command in presenter.state.bar.actions}


def test_the_planner_writes_all_but_the_direction_and_a_reader_nothing(kit: Kit) -> None:
    assert refused(opened(kit))["accept"] == ""
    locked = {
        user.user_id: [shown.name for shown in opened(kit, user).state.fields if shown.refused]
        for user in (KASI, KEPALA, PETUGAS)
    }
    every = ["days", "starts", "way", "vehicle", "companions", "note", "direction"]
    assert locked == {KASI.user_id: ["direction"], KEPALA.user_id: every[:-1], PETUGAS.user_id: every}
    assert [shown.name for shown in opened(kit).state.fields if shown.hint] == ["days"]


def test_what_is_refused_is_not_even_tried(kit: Kit) -> None:
    kept = kit.context.office.planning.plan("a1")
    for user in (KEPALA, PETUGAS, ADMIN):
        presenter = opened(kit, user)
        presenter.accept()
        assert presenter.state.problem is None
    for user in (PETUGAS, ADMIN):
        presenter = opened(kit, user)
        presenter.approve()
        assert presenter.state.problem is None
    planner = opened(kit)
    planner.type_field("note", "Bawa genset")
    planner.approve()
    assert (planner.state.problem, kit.context.office.planning.plan("a1")) == (None, kept)


def test_who_does_not_plan_has_no_draft_of_their_own(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.repository(Plan).save(plan("a1", THURSDAY, team=("s1", "gone")))
    assert refused(opened(kit))["approve"] == message("rencana.save_first")
    assert refused(opened(kit, KEPALA)) == {"direct": "", "approve": ""}
    assert opened(kit, KEPALA).state.tag != opened(kit).state.tag


def test_while_nothing_is_read_nothing_was_typed(kit: Kit) -> None:
    tasks = SameThread("store")
    presenter = opened(kit, tasks=tasks)
    assert presenter.typed() == {}
    tasks.release("store")
    presenter.type_field("note", "Bawa genset")
    presenter.refresh()
    assert presenter.typed() == {}
    tasks.release("store")
    assert presenter.typed() == {"note": "Bawa genset"}


def test_what_is_typed_last_stays_when_the_screen_comes_back(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("note", "Bawa genset")
    presenter.settle()
    presenter.type_field("note", "Bawa tenda")
    presenter.start()
    assert field(presenter, "note") == "Bawa tenda"


def test_a_draft_that_somebody_else_saved_alike_is_forgotten(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("note", "Bawa genset")
    presenter.settle()
    planning = kit.context.office.planning
    kept = planning.plan("a1")
    assert kept is not None
    planning.save(replace(kept, note="Bawa genset"))
    presenter.start()
    presenter.settle()
    assert kit.context.drafts.mine() == []


def test_coordinates_stay_while_the_cursor_stays_and_when_the_plan_is_saved(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.choose_house("t3")
    presenter.type_spot("-8.1, 112.1")
    for same in ("t3", ""):
        presenter.choose_house(same)
        assert presenter.state.spot is not None
        assert presenter.state.spot.text == "-8.1, 112.1"
    presenter.type_field("note", "Bawa genset")
    presenter.accept()
    again = opened(kit)
    assert again.typed() == {"spot": "-8.1, 112.1", "house": "t3"}
    assert again.state.spot is not None
    assert again.state.spot.label == message("rencana.spot", name="DIMAS")
    again.choose_house("t1")
    assert again.state.spot.text == ""


def test_the_office_of_the_desa_has_its_own_coordinates(kit: Kit) -> None:
    presenter = opened(kit)
    assert presenter.state.spot is not None
    assert presenter.state.spot.label == message("rencana.spot_office")
    presenter.type_spot("-8.1, 112.1")
    presenter.keep_spot()
    basis = kit.context.office.planning.basis("a1")
    assert (str(basis.office), set(basis.spots) & {"t1", OFFICE}) == ("-8.100000, 112.100000", set())
    presenter.choose_house("t1")
    presenter.choose_house(OFFICE)
    assert presenter.state.spot.text == "-8.100000, 112.100000"


def test_a_spot_that_cannot_be_read_is_told_at_its_field_and_all_else_above(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_spot("di sana")
    presenter.keep_spot()
    assert presenter.state.spot is not None
    assert (bool(presenter.state.spot.problem), presenter.state.retry) == (True, None)
    presenter.type_spot("di situ")
    assert not presenter.state.spot.problem
    with kit.store.write() as unit:
        unit.repository(Plan).save(plan("a2", THURSDAY))
    presenter.accept()
    assert presenter.state.problem is not None
    assert (presenter.state.retry and presenter.state.retry.name, presenter.state.spot.problem) == ("refresh", "")


def test_a_person_or_kit_is_put_in_and_taken_out(kit: Kit) -> None:
    presenter = opened(kit)
    on = []
    for name in ("s1", "s3", "s1"):
        presenter.toggle_person(name)
        on.append([line.name for line in presenter.state.team if line.is_on])
    assert on == [["s2"], ["s2", "s3"], ["s2", "s3", "s1"]]


def test_the_screen_is_busy_until_what_was_kept_is_read(kit: Kit) -> None:
    presenter, stages = opened(kit), list[Stage]()
    presenter.listen(lambda state: stages.append(state.stage))
    presenter.accept()
    assert stages[1:] == [Stage.BUSY, Stage.CONTENT, Stage.CONTENT, Stage.BUSY, Stage.CONTENT]
