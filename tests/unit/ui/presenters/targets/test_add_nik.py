from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import NO_NIK
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.typed import DraftName
from ui.presenters.form import Drafting
from ui.presenters.presenter import Action
from ui.presenters.targets.targets import add_nik_form
from ui.presenters.visits.visit import VisitAtDoor
from ui.presenters.work_form import WorkFormPresenter

LATER = {"nik": "3505120303500004", "number": "3505120101200004", "paper": "kk"}


@pytest.fixture
def target(kit: Kit) -> Target:
    who = replace(TARGETS[0].biodata, nik=NO_NIK, name="PONIMAN")
    return kit.context.office.visits.walk_in("a1", who, ServiceCategory.UMUM)


def test_the_form_says_in_whose_place_the_nik_comes(kit: Kit, target: Target) -> None:
    form = add_nik_form(kit.context, target.target_id)
    nik, _number, paper = form.load()
    assert "SMT-KIT-07-0001" in repr(nik.hint)
    assert paper.text == "", "nobody guesses the paper"
    form.keep(LATER)
    assert kit.context.visits.target(target.target_id).biodata.nik.digits == LATER["nik"]


def test_what_is_missing_is_said_at_its_field(kit: Kit, target: Target) -> None:
    form = add_nik_form(kit.context, target.target_id)
    for wrong, field in (({"nik": "12"}, "nik"), ({"paper": ""}, "paper")):
        with pytest.raises(InputError) as refused:
            form.keep({**LATER, **wrong})
        assert refused.value.problem.field_name == field
    assert kit.context.visits.target(target.target_id).biodata.nik.is_provisional


def test_another_role_reads_why_it_cannot(kit: Kit, target: Target) -> None:
    printer = kit.context_of(User("u6", "Tri", Role.OPERATOR_CETAK))
    form = add_nik_form(printer, target.target_id)
    assert form.load() == ()
    with pytest.raises(RuleError):
        form.keep({})


def test_the_card_of_the_visit_leads_there_as_long_as_there_is_no_nik(
    kit: Kit, target: Target, tasks: SameThread, steps: Steps
) -> None:
    def adds(target_id: str) -> list[object]:
        drafting = Drafting(kit.context, tasks, DraftName("visit", {"target_id": target_id}))
        form = VisitAtDoor(kit.context, tasks, steps, target_id).form()
        presenter = WorkFormPresenter(form, tasks, steps, drafting)
        presenter.start()
        return [each.runs for each in presenter.state.bar.actions if each.act is Action.ADD]

    assert adds("t1") == []
    (add,) = adds(target.target_id)
    assert callable(add)
    add()
    assert steps.taken == [("push", "add_nik", target.target_id)]
