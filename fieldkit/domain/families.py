"""A family as its KK has it: the head, the members and how each is related (formulir F-1.01 and F-1.02)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import CARD_FROM_YEARS, Finding, MaritalStatus, Nik, NoKk, Severity, Sex, age_on, check_nik
from fieldkit.domain.recording.biodata import NAME_LIMIT, Address, Citizenship, CodeTables

MOST_MEMBERS = 40
NIK_FROM_YEARS = 1  # a newborn may come without a NIK: the register gives it with the new KK
_CODED = {
    "religion": "agama",
    "blood_type": "golongan_darah",
    "education": "pendidikan",
    "occupation": "pekerjaan",
}


class FamilyRelation(IntEnum):
    """Hubungan keluarga as coded on the KK; the words stand in the code tables."""

    KEPALA_KELUARGA = 1
    SUAMI = 2
    ISTRI = 3
    ANAK = 4
    MENANTU = 5
    CUCU = 6
    ORANGTUA = 7
    MERTUA = 8
    FAMILI_LAIN = 9
    PEMBANTU = 10
    LAINNYA = 11


_R = FamilyRelation


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent as the KK names them; a NIK is not always known."""

    name: str
    nik: Nik | None = None


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """One row of the KK. Codes are those of `assets/tables`; a number of a certificate is "" where there is none."""

    name: str
    nik: Nik | None
    sex: Sex
    birth_place: str
    birth_date: date
    relation: FamilyRelation
    religion: int
    education: int
    occupation: int
    blood_type: int
    marital_status: MaritalStatus
    father: Parent
    mother: Parent
    citizenship: Citizenship = Citizenship.WNI
    birth_certificate: str = ""
    marriage_certificate: str = ""
    divorce_certificate: str = ""
    disability: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """The members in the order of the form. `no_kk` is None while the register has given no number yet."""

    no_kk: NoKk | None
    address: Address
    postcode: str = ""
    phone: str = ""
    members: tuple[FamilyMember, ...] = ()

    @property
    def head(self) -> FamilyMember | None:
        """Return the kepala keluarga, None while nobody is."""
        return next((member for member in self.members if member.relation is _R.KEPALA_KELUARGA), None)

    def with_member(self, place: int, member: FamilyMember) -> Family:
        """Return it with a member at a place, from 0, or behind the last. Raise `InputError("family.too_many")`."""
        if place >= MOST_MEMBERS:
            raise InputError("family.too_many", limit=MOST_MEMBERS)
        return replace(self, members=(*self.members[:place], member, *self.members[place + 1 :]))

    def without(self, place: int) -> Family:
        """Return it without the member at a place."""
        return replace(self, members=(*self.members[:place], *self.members[place + 1 :]))


def check_member(member: FamilyMember, tables: CodeTables, today: date) -> None:
    """Raise the first `InputError`, with its field, about what a KK cannot say of a member."""
    for field, name in (("name", member.name), ("father", member.father.name), ("mother", member.mother.name)):
        if not name.strip():
            raise InputError("biodata.no_name").at(field)
        if len(name) > NAME_LIMIT:
            raise InputError("biodata.name_too_long", limit=NAME_LIMIT, length=len(name)).at(field)
    if not member.birth_place.strip():
        raise InputError("biodata.empty", field="birth_place").at("birth_place")
    if not date(1880, 1, 1) <= member.birth_date <= today:
        raise InputError("biodata.birth_date").at("birth_date")
    if member.nik is None and age_on(member.birth_date, today) >= NIK_FROM_YEARS:
        raise InputError("family.no_nik").at("nik")
    for field, table in _CODED.items():
        try:
            tables.wording(table, getattr(member, field))
        except InputError as error:
            raise error.at(field) from None


def check_family(family: Family) -> None:
    """Raise `InputError` for a family that no KK can be made of; its members are checked when they are entered."""
    if not family.members:
        raise InputError("family.nobody")
    heads = sum(member.relation is _R.KEPALA_KELUARGA for member in family.members)
    if heads != 1:
        raise InputError("family.one_head", count=heads)
    niks = Counter(member.nik.digits for member in family.members if member.nik is not None)
    if twice := [nik for nik, count in niks.items() if count > 1]:
        raise InputError("family.nik_twice", nik=Nik(twice[0]).masked)
    home = family.address
    for text in (home.street, home.village, home.district):
        if not text.strip():
            raise InputError("family.no_address")


def doubts(
    family: Family, today: date, is_known_region: Callable[[str], bool] | None = None
) -> tuple[tuple[str, Finding], ...]:
    """Return what a person should look at, with the name of the member: nothing here keeps anybody from going on."""
    found: list[tuple[str, Finding]] = []
    for member in family.members:
        codes = [code for code, is_odd in _oddities(family.head, member, today) if is_odd]
        findings = [Finding(Severity.WARNING, code) for code in codes]
        if member.nik is not None:
            stated = check_nik(
                member.nik.digits, birth_date=member.birth_date, sex=member.sex, is_known_region=is_known_region
            )
            findings.extend(stated)
        found.extend((member.name, finding) for finding in findings)
    return tuple(found)


def _oddities(head: FamilyMember | None, member: FamilyMember, today: date) -> Iterator[tuple[str, bool]]:
    is_married = member.marital_status is MaritalStatus.KAWIN
    yield "family.spouse_unmarried", member.relation in (_R.SUAMI, _R.ISTRI) and not is_married
    yield "family.other_sex", (member.relation, member.sex) in ((_R.SUAMI, Sex.FEMALE), (_R.ISTRI, Sex.MALE))
    # A marriage without a certificate stands on the KK as "kawin belum tercatat", on a statement of the couple.
    yield "family.no_certificate", is_married and not member.marriage_certificate.strip()
    if head is member:
        yield "family.young_head", age_on(member.birth_date, today) < CARD_FROM_YEARS and not is_married
    elif head is not None:
        yield "family.child_older", member.relation is _R.ANAK and member.birth_date <= head.birth_date
        yield "family.parent_younger", member.relation is _R.ORANGTUA and member.birth_date >= head.birth_date
