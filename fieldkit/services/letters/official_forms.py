"""Draft the official forms of one person, filled with what the list, the recording or the application says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldkit.domain.applications import Application
from fieldkit.domain.families import Family, FamilyMember, FamilyRelation
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.letters.official_forms import MEMBER, OFFICIAL_FORMS, RETIRED
from fieldkit.domain.letters.requirements import NOT_ASKED, attachments_of, boxes_of
from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.domain.recording.biodata import Address, Biodata, CodeTables, RegionNames, RequestType
from fieldkit.ports.store import Unit
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork

Fields = dict[str, Any]
SUBJECT = "subject"  # target_id or application_id, beside the fields that the form prints
_SPOUSES = {Sex.MALE: "husband", Sex.FEMALE: "wife"}
# The six codes of F-1.01, where they follow: a marriage or divorce is only registered where its number was given.
_NEVER_MARRIED, _MARRIED, _DIVORCED, _WIDOWED = (
    "1 BELUM KAWIN",
    "2 KAWIN TERCATAT",
    "4 CERAI HIDUP TERCATAT",
    "6 CERAI MATI",
)


class OfficialForms:
    """Official forms of the people whom the team or the counter serves."""

    def __init__(
        self, units: UnitsOfWork, letters: WriteLetters, tables: CodeTables, region_names: RegionNames
    ) -> None:
        self._units, self._letters, self._tables, self._region_names = units, letters, tables, region_names

    def offered(self) -> Sequence[LetterKind]:
        """Return the forms that the user may write."""
        return [kind for kind in OFFICIAL_FORMS if kind not in RETIRED and self._letters.may_write(kind)]

    def of_target(self, kind: LetterKind, target_id: str) -> Letter:
        """Draft a form of somebody on the list; what was typed in an open recording counts for more than the list."""
        with self._units.read() as unit:
            target = unit.targets.get(target_id)
            who = _typed(unit, target_id) or target.biodata
        fields = {**self._person(who), **self._rows(who), "ktp_request": _request_of(who)}
        return self._drafted(kind, target.activity_id, target_id, fields)

    def of_application(self, kind: LetterKind, application_id: str) -> Letter:
        """Draft a form of an application, with the family where it was entered."""
        with self._units.read() as unit:
            application = unit.repository(Application).get(application_id)
        fields = {**self._applicant(application), **self._family(application.family, application.applicant.nik.digits)}
        return self._drafted(kind, application.activity_id, application_id, fields)

    def _drafted(self, kind: LetterKind, activity_id: str, subject: str, known: Fields) -> Letter:
        """Return the draft that waits for this person, else a new one; issued ones stay as they are."""
        for letter in self._letters.of(activity_id):
            if letter.letter is kind and letter.state is LetterState.DRAFT and letter.fields.get(SUBJECT) == subject:
                return letter
        names = {field.name for field in OFFICIAL_FORMS[kind]}
        common = {"officer": self._units.user.name, **known}
        fields = {name: value for name, value in common.items() if name in names}
        return self._letters.draft(kind, activity_id, {**fields, SUBJECT: subject})

    def _person(self, who: Biodata) -> Fields:
        person = {
            "name": who.name,
            "nik": _nik(who),
            "birth_place": who.birth_place,
            "born": who.birth_date.isoformat(),
            "occupation": self._word("pekerjaan", who.occupation),
            "address": who.address.street,
        }
        return {
            **self._home(who.address),
            **person,
            **_as_spouse(who.sex, person),
            "no_kk": who.no_kk.digits,
            "mother": who.mother_name,
        }

    def _rows(self, who: Biodata) -> Fields:
        """Return the tables of a person whose family nobody entered: their own row."""
        relation = self._coded("hubungan_keluarga", who.family_relation)
        member = {
            **_NO_MEMBER,
            "name": who.name,
            "sex": who.sex.value,
            "birth_place": who.birth_place,
            "born": who.birth_date.isoformat(),
            "citizenship": who.citizenship.value,
            "blood": self._coded("golongan_darah", who.blood_type),
            "religion": self._coded("agama", who.religion),
            "marital": _marital(who.marital_status, "", ""),
            "relation": relation,
            "education": self._coded("pendidikan", who.education),
            "occupation": self._coded("pekerjaan", who.occupation),
            "mother": who.mother_name,
        }
        return {
            "head": who.name if who.family_relation == FamilyRelation.KEPALA_KELUARGA else "",
            "members": [member],
            "family": [{"name": who.name, "nik": who.nik.official, "relation": relation, "note": ""}],
        }

    def _applicant(self, application: Application) -> Fields:
        who = application.applicant
        return {
            "name": who.name,
            "nik": who.nik.digits,
            "no_kk": application.family.no_kk.digits if application.family and application.family.no_kk else "",
            "born": who.birth_date.isoformat() if who.birth_date else "",
            "address": who.address,
            "village": who.village,
            "phone": who.phone,
            **boxes_of(application.document, application.request),
            "attached": [*attachments_of([each.paper for each in application.requirements if each.is_there])],
        }

    def _family(self, family: Family | None, applicant_nik: str) -> Fields:
        if family is None:
            return {}
        home = {name: text for name, text in self._home(family.address).items() if text}
        rows = [self._member(member) for member in family.members]
        known = {"postcode": family.postcode, "phone": family.phone}
        couple = (FamilyRelation.KEPALA_KELUARGA, FamilyRelation.SUAMI, FamilyRelation.ISTRI)
        spouses = [member for member in family.members if member.relation in couple]
        himself = [member for member in family.members if member.nik and member.nik.digits == applicant_nik]
        return {
            **home,
            **{name: text for name, text in known.items() if text},
            **{name: text for spouse in spouses for name, text in self._spouse(spouse, family.address).items()},
            **{name: text for member in himself for name, text in self._as_person(member).items()},
            "head": family.head.name if family.head else "",
            "members": rows,
            "family": [
                {"name": each.name, "nik": each.nik.digits if each.nik else "", "relation": row["relation"], "note": ""}
                for each, row in zip(family.members, rows, strict=True)
            ],
        }

    def _as_person(self, member: FamilyMember) -> Fields:
        return {
            "birth_place": member.birth_place,
            "born": member.birth_date.isoformat(),
            "occupation": self._word("pekerjaan", member.occupation),
            "mother": member.mother.name,
            "father": member.father.name,
        }

    def _spouse(self, member: FamilyMember, home: Address) -> Fields:
        nik = member.nik.digits if member.nik else ""
        person = {**self._as_person(member), "name": member.name, "nik": nik, "address": home.street}
        return _as_spouse(member.sex, person)

    def _member(self, member: FamilyMember) -> dict[str, str]:
        return {
            **_NO_MEMBER,
            "name": member.name,
            "sex": member.sex.value,
            "birth_place": member.birth_place,
            "born": member.birth_date.isoformat(),
            "citizenship": member.citizenship.value,
            "birth_certificate": member.birth_certificate,
            "blood": self._coded("golongan_darah", member.blood_type),
            "religion": self._coded("agama", member.religion),
            "marital": _marital(member.marital_status, member.marriage_certificate, member.divorce_certificate),
            "marriage_certificate": member.marriage_certificate,
            "divorce_certificate": member.divorce_certificate,
            "relation": self._coded("hubungan_keluarga", int(member.relation)),
            "impairment": member.disability,
            "education": self._coded("pendidikan", member.education),
            "occupation": self._coded("pekerjaan", member.occupation),
            "mother_nik": member.mother.nik.digits if member.mother.nik else "",
            "mother": member.mother.name,
            "father_nik": member.father.nik.digits if member.father.nik else "",
            "father": member.father.name,
        }

    def _home(self, address: Address) -> Fields:
        """Return an address with the kabupaten of its own code: people come from outside the dinas, too."""
        region = self._region_names(address.region)
        return {
            "address": address.street,
            "rt": address.rt,
            "rw": address.rw,
            "village": address.village,
            "district": address.district,
            "regency": region.regency if region else "",
            "province": region.province if region else "",
            "region": address.region,
        }

    def _word(self, table: str, code: int) -> str:
        return self._tables.tables[table].get(code, "")

    def _coded(self, table: str, code: int) -> str:
        """Return code and wording as forms want them, "" for a code that nobody chose yet."""
        word = self._word(table, code)
        return f"{code} {word}" if word else ""


_NO_MEMBER = dict.fromkeys((column.name for column in MEMBER), "")


def _as_spouse(sex: Sex, person: Fields) -> Fields:
    """Return somebody as the husband or the wife of F-1.05 and F-2.04."""
    role = _SPOUSES[sex]
    return {**{f"{role}_{name}": value for name, value in person.items()}, role: person["name"]}


def _marital(status: MaritalStatus, marriage: str, divorce: str) -> str:
    """Return one of the six codes of F-1.01, "" where nobody said whether marriage or divorce is registered."""
    match status:
        case MaritalStatus.BELUM_KAWIN:
            return _NEVER_MARRIED
        case MaritalStatus.KAWIN:
            return _MARRIED if marriage.strip() else ""
        case MaritalStatus.CERAI_HIDUP:
            return _DIVORCED if divorce.strip() else ""
        case MaritalStatus.CERAI_MATI:
            return _WIDOWED


def _nik(who: Biodata) -> str:
    """Return the NIK, or in words that there is none: a provisional number never stands in its boxes."""
    return who.nik.official or f"belum ada (nomor sementara {who.nik.digits})"


def _typed(unit: Unit, target_id: str) -> Biodata | None:
    left = (session for session in unit.sessions.unfinished() if session.target_id == target_id)
    return next((session.biodata for session in left), None)


def _request_of(who: Biodata) -> str:
    return "ktp_baru" if who.request is RequestType.NEW else NOT_ASKED
