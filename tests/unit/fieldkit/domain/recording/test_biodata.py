from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

import pytest
import yaml

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik, Sex
from fieldkit.domain.recording.biodata import (
    CODED_FIELDS,
    HINTS,
    LOOK,
    Background,
    Biodata,
    Citizenship,
    CodeTables,
    PortraitCheck,
    background_for,
    check_biodata,
    checked,
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


@pytest.mark.parametrize(
    ("born", "citizenship", "background"),
    [
        (date(1961, 5, 1), Citizenship.WNI, Background.RED),
        (date(2010, 5, 1), Citizenship.WNI, Background.BLUE),
        (date(2010, 5, 1), Citizenship.WNA, Background.ORANGE),
    ],
)
def test_background_follows_birth_year_and_citizenship(
    born: date, citizenship: Citizenship, background: Background
) -> None:
    assert background_for(born, citizenship) is background


def test_no_hint_means_all_checks_passed() -> None:
    assert set(checked(()).values()) == {True}


def test_what_follows_a_missing_face_was_not_measured() -> None:
    assert checked(["face.no_face"]) == {c: False if c is PortraitCheck.ONE_FACE else None for c in PortraitCheck}
    lines = checked(["face.no_eyes"])
    assert lines[PortraitCheck.ONE_FACE] is True
    assert lines[PortraitCheck.EYES] is False
    assert lines[PortraitCheck.SHARPNESS] is None


def test_what_nobody_could_judge_is_neither_good_nor_bad() -> None:
    lines = checked(["face.look.level", "face.blurred"])
    assert (lines[PortraitCheck.LEVEL], lines[PortraitCheck.SHARPNESS]) == (None, False)
    assert lines[PortraitCheck.FACING] is True


def test_each_hint_fails_its_own_check_only() -> None:
    assert [c for c, ok in checked(["face.tilted", "face.blurred"]).items() if ok is False] == [
        PortraitCheck.UPRIGHT,
        PortraitCheck.SHARPNESS,
    ]


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_check_and_hint_has_its_words(language: str) -> None:
    words = tomllib.loads(files("assets").joinpath(f"i18n/{language}/quality.toml").read_text(encoding="utf-8"))
    wanted = {f"face.check.{check}" for check in PortraitCheck} | {hint for ways in HINTS.values() for hint in ways}
    assert wanted | set(LOOK.values()) <= words.keys()
    assert max(len(words[hint]) for ways in HINTS.values() for hint in ways) <= 40
