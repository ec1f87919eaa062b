from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit
from support.plans import KASI

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.reports import Element, IkdOutcome, SurveyAnswer
from ui.presenters.visits.visits import ikd_form, ikd_target_form, survey_form


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS)
        yield kit


def test_nothing_is_preselected_and_what_was_said_stands_there_again(kit: Kit) -> None:
    form = ikd_form(kit.context, "t1")
    assert [field.text for field in form.load()] == ["", ""]
    with pytest.raises(InputError):
        form.keep({"outcome": "", "reason": ""})
    with pytest.raises(InputError) as refused:
        form.keep({"outcome": "refused", "reason": ""})
    assert refused.value.problem.field_name == "reason"
    form.keep({"outcome": "refused", "reason": "belum mau"})
    assert [field.text for field in ikd_form(kit.context, "t1").load()] == [IkdOutcome.REFUSED.value, "belum mau"]


def test_the_target_is_a_number(kit: Kit) -> None:
    form = ikd_target_form(kit.context_of(KASI), "a1")
    assert form.load()[0].text == ""
    form.keep({"count": "25"})
    assert form.load()[0].text == "25"


def test_the_survey_wants_every_element_and_keeps_where_it_came_from(kit: Kit) -> None:
    form = survey_form(kit.context, "a1")
    values = {field.name: field.text for field in form.load()}
    assert {values[each.value] for each in Element} == {""}
    with pytest.raises(InputError, match=r"survey\.scores"):
        form.keep({**values, "cost": "4"})
    form.keep({**{each.value: "3" for each in Element}, "cost": "4", "from": "paper"})
    with kit.store.read() as unit:
        (kept,) = unit.repository(SurveyAnswer).of("a1")
    assert (kept.scores, kept.is_from_paper) == ((3, 3, 3, 4, 3, 3, 3, 3, 3), True)


def test_who_may_not_ask_is_told_so(kit: Kit) -> None:
    keeper = kit.context_of(PENGURUS)
    for form in (ikd_form(keeper, "t1"), ikd_target_form(keeper, "a1"), survey_form(keeper, "a1")):
        assert form.load() == ()
        with pytest.raises(RuleError):
            form.keep({})
