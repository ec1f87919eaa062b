"""A family as its form has it."""

from __future__ import annotations

from datetime import date

from fieldkit.domain.families import Family, FamilyMember, FamilyRelation, Parent
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, Sex
from fieldkit.domain.recording.biodata import Address

SUAMI = FamilyMember(
    name="SLAMET WIDODO",
    nik=Nik.parse("3315080502850001"),
    sex=Sex.MALE,
    birth_place="GROBOGAN",
    birth_date=date(1985, 2, 5),
    relation=FamilyRelation.KEPALA_KELUARGA,
    religion=1,
    education=5,
    occupation=9,
    blood_type=4,
    marital_status=MaritalStatus.KAWIN,
    father=Parent("KARTO"),
    mother=Parent("SAMINI"),
    marriage_certificate="0123/045/VI/2010",
)
ISTRI = FamilyMember(
    name="SITI AMINAH",
    nik=Nik.parse("3315084507900002"),
    sex=Sex.FEMALE,
    birth_place="GROBOGAN",
    birth_date=date(1990, 7, 5),
    relation=FamilyRelation.ISTRI,
    religion=1,
    education=5,
    occupation=2,
    blood_type=13,
    marital_status=MaritalStatus.KAWIN,
    father=Parent("WAGIMIN"),
    mother=Parent("TUMINAH"),
    marriage_certificate="0123/045/VI/2010",
)
ANAK = FamilyMember(
    name="BUDI WIDODO",
    nik=Nik.parse("3315080102180001"),
    sex=Sex.MALE,
    birth_place="GROBOGAN",
    birth_date=date(2018, 2, 1),
    relation=FamilyRelation.ANAK,
    religion=1,
    education=1,
    occupation=3,
    blood_type=13,
    marital_status=MaritalStatus.BELUM_KAWIN,
    father=Parent("SLAMET WIDODO", SUAMI.nik),
    mother=Parent("SITI AMINAH", ISTRI.nik),
    birth_certificate="3315-LU-15022018-0007",
)
BAYI = FamilyMember(
    name="DEWI WIDODO",
    nik=None,
    sex=Sex.FEMALE,
    birth_place="GROBOGAN",
    birth_date=date(2026, 11, 2),
    relation=FamilyRelation.ANAK,
    religion=1,
    education=1,
    occupation=1,
    blood_type=13,
    marital_status=MaritalStatus.BELUM_KAWIN,
    father=Parent("SLAMET WIDODO", SUAMI.nik),
    mother=Parent("SITI AMINAH", ISTRI.nik),
)
FAMILY = Family(
    no_kk=NoKk.parse("3315080101200004"),
    address=Address("DUKUH KRAJAN", "003", "001", "WIROSARI", "WIROSARI", "331508"),
    postcode="58192",
    members=(SUAMI, ISTRI, ANAK, BAYI),
)
