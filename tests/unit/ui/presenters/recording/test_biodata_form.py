from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.kept import biodata

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.nik import Nik, Sex
from fieldkit.domain.recording.biodata import CODED_FIELDS, Citizenship, RequestType
from fieldkit.formats.rules import load_tables
from ui.presenters.presenter import message
from ui.presenters.recording.biodata_form import ADDRESS_FIELDS, BiodataForm

TABLES = load_tables()
WHO = replace(biodata("SULASTRI"), birth_place="BEKASI", mother_name="SITI", request=RequestType.REPEATED)


@pytest.fixture
def form() -> BiodataForm:
    return BiodataForm.of(WHO, TABLES)


def test_what_the_list_says_comes_out_as_it_went_in(form: BiodataForm) -> None:
    typed = {"nik", "no_kk", "name", "mother_name", "birth_place", "birth_date", "sex", "citizenship"}
    assert set(form.values) == {*typed, *CODED_FIELDS, *ADDRESS_FIELDS}
    assert form.read() == WHO, "what the form does not show stays too"
    assert not form.is_changed
    assert form.typed("rt", "009", TABLES).is_changed


@pytest.mark.parametrize("field", ["village", "mother_name"])
def test_an_empty_fact_is_marked_where_it_stands(form: BiodataForm, field: str) -> None:
    assert form.failed(Problem("biodata.empty", {"field": field})).wrong_field == field


@pytest.mark.parametrize("text", ["07-08-1979", "7/8/1979", "07.08.1979"])
def test_a_date_is_read_as_people_write_it(form: BiodataForm, text: str) -> None:
    assert form.typed("birth_date", text, TABLES).read().birth_date == date(1979, 8, 7)


def test_names_are_kept_in_capitals_and_letters_may_be_small(form: BiodataForm) -> None:
    typed = form.typed("name", " sulastri ", TABLES).typed("sex", "l", TABLES).typed("citizenship", "wna", TABLES)
    read = typed.read()
    assert (read.name, read.sex, read.citizenship) == ("SULASTRI", Sex.MALE, Citizenship.WNA)


def test_codes_are_worded_while_they_are_typed(form: BiodataForm) -> None:
    assert form.wordings["religion"] == "ISLAM"
    assert form.wordings["sex"] == message("biodata.sex_p")
    assert form.typed("religion", "3", TABLES).wordings["religion"] == "KATHOLIK"
    assert form.typed("religion", "99", TABLES).wordings["religion"] == ""
    assert form.typed("religion", "٣", TABLES).wordings["religion"] == ""
    assert form.typed("sex", "X", TABLES).wordings["sex"] == ""
    assert form.wordings["citizenship"] == message("biodata.citizenship_wni")
    assert form.typed("citizenship", "W", TABLES).wordings["citizenship"] == ""


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("nik", "123", "nik.not_16_digits"),
        ("no_kk", "", "no_kk.not_16_digits"),
        ("birth_date", "31-02-1979", "typed.day"),
        ("birth_date", "1979", "typed.day"),
        ("sex", "X", "biodata.not_a_choice"),
        ("citizenship", "W", "biodata.not_a_choice"),
        ("religion", "satu", "biodata.code_form"),
        ("religion", "٣", "biodata.code_form"),
        ("occupation", "", "typed.empty"),
        ("marital_status", "9", "biodata.not_a_choice"),
    ],
)
def test_the_first_wrong_field_is_named(form: BiodataForm, field: str, text: str, code: str) -> None:
    with pytest.raises(InputError) as wrong:
        form.typed(field, text, TABLES).read()
    assert (wrong.value.problem.field_name, wrong.value.problem.code) == (field, code)


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (Problem("biodata.no_name", field_name="name"), "name"),
        (Problem("session.too_young", field_name="birth_date"), "birth_date"),
        (Problem("session.recorded_before", field_name="nik"), "nik"),
        (Problem("biodata.unknown_code", {"table": "agama", "value": 9}), "religion"),
        (Problem("store.disk_full"), ""),
        (Problem("biodata.unknown", field_name="shoe_size"), ""),
    ],
)
def test_what_the_services_find_has_its_field(form: BiodataForm, problem: Problem, field: str) -> None:
    failed = form.failed(problem)
    assert (failed.wrong_field, failed.problem) == (field, problem)
    assert form.failed(problem, "rt").wrong_field == "rt"
    assert failed.typed("name", "A", TABLES).problem is None


def test_odd_numbers_warn_and_do_not_stop(form: BiodataForm) -> None:
    assert form.warnings == ()
    other = form.typed("sex", "L", TABLES).typed("region", "350512", TABLES)
    assert other.warnings == (message("nik.other_sex"), message("nik.other_domicile"))
    other.read()
    assert form.typed("no_kk", "3275019901010001", TABLES).warnings == (message("no_kk.impossible_date"),)
    assert form.typed("birth_date", "?", TABLES).warnings == (), "what cannot be read warns of nothing"
    assert form.typed("nik", "123", TABLES).warnings == (), "what stops is said once it is confirmed"


def test_what_differs_from_the_beginning_is_a_draft_and_a_draft_fills_only_what_is_asked(form: BiodataForm) -> None:
    assert form.changes == {}
    typed = form.typed("rt", "009", TABLES).typed("street", "Krajan 7", TABLES)
    assert typed.changes == {"rt": "009", "street": "Krajan 7"}
    assert form.typed("name", "A", TABLES).filled({"rt": "009", "shoe_size": "43"}, TABLES).values == {
        **form.values,
        "rt": "009",
    }


@pytest.mark.parametrize(
    ("nik", "field", "text", "code"),
    [
        ("SMT-K01-0001", "nik", "SMT-K01-0001", ""),
        ("SMT-K01-0001", "no_kk", "", ""),
        ("SMT-K01-0001", "nik", "SMT-K01-0002", "nik.not_16_digits"),
        ("SMT-K01-0001", "no_kk", "12", "no_kk.not_16_digits"),
        ("123", "nik", "123", "nik.not_16_digits"),  # a list may be wrong
    ],
)
def test_a_number_of_the_kit_stays_without_a_kk_but_nobody_types_one(
    nik: str, field: str, text: str, code: str
) -> None:
    form = BiodataForm.of(replace(WHO, nik=Nik(nik)), TABLES).typed(field, text, TABLES)
    if code:
        with pytest.raises(InputError, match=code):
            form.read()
    else:
        read = form.read()
        assert (read.nik.digits, read.no_kk.digits) == (nik, form.values["no_kk"])


def test_what_nobody_was_asked_yet_stands_empty_and_is_asked_for() -> None:
    form = BiodataForm.of(replace(WHO, religion=0), TABLES)
    assert (form.values["religion"], form.wordings["religion"]) == ("", "")
    with pytest.raises(InputError, match=r"typed\.empty") as refused:
        form.read()
    assert refused.value.problem.field_name == "religion"
    assert form.typed("religion", "1", TABLES).read().religion == 1
