from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.plans import KASI, KEPALA
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.sop.run import SopRun
from ui.presenters.messages import message
from ui.presenters.planning.new_activity import NO_SOP, NewActivityPresenter


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None) -> NewActivityPresenter:
    presenter = NewActivityPresenter(kit.context, SameThread(), steps or Steps())
    presenter.start()
    return presenter


def test_the_office_begins_an_activity_with_its_sop_and_goes_on_to_the_plan(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    assert [field.text for field in presenter.state.fields] == ["", "", "23-11-2026"]
    presenter.accept()
    assert presenter.state.bar.actions[0].refused == message("rencana.new_unnamed")
    presenter.type_field("name", "Jemput bola SMAN 1")
    presenter.type_field("place", "SMAN 1 Purwodadi")
    presenter.type_field("on", "3-12-2026")
    presenter.choose_sop("grobogan_jemput_bola")
    presenter.choose_mode("daring")
    presenter.accept()
    (_, screen, activity_id) = steps.taken[-1]
    assert (steps.taken[-1][0], screen) == ("replace", "plan")
    with kit.store.read() as unit:
        begun = unit.activities.get(activity_id)
        run = unit.repository(SopRun).get(activity_id)
    assert (begun.place, begun.on, begun.mode) == ("SMAN 1 Purwodadi", date(2026, 12, 3), ModePerekaman.DARING)
    assert run.profile.sop_id == "grobogan_jemput_bola"


def test_an_activity_may_follow_no_sop(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    presenter.choose_sop(NO_SOP)
    presenter.type_field("name", "A")
    presenter.type_field("place", "B")
    presenter.accept()
    with kit.store.read() as unit:
        assert unit.repository(SopRun).find(steps.taken[-1][2]) is None


def test_one_day_that_can_be_read_is_wanted(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("name", "A")
    presenter.type_field("place", "B")
    for text in ("besok", "", "3-12-2026, 4-12-2026"):
        presenter.type_field("on", text)
        assert presenter.state.fields[2].problem.code == ("typed.day" if text else "typed.empty")
        presenter.accept()
    with kit.store.read() as unit:
        assert unit.activities.all() == []


@pytest.mark.parametrize("user", [PETUGAS, KEPALA])
def test_who_does_not_plan_is_told_who_does(tmp_path: Path, user: object) -> None:
    kit = Kit(tmp_path, user)  # type: ignore[arg-type]
    steps = Steps()
    presenter = opened(kit, steps)
    presenter.type_field("name", "A")
    presenter.type_field("place", "B")
    assert presenter.state.bar.actions[0].refused == message("rencana.not_planner")
    presenter.accept()
    presenter.back()
    assert steps.taken == [("back",)]
    kit.store.close()


def test_an_activity_that_was_not_begun_stands_there_again(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type_field("name", "Jemput bola SMAN 1")
    presenter.choose_sop(NO_SOP)
    presenter.choose_mode(ModePerekaman.DARING.value)
    presenter.stop()
    again = opened(kit)
    assert again.typed() == presenter.typed()
    assert again.state.restored
    again.type_field("place", "SMAN 1")
    again.accept()
    assert kit.context.drafts.mine() == []
