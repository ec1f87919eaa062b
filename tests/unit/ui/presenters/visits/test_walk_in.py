from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import TARGETS, Kit

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import ServiceCategory
from ui.presenters.form import Form
from ui.presenters.messages import message
from ui.presenters.visits.walk_in import NO_NIK_YET, NOT_KNOWN, walk_in_form

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
    form.keep(values(form, **{**PONIMAN, "nik": "3505120303500012", "no_kk": "3505120101200004"}))
    assert [each.biodata.no_kk.digits for each in kit.context.visits.targets("a1") if each.is_walk_in][1:] == [
        "3505120101200004"
    ]


def test_where_nobody_lives_yet_no_village_is_proposed(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        kit.plan()
        forms = [walk_in_form(kit.context, "a1", without_nik=without) for without in (False, True)]
        assert [form.title for form in forms] == [message("field.walk_in"), message("field.without_nik")]
        assert {field.text for field in forms[0].load() if field.name in ("village", "street", "rt")} == {""}


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


WITHOUT = {name: text for name, text in PONIMAN.items() if name != "nik"}


def test_who_has_no_nik_yet_is_taken_in_with_a_number_of_the_kit(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1", without_nik=True)
    assert not {"nik", "no_kk"} & {field.name for field in form.load()}
    for known in (NO_NIK_YET, NOT_KNOWN):
        form.keep(values(form, **WITHOUT, known=known))
    added = [target.biodata for target in kit.context.visits.targets("a1") if target.is_walk_in]
    assert [who.nik.digits for who in added] == ["SMT-KIT-07-0001", "SMT-KIT-07-0002"]
    with pytest.raises(InputError) as refused:
        form.keep(values(form, **WITHOUT))
    assert refused.value.problem.field_name == "known"


def test_what_somebody_unknown_cannot_tell_is_offered_in_words(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1", without_nik=True)
    for known, name in ((NOT_KNOWN, "TIDAK DIKENAL"), (NO_NIK_YET, "")):
        fields = tuple(replace(each, text=known) if each.name == "known" else each for each in form.load())
        assert {field.name: field.text for field in form.adapt(fields)}["name"] == name
        told = tuple(replace(each, text="PAK TUA") if each.name == "name" else each for each in fields)
        assert {field.name: field.text for field in form.adapt(told)}["name"] == "PAK TUA"
