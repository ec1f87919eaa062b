"""The biodata as typed: text in, `Biodata` out, one clear problem per wrong field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, Severity, Sex, check_nik, check_no_kk
from fieldkit.domain.recording.biodata import CODED_FIELDS, Address, Biodata, Citizenship, CodeTables
from fieldkit.domain.typed import read_birth_day
from ui.presenters.amounts import day_text
from ui.presenters.presenter import Message, message
from ui.presenters.readers import answer

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

ADDRESS_FIELDS = ("street", "rt", "rw", "village", "district", "region")
_FIELD_OF_TABLE = {table: field for field, table in CODED_FIELDS.items()}  # an unknown code names its table


@dataclass(frozen=True, slots=True)
class BiodataForm:
    """Values as typed, the wording of coded ones, warnings about the numbers, and the field that is wrong."""

    biodata: Biodata  # what the form began with; what it does not show stays as it is
    values: Mapping[str, str]
    wordings: Mapping[str, Message]
    warnings: tuple[Message, ...] = ()
    wrong_field: str = ""
    problem: Problem | None = None

    @classmethod
    def of(cls, biodata: Biodata, tables: CodeTables) -> BiodataForm:
        """Return the form filled with what the target list says."""
        return cls(biodata, values_of(biodata), {}).checked(tables)

    @property
    def is_changed(self) -> bool:
        """Return whether something else stands there than at the beginning."""
        return self.values != values_of(self.biodata)

    @property
    def changes(self) -> Mapping[str, str]:
        """Return the fields that stand otherwise than at the beginning."""
        begun = values_of(self.biodata)
        return {field: text for field, text in self.values.items() if text != begun[field]}

    def filled(self, fields: Mapping[str, str], tables: CodeTables) -> BiodataForm:
        """Return the form as it began, but for these fields."""
        known = {field: text for field, text in fields.items() if field in self.values}
        begun = {**values_of(self.biodata), **known}
        return replace(self, values=begun, wrong_field="", problem=None).checked(tables)

    def typed(self, field: str, text: str, tables: CodeTables) -> BiodataForm:
        """Return the form after a keystroke."""
        return replace(self, values={**self.values, field: text}, wrong_field="", problem=None).checked(tables)

    def checked(self, tables: CodeTables) -> BiodataForm:
        """Return the form with wordings and warnings of what stands there now."""
        wordings: dict[str, Message] = {field: self._wording(field, tables) for field in CODED_FIELDS}
        sex, citizenship = self.values["sex"].strip().upper(), self.values["citizenship"].strip().upper()
        wordings["sex"] = message(f"biodata.sex_{sex.lower()}") if sex in tuple(Sex) else ""
        is_known = citizenship in tuple(Citizenship)
        wordings["citizenship"] = message(f"biodata.citizenship_{citizenship.lower()}") if is_known else ""
        return replace(self, wordings=wordings, warnings=self._warnings())

    def failed(self, problem: Problem, field: str = "") -> BiodataForm:
        """Return the form with a problem at a field; without one named, at the field that the problem is about."""
        named = str(problem.params.get("field", "")) or _FIELD_OF_TABLE.get(str(problem.params.get("table")), "")
        found = problem.field_name or named
        return replace(self, wrong_field=field or (found if found in self.values else ""), problem=problem)

    def read(self) -> Biodata:
        """Return the biodata. Raise `InputError` with the first field that cannot be read."""
        value = self.values
        return replace(
            self.biodata,
            nik=answer(value, "nik", self._nik),
            no_kk=answer(value, "no_kk", self._no_kk),
            name=value["name"].strip().upper(),
            mother_name=" ".join(value["mother_name"].split()).upper(),
            birth_place=value["birth_place"].strip().upper(),
            birth_date=answer(value, "birth_date", read_birth_day),
            sex=answer(value, "sex", lambda text: _member(Sex, text)),
            blood_type=answer(value, "blood_type", _code),
            religion=answer(value, "religion", _code),
            marital_status=answer(value, "marital_status", lambda text: _member(MaritalStatus, _code(text))),
            family_relation=answer(value, "family_relation", _code),
            education=answer(value, "education", _code),
            occupation=answer(value, "occupation", _code),
            citizenship=answer(value, "citizenship", lambda text: _member(Citizenship, text)),
            address=Address(**{field: value[field].strip() for field in ADDRESS_FIELDS}),
        )

    def _nik(self, text: str) -> Nik:
        """Return the NIK; a provisional number may stay, but nobody types one."""
        began = self.biodata.nik
        return began if began.is_provisional and text == began.digits else Nik.parse(text)

    def _no_kk(self, text: str) -> NoKk:
        if not text and self.biodata.nik.is_provisional:  # nobody is on a KK without a NIK
            return NoKk("")
        return NoKk.parse(text)

    def _wording(self, field: str, tables: CodeTables) -> str:
        code = self.values[field].strip()
        table = tables.tables[CODED_FIELDS[field]]
        return table.get(int(code), "") if code.isascii() and code.isdecimal() else ""

    def _warnings(self) -> tuple[Message, ...]:
        try:
            born, sex = read_birth_day(self.values["birth_date"]), Sex(self.values["sex"].strip().upper())
        except (InputError, ValueError):
            born, sex = None, None
        region = self.values["region"].strip()
        found = (
            *check_nik(self.values["nik"], birth_date=born, sex=sex, domicile=region),
            *check_no_kk(self.values["no_kk"]),
        )
        return tuple(message(finding.code) for finding in found if finding.severity is Severity.WARNING)


def values_of(biodata: Biodata) -> dict[str, str]:
    """Return what the fields show of a biodata."""
    return {
        "nik": biodata.nik.digits,
        "no_kk": biodata.no_kk.digits,
        "name": biodata.name,
        "mother_name": biodata.mother_name,
        "birth_place": biodata.birth_place,
        "birth_date": day_text(biodata.birth_date),
        "sex": biodata.sex.value,
        "citizenship": biodata.citizenship.value,
        # 0 is in no table: nobody was asked yet, and a field that nobody filled is not wrong.
        **{field: str(int(getattr(biodata, field)) or "") for field in CODED_FIELDS},
        **{field: getattr(biodata.address, field) for field in ADDRESS_FIELDS},
    }


def _code(text: str) -> int:
    if not text.strip():
        raise InputError("typed.empty")
    if not (text.isascii() and text.isdecimal()):
        raise InputError("biodata.code_form", text=text)
    return int(text)


def _member(enumeration: type[E], value: str | int) -> E:
    try:
        return enumeration(value.upper() if isinstance(value, str) else value)
    except ValueError:
        raise InputError("biodata.not_a_choice", text=value) from None
