"""A family as its KK has it: the head, the members and how each is related (formulir F-1.01 and F-1.02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.nik import Nik, NoKk, Sex
from fieldkit.domain.recording.biodata import Address, Citizenship


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
