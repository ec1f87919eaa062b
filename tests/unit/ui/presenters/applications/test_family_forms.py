from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS
from support.cards_sent import LOKET
from support.counter import Counter, for_kk
from support.drafts import form_on, problem_of
from support.families import FAMILY, SUAMI
from support.tasks import SameThread, Steps

from ui.presenters.applications.family_forms import member_form
from ui.presenters.form import Form, FormPresenter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    yield counter
    counter.close()


@pytest.fixture
def at(counter: Counter) -> str:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(at)
    return at


def begun(counter: Counter, form: Form) -> FormPresenter:
    presenter = form_on(counter.context(PETUGAS), form, SameThread(), Steps())
    presenter.start()
    return presenter


def filled(counter: Counter, form: Form, **typed: str) -> FormPresenter:
    presenter = begun(counter, form)
    for name, text in typed.items():
        presenter.type(name, text)
    presenter.accept()
    return presenter


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
        filled(counter, member_form(counter.context(PETUGAS), at, place))
    assert counter.kit.context.office.families.family(at) == replace(FAMILY)
    filled(counter, member_form(counter.context(PETUGAS), at, 0), name="slamet  w")
    assert counter.kit.context.office.families.family(at).members[0] == replace(SUAMI, name="SLAMET W")


@pytest.mark.parametrize(
    ("typed", "code"),
    [({"nik": "12"}, "nik.not_16_digits"), ({"religion": ""}, "typed.not_chosen"), ({"mother": ""}, "biodata.no_name")],
)
def test_what_is_wrong_keeps_the_form(counter: Counter, at: str, typed: dict[str, str], code: str) -> None:
    presenter = filled(counter, member_form(counter.context(PETUGAS), at, 0), **{**HEAD, **typed})
    assert problem_of(presenter) == code
    assert counter.kit.context.office.families.family(at).members == ()
