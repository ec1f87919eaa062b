from __future__ import annotations

from datetime import date

import pytest
from support.app_context import TARGETS, Kit

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import ServiceCategory
from ui.presenters.form import Form
from ui.presenters.visits.walk_in import walk_in_form

PONIMAN = {"nik": "3505120303500004", "name": " poniman  jaya", "birth_date": "3-3-1950", "rt": "002"} | {
    "sex": "L",
    "marital": "2",
}


def values(form: Form, **changed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | changed


def test_a_walk_in_lives_nearby_and_the_rest_is_asked_while_recording(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1")
    form.keep(values(form, **PONIMAN, category="lansia"))
    (added,) = (target for target in kit.context.visits.targets("a1") if target.is_walk_in)
    near, who = TARGETS[0].biodata.address, added.biodata
    assert (who.name, who.birth_date, added.category) == ("PONIMAN JAYA", date(1950, 3, 3), ServiceCategory.LANSIA)
    assert (who.address.village, who.address.region, who.address.rt) == (near.village, near.region, "002")
    assert (who.religion, who.no_kk.digits) == (0, "")


def test_what_cannot_be_is_refused_and_adds_nobody(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1")
    for wrong, error in (
        ({"nik": "123"}, InputError),
        ({"birth_date": "besok"}, InputError),
        ({"birth_date": "3-3-50"}, InputError),
        ({"sex": ""}, InputError),
        ({"marital": ""}, InputError),
        ({"name": " "}, InputError),
        ({"no_kk": "12"}, InputError),
        ({"nik": TARGETS[0].biodata.nik.digits}, RuleError),
    ):
        with pytest.raises(error):
            form.keep(values(form, **{**PONIMAN, **wrong}))
    assert len(kit.context.visits.targets("a1")) == len(TARGETS)
