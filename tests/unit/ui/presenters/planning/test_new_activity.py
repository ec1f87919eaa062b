from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.drafts import form_on, problem_of
from support.plans import KASI, KEPALA
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Perekaman
from ui.presenters.form import FormPresenter
from ui.presenters.planning.activities import new_activity_form
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None) -> FormPresenter:
    presenter = form_on(kit.context, new_activity_form(kit.context), SameThread(), steps or Steps(), "plan")
    presenter.start()
    return presenter


def test_the_office_begins_an_activity_with_its_sop_and_goes_on_to_the_plan(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    assert [field.text for field in presenter.state.fields[:3]] == ["", "", "23-11-2026"]
    presenter.accept()
    assert problem_of(presenter) == "plan.no_name_or_place"
    assert presenter.state.fields[0].problem, "the first of both is marked"
    presenter.type("name", "Jemput bola SMAN 1")
    presenter.type("place", "SMAN 1 Purwodadi")
    presenter.type("on", "3-12-2026")
    presenter.choose("sop", "grobogan_jemput_bola")
    presenter.choose("mode", "daring")
    presenter.accept()
    (way, screen, activity_id) = steps.taken[-1]
    assert (way, screen) == ("replace", "plan")
    with kit.store.read() as unit:
        begun = unit.activities.get(activity_id)
        run = unit.repository(SopRun).get(activity_id)
    assert (begun.place, begun.on, begun.mode) == ("SMAN 1 Purwodadi", date(2026, 12, 3), ModePerekaman.DARING)
    assert run.profile.sop_id == "grobogan_jemput_bola"


def test_a_counter_goes_on_to_its_sop_for_it_plans_no_day(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    for name, text in (("name", "Loket KK"), ("place", "Dinas"), ("sop", "grobogan_kk_wni")):
        (presenter.choose if name == "sop" else presenter.type)(name, text)
    presenter.accept()
    assert steps.taken[-1][:2] == ("replace", "activity")


def test_an_activity_may_follow_no_sop(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    presenter.choose("sop", presenter.state.fields[-2].choices[-1].name)
    presenter.type("name", "A")
    presenter.type("place", "B")
    presenter.accept()
    with kit.store.read() as unit:
        assert unit.repository(SopRun).find(steps.taken[-1][2]) is None


def test_one_day_that_can_be_read_is_wanted(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type("name", "A")
    presenter.type("place", "B")
    for text in ("besok", "", "3-12-2026, 4-12-2026"):
        presenter.type("on", text)
        presenter.accept()
        assert problem_of(presenter) == ("typed.day" if text else "typed.empty")
    with kit.store.read() as unit:
        assert unit.activities.all() == []


@pytest.mark.parametrize("user", [PETUGAS, KEPALA])
def test_who_does_not_plan_is_told_who_does(tmp_path: Path, user: object) -> None:
    kit = Kit(tmp_path, user)  # type: ignore[arg-type]
    presenter = opened(kit)
    assert (presenter.state.fields, presenter.state.hint) == ((), message("rencana.not_planner"))
    presenter.accept()
    assert presenter.state.problem is not None
    with kit.store.read() as unit:
        assert unit.activities.all() == []
    kit.store.close()


def test_an_activity_that_was_not_begun_stands_there_again(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type("name", "Jemput bola SMAN 1")
    presenter.choose("mode", ModePerekaman.DARING.value)
    presenter.stop()
    again = opened(kit)
    assert again.typed() == presenter.typed()
    assert again.state.restored
    again.type("place", "SMAN 1")
    again.accept()
    assert kit.context.drafts.mine() == []


def test_the_office_says_in_which_program_people_are_recorded(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    presenter.choose("perekaman", "resmi")
    presenter.type("name", "A")
    presenter.type("place", "B")
    presenter.accept()
    begun = str(steps.taken[-1][2])
    assert kit.context.office.trips.perekaman(begun) is Perekaman.RESMI
