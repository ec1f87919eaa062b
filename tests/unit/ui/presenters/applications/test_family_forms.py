from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import Counter, for_kk
from support.drafts import filled, problem_of
from support.families import FAMILY, SUAMI

from ui.presenters.applications.family_forms import member_form


@pytest.fixture
def at(counter: Counter) -> str:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    return at


HEAD = {
    "sex": "P",
    "birth_place": "Grobogan",
    "birth_date": "05-07-1990",
    "marital_status": "2",
    "religion": "1",
    "education": "5",
    "occupation": "2",
    "blood_type": "13",
    "father": "wagimin",
    "mother": "tuminah",
}


def test_member_comes_back_into_its_form_as_it_was_entered(counter: Counter, at: str) -> None:
    counter.by(PETUGAS)
    counter.kit.context.office.families.keep(at, FAMILY)
    for place in range(len(FAMILY.members)):
        filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, place))
    assert counter.kit.context.office.families.family(at) == replace(FAMILY)
    filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, 0), name="slamet  w")
    assert counter.kit.context.office.families.family(at).members[0] == replace(SUAMI, name="SLAMET W")


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"nik": "12"}, "nik.not_16_digits"), ({"religion": ""}, "typed.not_chosen"), ({"mother": ""}, "biodata.no_name")],
)
def test_what_is_wrong_keeps_the_form(counter: Counter, at: str, typed: dict[str, str], code: str) -> None:
    presenter = filled(counter.context(PETUGAS), member_form(counter.context(PETUGAS), at, 0), **{**HEAD, **typed})
    assert problem_of(presenter) == code
    assert counter.kit.context.office.families.family(at).members == ()
