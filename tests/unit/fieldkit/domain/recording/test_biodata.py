from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
import yaml

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik, Sex
from fieldkit.domain.recording.biodata import (
    CODED_FIELDS,
    Biodata,
    CodeTables,
    check_biodata,
    digest_of_biodata,
    digest_of_facts,
)

TABLES = CodeTables(yaml.safe_load(files("assets").joinpath("tables/kode.yaml").read_text("utf-8")))
TODAY = date(2026, 11, 21)


def test_a_single_word_name_is_normal(biodata: Biodata) -> None:
    check_biodata(biodata, TABLES, TODAY)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "X" * 60},
        {"name": "O'NEIL-A. B,/`"},
        {"birth_date": date(1880, 1, 1)},
        {"birth_date": TODAY},
    ],
)
def test_the_longest_name_every_sign_and_the_first_and_last_day_are_taken(
    biodata: Biodata, change: dict[str, object]
) -> None:
    check_biodata(replace(biodata, **change), TABLES, TODAY)  # type: ignore[arg-type]  # one field per case


@pytest.mark.parametrize(
    ("digits", "sex", "told"),
    [
        ("3505125207510003", Sex.FEMALE, {"nik": "3505125207510003", "provisional": "", "sex": "F"}),
        ("3505125207510003", Sex.MALE, {"nik": "3505125207510003", "provisional": "", "sex": "M"}),
        ("SMT-000001", Sex.FEMALE, {"nik": "", "provisional": "SMT-000001", "sex": "F"}),
    ],
)
def test_the_digest_of_biodata_is_that_of_its_facts(
    biodata: Biodata, digits: str, sex: Sex, told: dict[str, object]
) -> None:
    who = replace(biodata, nik=Nik(digits), sex=sex)
    home = {name: getattr(who.address, name) for name in ("street", "rt", "rw", "village", "district", "region")}
    same = ("name", "birth_place", "blood_type", "religion", "family_relation", "education", "occupation")
    facts = told | home | {name: getattr(who, name) for name in (*same, "mother_name")}
    facts |= {"kk": "3505120101200004", "birth_date": "1951-07-12", "citizenship": "WNI", "marital_status": 4}
    assert digest_of_biodata(who) == digest_of_facts({**facts, "request": who.request.value})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "biodata.no_name"),
        ({"name": "X" * 61}, "biodata.name_too_long"),
        ({"name": "МИСИНЕМ"}, "biodata.name_not_latin"),
        ({"name": "MISINEM 2"}, "biodata.name_not_latin"),
        ({"birth_date": TODAY + timedelta(days=1)}, "biodata.birth_date"),
        ({"birth_date": date(1879, 12, 31)}, "biodata.birth_date"),
        ({"occupation": 90}, "biodata.unknown_code"),
        ({"religion": 0}, "biodata.unknown_code"),
        ({"birth_place": ""}, "biodata.empty"),
        ({"mother_name": " "}, "biodata.empty"),
    ],
)
def test_what_cannot_be_on_a_kk(biodata: Biodata, change: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        check_biodata(replace(biodata, **change), TABLES, TODAY)  # type: ignore[arg-type]  # one field per case
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("street", "", "biodata.empty"),
        ("village", " ", "biodata.empty"),
        ("village", "-", "biodata.empty"),
        ("street", " . ", "biodata.empty"),
        ("district", "--", "biodata.empty"),
        ("region", "000000", "biodata.region"),
        ("district", "", "biodata.empty"),
        ("region", "", "biodata.empty"),
        ("region", "3505", "biodata.region"),
        ("region", "35051A", "biodata.region"),
        ("region", "３５０５１２", "biodata.region"),
        ("region", "3505123", "biodata.region"),
    ],
)
def test_an_address_says_the_place(biodata: Biodata, field: str, text: str, code: str) -> None:
    home = replace(biodata.address, **{field: text})
    with pytest.raises(InputError) as caught:
        check_biodata(replace(biodata, address=home), TABLES, TODAY)
    assert (caught.value.code, caught.value.problem.params["field"]) == (code, field)


def test_neighbourhoods_without_a_number_and_a_mother_whom_nobody_knows_are_normal(biodata: Biodata) -> None:
    home = replace(biodata.address, rt="", rw="")
    check_biodata(replace(biodata, address=home, mother_name="-"), TABLES, TODAY)


def test_the_tables_are_the_official_ones() -> None:
    assert set(TABLES.tables) == set(CODED_FIELDS.values())
    assert [len(TABLES.tables[t]) for t in ("agama", "golongan_darah", "status_kawin", "pekerjaan")] == [7, 13, 4, 89]
    assert TABLES.wording("pekerjaan", 64) == "DOSEN"
    assert TABLES.wording("pekerjaan", 86) == "KEPALA DESA"


def test_the_name_is_masked_for_the_top_status_bar(biodata: Biodata) -> None:
    assert biodata.masked_name == "MIS•••"
