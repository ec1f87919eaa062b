from __future__ import annotations

from dataclasses import replace

import pytest
from support.activities import step_of
from support.app_context import Kit

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import RuleError
from fieldkit.domain.sop.run import StepState
from ui.presenters.planning.sop_figures import FormKind, StepForm
from ui.presenters.planning.step_form import begin_form, do_form, form_of, next_choice, typed


@pytest.fixture
def kit(sop_kit: Kit) -> Kit:
    return sop_kit


def form(kit: Kit, kind: FormKind, no: int, **texts: str) -> StepForm:
    filled = form_of(kind, step_of(kit, no))
    for name, text in texts.items():
        filled = typed(filled, name, text)
    return filled


def test_what_no_program_knows_is_ticked_one_by_one_or_all(kit: Kit) -> None:
    for no in (1, 2):
        do_form(kit.context, "x", no, form(kit, FormKind.SKIP, no, reason="lisan"))
    asked = form(kit, FormKind.TICK, 3)
    assert [choice.name for choice in asked.choices] == ["*", "Kalender", "Data sasaran"]
    do_form(kit.context, "x", 3, replace(asked, chosen="Kalender"))
    assert "input Kalender" not in step_of(kit, 3).missing
    assert "input Data sasaran" in step_of(kit, 3).missing
    kit.context.office.sop.repeat("x", 2, "lagi")
    do_form(kit.context, "x", 3, replace(asked, chosen="*"))
    assert not any(each.startswith("input") for each in step_of(kit, 3).missing)


def test_what_overrides_needs_its_reason(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do_form(kit.context, "x", 4, form(kit, FormKind.SKIP, 4, reason="  "))
    do_form(kit.context, "x", 4, form(kit, FormKind.SKIP, 4, reason="petugas sakit"))
    assert (step_of(kit, 4).state, step_of(kit, 4).now.reason) == (StepState.SKIPPED, "petugas sakit")
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do_form(kit.context, "x", 4, form(kit, FormKind.REPEAT, 4))
    do_form(kit.context, "x", 4, form(kit, FormKind.REPEAT, 4, reason="alat rusak"))
    do_form(kit.context, "x", 4, form(kit, FormKind.NOTE, 4, text="tukar alat"))
    assert (len(step_of(kit, 4).rounds), step_of(kit, 4).notes[0].text) == (2, "tukar alat")


def test_an_sop_is_begun_as_chosen(kit: Kit) -> None:
    profiles = own_profiles()
    asked = begin_form(profiles, "si_jaran_ijo")  # an unknown one
    assert asked.chosen == profiles[0].sop_id
    assert begin_form(profiles, profiles[2].sop_id).chosen == profiles[2].sop_id
    do_form(kit.context, "a1", 0, replace(asked, chosen=profiles[1].sop_id))
    view = kit.context.office.sop.view("a1")
    assert view is not None
    assert view.sop_id == profiles[1].sop_id
    assert next_choice(begin_form((), ""), 1).chosen == ""
