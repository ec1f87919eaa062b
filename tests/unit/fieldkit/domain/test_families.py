from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.families import ANAK, BAYI, FAMILY, ISTRI, SUAMI

from fieldkit.domain.errors import InputError
from fieldkit.domain.families import FamilyMember, FamilyRelation, Parent, check_family, check_member, doubts
from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.formats.rules import load_tables

TODAY = date(2026, 11, 23)
TABLES = load_tables()
ORANGTUA = FamilyRelation.ORANGTUA
HUSBAND = replace(ISTRI, nik=None, sex=Sex.MALE, relation=FamilyRelation.SUAMI)


def test_every_relation_has_its_word_in_the_code_table() -> None:
    words = TABLES.tables["hubungan_keluarga"]
    assert {relation.value: relation.name.replace("_", " ") for relation in FamilyRelation} == dict(words)


def test_family_with_one_head_is_one_and_nothing_about_it_is_odd() -> None:
    check_family(FAMILY)
    assert FAMILY.head is SUAMI
    assert doubts(FAMILY, TODAY) == ()
    for member in FAMILY.members:
        check_member(member, TABLES, TODAY)


def test_member_is_replaced_added_and_left_out_by_place() -> None:
    older = replace(ANAK, name="BUDI SANTOSO")
    assert FAMILY.with_member(2, older).members == (SUAMI, ISTRI, older, BAYI)
    assert FAMILY.with_member(4, older).members == (SUAMI, ISTRI, ANAK, BAYI, older)
    assert FAMILY.without(1).members == (SUAMI, ANAK, BAYI)


def test_family_has_a_limit() -> None:
    with pytest.raises(InputError, match="too_many"):
        FAMILY.with_member(40, ANAK)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ((), "family.nobody"),
        ((ISTRI, ANAK), "family.one_head"),
        ((SUAMI, replace(ISTRI, relation=FamilyRelation.KEPALA_KELUARGA)), "family.one_head"),
        ((SUAMI, replace(ISTRI, nik=SUAMI.nik)), "family.nik_twice"),
    ],
)
def test_what_is_no_family_is_refused(members: tuple[FamilyMember, ...], code: str) -> None:
    with pytest.raises(InputError) as refused:
        check_family(replace(FAMILY, members=members))
    assert refused.value.code == code


def test_family_lives_somewhere() -> None:
    with pytest.raises(InputError, match="no_address"):
        check_family(replace(FAMILY, address=replace(FAMILY.address, village=" ")))


def test_two_babies_without_a_nik_are_no_doublet() -> None:
    check_family(replace(FAMILY, members=(SUAMI, BAYI, BAYI)))


@pytest.mark.parametrize(
    ("member", "code", "field"),
    [
        (replace(ANAK, name=" "), "biodata.no_name", "name"),
        (replace(ANAK, name="A" * 61), "biodata.name_too_long", "name"),
        (replace(ANAK, mother=Parent("")), "biodata.no_name", "mother"),
        (replace(ANAK, father=Parent("")), "biodata.no_name", "father"),
        (replace(ANAK, birth_place=""), "biodata.empty", "birth_place"),
        (replace(ANAK, birth_date=date(1879, 12, 31)), "biodata.birth_date", "birth_date"),
        (replace(ANAK, birth_date=date(2026, 11, 24)), "biodata.birth_date", "birth_date"),
        (replace(BAYI, birth_date=date(2025, 11, 23)), "family.no_nik", "nik"),
        (replace(ANAK, education=77), "biodata.unknown_code", "education"),
    ],
)
def test_what_a_kk_cannot_say_of_a_member_names_its_field(member: FamilyMember, code: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        check_member(member, TABLES, TODAY)
    assert (refused.value.code, refused.value.problem.field_name) == (code, field)


@pytest.mark.parametrize(
    "member",
    [
        replace(ANAK, name="A" * 60),
        replace(ANAK, birth_date=date(1880, 1, 1)),
        replace(BAYI, birth_date=TODAY),
        replace(BAYI, birth_date=date(2025, 11, 24)),  # a year old tomorrow
    ],
)
def test_what_a_kk_can_just_say_is_taken(member: FamilyMember) -> None:
    check_member(member, TABLES, TODAY)


@pytest.mark.parametrize(
    ("place", "member", "code"),
    [
        (1, replace(ISTRI, marital_status=MaritalStatus.BELUM_KAWIN), "family.spouse_unmarried"),
        (1, replace(HUSBAND, marital_status=MaritalStatus.BELUM_KAWIN), "family.spouse_unmarried"),
        (1, replace(ISTRI, marriage_certificate=""), "family.no_certificate"),
        (1, replace(ISTRI, sex=Sex.MALE), "family.other_sex"),
        (1, replace(HUSBAND, sex=Sex.FEMALE), "family.other_sex"),
        (1, replace(ISTRI, sex=Sex.MALE), "nik.other_sex"),
        (2, replace(ANAK, nik=None, birth_date=SUAMI.birth_date), "family.child_older"),
        (2, replace(ANAK, nik=None, birth_date=SUAMI.birth_date, relation=ORANGTUA), "family.parent_younger"),
    ],
)
def test_what_is_odd_is_told_of_the_member(place: int, member: FamilyMember, code: str) -> None:
    told = [(name, finding.code) for name, finding in doubts(FAMILY.with_member(place, member), TODAY)]
    assert (member.name, code) in told


@pytest.mark.parametrize(
    ("place", "member"),
    [
        (1, HUSBAND),
        (2, replace(ANAK, nik=None, birth_date=date(1985, 2, 6))),
        (2, replace(ANAK, nik=None, birth_date=date(1985, 2, 4), relation=ORANGTUA)),
        (2, replace(ANAK, nik=None, birth_date=date(1950, 1, 1), relation=FamilyRelation.MERTUA)),
    ],
)
def test_what_fits_the_head_is_not_told(place: int, member: FamilyMember) -> None:
    assert doubts(FAMILY.with_member(place, member), TODAY) == ()


@pytest.mark.parametrize(
    ("birth_date", "marriage", "codes"),
    [
        (date(2009, 11, 23), {}, []),  # 17 today
        (date(2009, 11, 24), {}, ["family.young_head"]),
        (date(2009, 11, 24), {"marital_status": MaritalStatus.KAWIN, "marriage_certificate": "1"}, []),
    ],
)
def test_child_that_is_the_head_is_told(birth_date: date, marriage: dict[str, object], codes: list[str]) -> None:
    head = replace(ANAK, nik=None, relation=FamilyRelation.KEPALA_KELUARGA, birth_date=birth_date)
    alone = replace(FAMILY, members=(replace(head, **marriage),))  # type: ignore[arg-type]  # keywords vary per case
    assert [finding.code for _, finding in doubts(alone, TODAY)] == codes


def test_nobody_is_compared_with_a_head_that_is_missing() -> None:
    assert doubts(replace(FAMILY, members=(ANAK,)), TODAY) == ()


def test_unknown_region_of_a_nik_is_told() -> None:
    told = doubts(FAMILY, TODAY, lambda region: region != "331508")
    assert {finding.code for _, finding in told} == {"nik.unknown_region"}


def test_head_is_who_the_form_calls_so() -> None:
    assert replace(FAMILY, members=(ANAK,)).head is None
