"""Draft the official forms of one person, filled with what the list, the recording or the application says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldkit.domain.applications import Application
from fieldkit.domain.families import Family, FamilyMember
from fieldkit.domain.letters.forms import MEMBER, OFFICIAL_FORMS
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.letters.requirements import NOT_ASKED, attachments_of, boxes_of
from fieldkit.domain.recording.biodata import Address, Biodata, CodeTables, RegionNames, RequestType
from fieldkit.ports.store import Unit
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork

Fields = dict[str, Any]
SUBJECT = "subject"  # target_id or application_id, beside the fields that the form prints
_WITHOUT_NIK = ("Kartu Keluarga (KK)", "KTP-el")  # nobody has these without a NIK


class OfficialForms:
    """Official forms of the people whom the team or the counter serves."""

    def __init__(
        self, units: UnitsOfWork, letters: WriteLetters, tables: CodeTables, region_names: RegionNames
    ) -> None:
        self._units, self._letters, self._tables, self._region_names = units, letters, tables, region_names

    def offered(self) -> Sequence[LetterKind]:
        """Return the forms that the user may write."""
        return [kind for kind in OFFICIAL_FORMS if self._letters.may_write(kind)]

    def of_target(self, kind: LetterKind, target_id: str) -> Letter:
        """Draft a form of somebody on the list; what was typed in an open recording counts for more than the list."""
        with self._units.read() as unit:
            target = unit.targets.get(target_id)
            who = _typed(unit, target_id) or target.biodata
        fields = {**self._person(who), **self._rows(who), "ktp_request": _request_of(who)}
        if who.nik.is_provisional:
            fields["lacks"] = list(_WITHOUT_NIK)
        return self._drafted(kind, target.activity_id, target_id, fields)

    def of_application(self, kind: LetterKind, application_id: str) -> Letter:
        """Draft a form of an application, with the family where it was entered."""
        with self._units.read() as unit:
            application = unit.repository(Application).get(application_id)
        fields = {**self._applicant(application), **self._family(application.family)}
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
        return {
            **self._home(who.address),
            "name": who.name,
            "nik": _nik(who),
            "no_kk": who.no_kk.digits,
            "birth_place": who.birth_place,
            "born": who.birth_date.isoformat(),
            "sex": who.sex.value,
            "occupation": self._word("pekerjaan", who.occupation),
        }

    def _rows(self, who: Biodata) -> Fields:
        """Return the tables of a person whose family nobody entered: their own row."""
        relation = self._coded("hubungan_keluarga", who.family_relation)
        member = {
            **dict.fromkeys((column.name for column in MEMBER), ""),
            **{name: value for name, value in self._person(who).items() if name in _MEMBER_NAMES},
            "citizenship": who.citizenship.value,
            "blood": self._coded("golongan_darah", who.blood_type),
            "religion": self._coded("agama", who.religion),
            "marital": self._coded("status_kawin", int(who.marital_status)),
            "relation": relation,
            "education": self._coded("pendidikan", who.education),
            "occupation": self._coded("pekerjaan", who.occupation),
            "mother": who.mother_name,
        }
        elements = (("Pendidikan", "education"), ("Pekerjaan", "occupation"), ("Agama", "religion"))
        return {
            "head": who.name if who.family_relation == _HEAD else "",
            "members": [{**member, "nik": who.nik.official}],
            "family": [{"name": who.name, "nik": who.nik.official, "relation": relation, "note": ""}],
            "changes": [
                {"name": who.name, "element": element, "before": member[name], "after": "", "basis": ""}
                for element, name in elements
            ],
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

    def _family(self, family: Family | None) -> Fields:
        if family is None:
            return {}
        home = {name: text for name, text in self._home(family.address).items() if text}
        rows = [self._member(member) for member in family.members]
        known = {"postcode": family.postcode, "phone": family.phone}
        return {
            **home,
            **{name: text for name, text in known.items() if text},
            "head": family.head.name if family.head else "",
            "members": rows,
            "family": [{**{name: row[name] for name in ("name", "nik", "relation")}, "note": ""} for row in rows],
        }

    def _member(self, member: FamilyMember) -> dict[str, str]:
        return {
            "name": member.name,
            "nik": member.nik.digits if member.nik else "",
            "sex": member.sex.value,
            "birth_place": member.birth_place,
            "born": member.birth_date.isoformat(),
            "citizenship": member.citizenship.value,
            "birth_certificate": member.birth_certificate,
            "blood": self._coded("golongan_darah", member.blood_type),
            "religion": self._coded("agama", member.religion),
            "marital": self._coded("status_kawin", int(member.marital_status)),
            "marriage_certificate": member.marriage_certificate,
            "married": "",
            "divorce_certificate": member.divorce_certificate,
            "divorced": "",
            "relation": self._coded("hubungan_keluarga", int(member.relation)),
            "disability": member.disability,
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
            "region": address.region,
        }

    def _word(self, table: str, code: int) -> str:
        return self._tables.tables[table].get(code, "")

    def _coded(self, table: str, code: int) -> str:
        """Return code and wording as forms want them, "" for a code that nobody chose yet."""
        word = self._word(table, code)
        return f"{code} {word}" if word else ""


_HEAD = 1  # kepala keluarga, in the table of relations
_MEMBER_NAMES = {column.name for column in MEMBER}


def _nik(who: Biodata) -> str:
    """Return the NIK, or in words that there is none: a provisional number never stands in its boxes."""
    return who.nik.official or f"belum ada (nomor sementara {who.nik.digits})"


def _typed(unit: Unit, target_id: str) -> Biodata | None:
    left = (session for session in unit.sessions.unfinished() if session.target_id == target_id)
    return next((session.biodata for session in left), None)


def _request_of(who: Biodata) -> str:
    return "ktp_baru" if who.request is RequestType.NEW else NOT_ASKED
