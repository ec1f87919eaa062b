from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import TARGETS, Kit
from support.sops import SMALL

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.sop.run import StepState
from fieldkit.services.sop.view import StepView
from ui.presenters.planning.sop_figures import FormKind, StepForm
from ui.presenters.planning.step_form import begin_form, do_form, form_of, next_choice, typed

KASI = User("u7", "Dewi", Role.KASI)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    add_activity(kit, "x", SMALL)
    yield kit
    kit.store.close()


def step(kit: Kit, no: int) -> StepView:
    view = kit.context.office.sop.view("x")
    assert view is not None
    return view.steps[no - 1]


def form(kit: Kit, kind: FormKind, no: int, **texts: str) -> StepForm:
    filled = form_of(kind, step(kit, no))
    for name, text in texts.items():
        filled = typed(filled, name, text)
    return filled


def test_what_no_program_knows_is_ticked_one_by_one_or_all(kit: Kit) -> None:
    for no in (1, 2):
        do_form(kit.context, "x", no, form(kit, FormKind.SKIP, no, reason="lisan"))
    asked = form(kit, FormKind.TICK, 3)
    assert [choice.name for choice in asked.choices] == ["*", "Kalender", "Data sasaran"]
    do_form(kit.context, "x", 3, replace(asked, chosen="Kalender"))
    assert "input Kalender" not in step(kit, 3).missing
    assert "input Data sasaran" in step(kit, 3).missing
    kit.context.office.sop.repeat("x", 2, "lagi")
    do_form(kit.context, "x", 3, replace(asked, chosen="*"))
    assert not any(each.startswith("input") for each in step(kit, 3).missing)


def test_what_overrides_needs_its_reason(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do_form(kit.context, "x", 4, form(kit, FormKind.SKIP, 4, reason="  "))
    do_form(kit.context, "x", 4, form(kit, FormKind.SKIP, 4, reason="petugas sakit"))
    assert (step(kit, 4).state, step(kit, 4).now.reason) == (StepState.SKIPPED, "petugas sakit")
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do_form(kit.context, "x", 4, form(kit, FormKind.REPEAT, 4))
    do_form(kit.context, "x", 4, form(kit, FormKind.REPEAT, 4, reason="alat rusak"))
    do_form(kit.context, "x", 4, form(kit, FormKind.NOTE, 4, text="tukar alat"))
    assert (len(step(kit, 4).rounds), step(kit, 4).notes[0].text) == (2, "tukar alat")


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
