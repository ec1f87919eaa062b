from __future__ import annotations

import pytest
from support.activities import step_of
from support.app_context import Kit
from support.drafts import form_on
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import RuleError
from fieldkit.domain.sop.run import StepState
from ui.presenters.form import FormPresenter
from ui.presenters.planning.step_form import StepAct, step_at, step_form


@pytest.fixture
def kit(sop_kit: Kit) -> Kit:
    return sop_kit


def do(kit: Kit, act: StepAct, no: int, **texts: str) -> None:
    form = step_form(kit.context, "x", no, act)
    form.keep({**{field.name: field.text for field in form.load()}, **texts})


def test_what_no_program_knows_is_ticked_one_by_one_or_all(kit: Kit) -> None:
    for no in (1, 2):
        do(kit, StepAct.SKIP, no, reason="lisan")
    (asked,) = step_form(kit.context, "x", 3, StepAct.TICK).load()
    assert [choice.name for choice in asked.choices] == ["*", "Kalender", "Data sasaran"]
    do(kit, StepAct.TICK, 3, chosen="Kalender")
    assert "input Kalender" not in step_of(kit, 3).missing
    assert "input Data sasaran" in step_of(kit, 3).missing
    kit.context.office.sop.repeat("x", 2, "lagi")
    do(kit, StepAct.TICK, 3, chosen="*")
    assert not any(each.startswith("input") for each in step_of(kit, 3).missing)


def test_what_overrides_needs_its_reason(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do(kit, StepAct.SKIP, 4, reason="  ")
    do(kit, StepAct.SKIP, 4, reason="petugas sakit")
    assert (step_of(kit, 4).state, step_of(kit, 4).now.reason) == (StepState.SKIPPED, "petugas sakit")
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do(kit, StepAct.REPEAT, 4)
    do(kit, StepAct.REPEAT, 4, reason="alat rusak")
    do(kit, StepAct.NOTE, 4, text="tukar alat")
    assert (len(step_of(kit, 4).rounds), step_of(kit, 4).notes[0].text) == (2, "tukar alat")


def test_an_sop_is_begun_as_chosen(kit: Kit) -> None:
    profiles = kit.context.office.sop.chosen()
    form = step_form(kit.context, "a1", 0, StepAct.BEGIN)
    (asked,) = form.load()
    assert [choice.name for choice in asked.choices] == [profile.sop_id for profile in profiles]
    assert asked.text == profiles[0].sop_id
    with pytest.raises(RuleError, match=r"sop\.unknown"):
        step_at(kit.context, "a1", 1)
    form.keep({"chosen": profiles[1].sop_id})
    view = kit.context.office.sop.view("a1")
    assert view is not None
    assert view.sop_id == profiles[1].sop_id
    assert step_at(kit.context, "a1", 1).no == 1


def noting(kit: Kit, no: int) -> FormPresenter:
    form = step_form(kit.context, "x", no, StepAct.NOTE)
    presenter = form_on(kit.context, form, SameThread(), Steps(), f"step_form-{no}")
    presenter.start()
    return presenter


def test_what_is_typed_about_a_step_survives_esc_and_a_kill(kit: Kit) -> None:
    presenter = noting(kit, 3)
    presenter.type("text", "jembatan putus")
    presenter.stop()
    assert noting(kit, 4).state.fields[0].text == ""  # another step
    again = noting(kit, 3)
    assert (again.state.fields[0].text, bool(again.state.restored)) == ("jembatan putus", True)
    again.throw_away()
    assert (again.state.fields[0].text, list(kit.context.drafts.mine())) == ("", [])
    again.take_back()
    again.accept()
    assert step_of(kit, 3).notes[0].text == "jembatan putus"
    assert list(kit.context.drafts.mine()) == []
