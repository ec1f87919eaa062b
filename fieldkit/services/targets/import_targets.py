"""Target lists come in: read, mapped, looked at, and taken over as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import MaritalStatus, Nik, NoKk, age_gate, check_nik
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.recording.biodata import NAME_LIMIT, Address, Biodata, Citizenship
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets import columns
from fieldkit.domain.targets.columns import (
    NO_FAMILY,
    Family,
    cell_text,
    check_layout,
    guess_layout,
    is_header_again,
    is_numbering,
    read_family,
    recalled,
    remapped,
)
from fieldkit.domain.targets.requests import LegalCategory, SuratPermohonan, TargetNotes
from fieldkit.domain.targets.sheets import (
    Cell,
    CellError,
    Field,
    Layout,
    ReadRow,
    Reason,
    RefusedRow,
    Remark,
    Sheet,
    SheetRow,
    Skipped,
    TargetDraft,
    TargetList,
)
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.messages import Messages
from fieldkit.ports.recording import NikKey
from fieldkit.ports.store import Unit
from fieldkit.services.sop.run_sop import fulfil
from fieldkit.services.unit_of_work import UnitsOfWork

# Each row of a list as a person, or every reason why it is none.

T = TypeVar("T")

UNKNOWN = 0  # a code that no table has: the recording asks for it
_BLOOD_NOT_KNOWN = 13
_NO_KK_NOT_KNOWN = NoKk("")
_PERSON = (Field.NIK, Field.NO_KK, Field.NAME, Field.BIRTH_DATE, Field.BIRTH)
_TOTALS = ("jumlah", "total", "sub total", "subtotal", "rekap")
_SUSPICIOUS = 3  # numbers ending in 0 before a whole column is suspected


@dataclass(frozen=True, slots=True)
class ListContext:
    """What a list is checked against."""

    today: date
    is_known_region: Callable[[str], bool]
    region: str = ""  # of the desa, "" when not known
    village: str = ""
    district: str = ""


def read_rows(sheet: Sheet, layout: Layout, context: ListContext) -> TargetDraft:
    """Read every row below the header. Nothing is left out: accepted, refused or skipped by name."""
    accepted: list[ReadRow] = []
    refused: list[RefusedRow] = []
    skipped: list[Skipped] = []
    is_rounded = are_rounded(sheet.rows[layout.first_row :], layout)
    family = NO_FAMILY
    for at, row in enumerate(sheet.rows):
        above = read_family(row, family)
        family = above or family
        if at < layout.first_row:
            continue  # the first family stands above the header in some lists
        if code := "list.skipped_family" if above else no_person(row, layout):
            skipped.append(Skipped(row.number, code, " ".join(filter(None, map(columns.cell_text, row.cells)))[:120]))
            continue
        reading = _Reading(row, layout, context, is_rounded, family)
        person = reading.person()
        if person is None:
            refused.append(refused_row(row, reading.faults))
        else:
            accepted.append(person)
    return _without_doubles(TargetDraft(layout, tuple(accepted), tuple(refused), tuple(skipped)), sheet)


def refused_row(row: SheetRow, reasons: Iterable[Remark]) -> RefusedRow:
    """Return a row with its cells as text, to be corrected.

    A number that lost digits gets a question mark, so that the text is not taken for the true number later.
    """
    told = tuple(reasons)
    doubtful = {reason.value for reason in told if reason.code == Reason.LOST_DIGITS}
    texts = map(columns.cell_text, row.cells)
    return RefusedRow(row.number, tuple(f"{text}?" if text in doubtful else text for text in texts), told)


@dataclass(slots=True)
class _Reading:
    """One row on its way to a person."""

    row: SheetRow
    layout: Layout
    context: ListContext
    is_rounded: bool
    family: Family
    faults: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    def person(self) -> ReadRow | None:
        """Return the person, or None with `faults` filled."""
        nik = self._nik()
        name = self._name()
        place, born = self._birth()
        sex = self._read(Field.SEX, columns.read_sex)
        if self.faults:
            return None
        assert nik is not None  # where it could not be read there is a fault
        assert born is not None
        if sex is None:
            sex = nik.sex
            self._warn(Field.SEX, "list.sex_of_nik")
        status = self._soft(Field.MARITAL_STATUS, columns.read_marital_status)
        who = Biodata(
            nik=nik,
            no_kk=self._no_kk(),
            name=name,
            birth_place=place,
            birth_date=born,
            sex=sex,
            blood_type=_BLOOD_NOT_KNOWN,
            religion=UNKNOWN,
            marital_status=status or MaritalStatus.BELUM_KAWIN,
            family_relation=UNKNOWN,
            education=UNKNOWN,
            occupation=UNKNOWN,
            citizenship=Citizenship.WNI,
            address=self._address(),
            mother_name=self._text(Field.MOTHER_NAME).upper(),
        )
        self._compare(who)
        category, legal = self._categories()
        latitude = self._soft(Field.LATITUDE, lambda cell: columns.read_degrees(cell, 90))
        longitude = self._soft(Field.LONGITUDE, lambda cell: columns.read_degrees(cell, 180))
        return ReadRow(
            number=self.row.number,
            biodata=who,
            category=category,
            warnings=tuple(self.warnings),
            legal=legal,
            access=self._text(Field.ACCESS),
            contact=self._text(Field.CONTACT),
            safety=self._text(Field.SAFETY),
            latitude=latitude,
            longitude=longitude,
        )

    def _nik(self) -> Nik | None:
        cell = self._cell(Field.NIK)
        if cell is None:
            self._fault(Field.NIK, "list.no_nik")
            return None
        digits = self._read(Field.NIK, columns.number_text)
        if digits is None:
            return None
        if digits.endswith("0") and len(digits) == 16 and self.is_rounded:
            self._fault(Field.NIK, "list.lost_digits")
            return None
        try:
            nik = Nik.parse(digits)
        except InputError as error:
            self._fault(Field.NIK, f"list.{error.code.replace('.', '_')}")
            return None
        if columns.is_typed_number(cell):
            self._warn(Field.NIK, "list.nik_as_number")
        elif digits.endswith("0"):
            self._warn(Field.NIK, "list.nik_ends_in_0")
        return nik

    def _no_kk(self) -> NoKk:
        cell = self._cell(Field.NO_KK) or self.family.no_kk
        if not cell:
            return _NO_KK_NOT_KNOWN
        try:
            return NoKk.parse(columns.number_text(cell))
        except (InputError, CellError):
            self._warn(Field.NO_KK, "list.no_kk_dropped")
            return _NO_KK_NOT_KNOWN

    def _name(self) -> str:
        name = self._text(Field.NAME).upper()
        if not name:
            self._fault(Field.NAME, "list.no_name")
        elif len(name) > NAME_LIMIT:
            self._fault(Field.NAME, "list.name_too_long")
        elif not all(letter.isascii() and (letter.isalpha() or letter in " '.,-/`") for letter in name):
            self._fault(Field.NAME, "list.name_not_latin")
        return name

    def _birth(self) -> tuple[str, date | None]:
        place = self._text(Field.BIRTH_PLACE).upper()
        where = Field.BIRTH_DATE if self._cell(Field.BIRTH_DATE) is not None else Field.BIRTH
        if self._cell(where) is None:
            self._fault(self._birth_column(), "list.no_birth_date")
            return place, None
        read = self._read(where, columns.read_birth)
        if read is None:
            return place, None
        before, born = read
        if not date(1880, 1, 1) <= born <= self.context.today:
            self._fault(where, "list.impossible_birth_date")
        return place or before.upper(), born

    def _birth_column(self) -> Field:
        return Field.BIRTH_DATE if self.layout.has(Field.BIRTH_DATE) else Field.BIRTH

    def _address(self) -> Address:
        rt, rw = columns.read_rt(self._cell(Field.RT)), columns.read_rt(self._cell(Field.RW))
        both = columns.read_rt_rw(self._cell(Field.RT_RW))
        village = self._text(Field.VILLAGE) or self.family.village or self.context.village
        district = self._text(Field.DISTRICT) or self.context.district
        street = self._text(Field.STREET) or self.family.street
        rt, rw = rt or both[0] or self.family.rt, rw or both[1] or self.family.rw
        return Address(street.upper(), rt, rw, village.upper(), district.upper(), self.context.region)

    def _compare(self, who: Biodata) -> None:
        found = check_nik(
            who.nik.digits,
            birth_date=who.birth_date,
            sex=who.sex,
            domicile=self.context.region,
            is_known_region=self.context.is_known_region,
        )
        for finding in found:
            self._warn(Field.NIK, finding.code)
        gate = age_gate(who.birth_date, who.marital_status, self.context.today)
        if not gate.may_record:
            self._warn(self._birth_column(), "list.under_16")
        elif gate.card_from is not None:
            self._warn(self._birth_column(), "list.card_at_17")

    def _categories(self) -> tuple[ServiceCategory, LegalCategory | None]:
        """One column may hold either kind; each is looked for in both."""
        both = (self._cell(Field.CATEGORY), self._cell(Field.LEGAL))
        category = next(filter(None, map(columns.read_category, both)), None)
        legal = next(filter(None, map(columns.read_legal, both)), None)
        if category is None and legal is None and any(cell is not None for cell in both):
            self._warn(Field.CATEGORY if both[0] is not None else Field.LEGAL, "list.unknown_category")
        return category or ServiceCategory.UMUM, legal

    def _cell(self, wanted: Field) -> Cell:
        return _at(self.row, self.layout, wanted)

    def _text(self, wanted: Field) -> str:
        return columns.cell_text(self._cell(wanted))

    def _read(self, wanted: Field, read: Callable[[Cell], T]) -> T | None:
        """Return what a cell says; what cannot be read is a fault of the row."""
        try:
            return read(self._cell(wanted))
        except CellError as error:
            self._fault(wanted, error.reason)
            return None

    def _soft(self, wanted: Field, read: Callable[[Cell], T]) -> T | None:
        """Return what a cell says; what cannot be read is only a warning."""
        try:
            return read(self._cell(wanted))
        except CellError as error:
            self._warn(wanted, error.reason)
            return None

    def _fault(self, wanted: Field, code: str) -> None:
        self.faults.append(self._remark(wanted, code))

    def _warn(self, wanted: Field, code: str) -> None:
        self.warnings.append(self._remark(wanted, code))

    def _remark(self, wanted: Field, code: str) -> Remark:
        at = self.layout.columns.get(wanted)
        return Remark(code, self.layout.header[at].replace("\n", " ") if at is not None else "", self._text(wanted))


def no_person(row: SheetRow, layout: Layout) -> str:
    """Return why a row is no person, "" when it may be one."""
    if is_numbering(row):
        return "list.skipped_numbering"
    first = next((cell for cell in row.cells if isinstance(cell, str)), "")
    if first.lower().lstrip().startswith(_TOTALS) and _at(row, layout, Field.NIK) is None:
        return "list.skipped_total"
    if is_header_again(layout, row):
        return "list.skipped_header"
    if all(_at(row, layout, wanted) is None for wanted in _PERSON):
        return "list.skipped_words"
    return ""


def _at(row: SheetRow, layout: Layout, wanted: Field) -> Cell:
    at = layout.columns.get(wanted)
    return row.cells[at] if at is not None and at < len(row.cells) else None


def are_rounded(rows: Sequence[SheetRow], layout: Layout) -> bool:
    """Return whether most NIK kept as text end in 0: they were numbers in a spreadsheet once, and lost a digit."""
    texts = [cell for row in rows if isinstance(cell := _at(row, layout, Field.NIK), str)]
    niks = [digits for text in texts if len(digits := "".join(filter(str.isdigit, text))) == 16]
    ending = sum(digits.endswith("0") for digits in niks)
    return ending >= _SUSPICIOUS and ending * 2 > len(niks)


def _without_doubles(draft: TargetDraft, sheet: Sheet) -> TargetDraft:
    """Refuse a NIK that two people have; of one person written twice the first row stays."""
    niks = Counter(row.biodata.nik.digits for row in draft.accepted)
    people = Counter((row.biodata.name, row.biodata.birth_date) for row in draft.accepted)
    owners: dict[str, set[tuple[str, date]]] = {}
    for row in draft.accepted:
        owners.setdefault(row.biodata.nik.digits, set()).add((row.biodata.name, row.biodata.birth_date))
    by_number = {row.number: row for row in sheet.rows}
    nik_column = draft.layout.header[draft.layout.columns[Field.NIK]].replace("\n", " ")
    accepted: list[ReadRow] = []
    refused, seen = list(draft.refused), set[str]()
    for row in draft.accepted:
        who, digits = row.biodata, row.biodata.nik.digits
        code = "list.nik_of_two" if len(owners[digits]) > 1 else "list.nik_twice" if digits in seen else ""
        seen.add(digits)
        if code:
            refused.append(refused_row(by_number[row.number], [Remark(code, nik_column, digits)]))
        elif niks[digits] == 1 and people[(who.name, who.birth_date)] > 1:
            accepted.append(replace(row, warnings=(*row.warnings, Remark("list.same_person", "", who.name))))
        else:
            accepted.append(row)
    return replace(draft, accepted=tuple(accepted), refused=tuple(sorted(refused, key=lambda row: row.number)))


REMEMBERED = "target_columns"  # setting: pairs of a header's signature and its columns by field, the latest last
_MOST_REMEMBERED = 50
_KINDS = {
    b"PK": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"\xd0\xcf\x11\xe0": "application/vnd.ms-excel",
    b"<": "text/html",
    b"{": "application/json",
    b"[": "application/json",
}


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A file of a target list and the sheets in it."""

    name: str
    content: bytes
    sheets: tuple[Sheet, ...]


class ImportTargets:
    """Reads and takes over target lists."""

    def __init__(
        self, units: UnitsOfWork, sheets: TargetSheets, nik_key: NikKey, is_known_region: Callable[[str], bool]
    ) -> None:
        self._units, self._sheets, self._nik_key, self._is_known_region = units, sheets, nik_key, is_known_region

    def read(self, name: str, content: bytes) -> TargetFile:
        """Return the sheets of a file. Raise `InputError` with one clear sentence for anything that is no list."""
        return TargetFile(name, content, self._sheets.read(name, content))

    def guess(self, file: TargetFile) -> Layout:
        """Return header and columns: as somebody set them for this header before, or by their words."""
        layout = guess_layout(file.sheets)
        with self._units.read() as unit:
            columns = _remembered(unit).get(layout.signature)
        return layout if columns is None else recalled(layout, columns)

    def choose(self, layout: Layout, field: Field, column: int | None) -> Layout:
        """Return the mapping with a field at another column, or at none."""
        return remapped(layout, field, column)

    def preview(self, activity_id: str, file: TargetFile, layout: Layout) -> TargetDraft:
        """Read every row and check it against itself, the list, earlier lists and what this kit has recorded.

        Raise `InputError` while a column is missing without which nobody can be named.
        """
        check_layout(layout)
        with self._units.read() as unit:
            draft = read_rows(file.sheets[layout.sheet], layout, self._context(unit, activity_id))
            return self._compared(unit, activity_id, draft, file)

    def take_over(self, activity_id: str, file: TargetFile, draft: TargetDraft) -> TargetList:
        """Keep all accepted rows, the refused ones as a list of their own, and the file itself, in one transaction.

        Raise `RuleError`: `list.nobody_accepted`, `list.came_meanwhile` when the activity got some of them meanwhile.
        """
        if not draft.accepted:
            raise RuleError("list.nobody_accepted", refused=len(draft.refused))
        with self._units.write(Permission.REGISTER) as work:
            unit = work.unit
            listed = unit.targets.with_niks(row.biodata.nik.digits for row in draft.accepted)
            if any(key.activity_id == activity_id for key in listed):
                raise RuleError("list.came_meanwhile")
            first = unit.targets.last_house(activity_id) + 1
            people = [(row, work.ids.new()) for row in draft.accepted]
            unit.targets.save(
                Target(target_id, activity_id, first + place, row.biodata, row.category)
                for place, (row, target_id) in enumerate(people)
            )
            made = (notes_of(row, target_id, activity_id) for row, target_id in people)
            unit.repository(TargetNotes).save_all(notes for notes in made if notes is not None)
            taken = TargetList(
                thing_id=work.ids.new(),
                activity_id=activity_id,
                name=file.name,
                imported_at=work.at,
                header=draft.layout.header,
                accepted=len(draft.accepted),
                refused=draft.refused,
            )
            work.keep(taken, "targets_taken_over", accepted=taken.accepted, refused=len(taken.refused))
            work.attach(taken.thing_id, file.name, media_type_of(file.content), file.content)
            columns = _remembered(unit)
            columns.pop(draft.layout.signature, None)
            columns[draft.layout.signature] = {field.value: at for field, at in draft.layout.columns.items()}
            unit.settings.put(REMEMBERED, list(columns.items())[-_MOST_REMEMBERED:])
            fulfil(work, activity_id, Fulfilment.TARGETS_COLLECTED, taken.thing_id)
            return taken

    def refused_file(
        self, title: str, header: Sequence[str], refused: Sequence[RefusedRow], messages: Messages
    ) -> bytes:
        """Return refused rows as an XLSX with row number and reasons in front, to be corrected and read again."""
        heads = (messages.text("common.row"), messages.text("list.column_reasons"))
        rows = [(str(row.number), "; ".join(messages.text(r.code) for r in row.reasons), *row.cells) for row in refused]
        return self._sheets.write(title, (*heads, *(words.replace("\n", " ") for words in header)), rows)

    def _context(self, unit: Unit, activity_id: str) -> ListContext:
        requests = unit.repository(SuratPermohonan).of(activity_id)
        last = requests[-1] if requests else None
        return ListContext(
            today=self._units.clock.today(),
            is_known_region=self._is_known_region,
            region=last.region if last else "",
            village=last.village if last else "",
            district=last.district if last else "",
        )

    def _compared(self, unit: Unit, activity_id: str, draft: TargetDraft, file: TargetFile) -> TargetDraft:
        niks = [row.biodata.nik.digits for row in draft.accepted]
        digests = {nik: self._nik_key.digest(nik) for nik in niks}
        recorded = set(unit.records.known({digest: nik for nik, digest in digests.items()}))
        names = {activity.activity_id: activity.name for activity in unit.activities.all()}
        here: set[str] = set()
        elsewhere: dict[str, str] = {}
        for key in unit.targets.with_niks(niks):
            if key.activity_id == activity_id:
                here.add(key.nik)
            else:
                elsewhere[key.nik] = names.get(key.activity_id, "")
        column = draft.layout.header[draft.layout.columns[Field.NIK]].replace("\n", " ")
        by_number = {row.number: row for row in file.sheets[draft.layout.sheet].rows}
        accepted, refused = [], list(draft.refused)
        for row in draft.accepted:
            nik, warnings = row.biodata.nik.digits, list(row.warnings)
            if nik in here:
                cells = tuple(map(cell_text, by_number[row.number].cells))
                refused.append(RefusedRow(row.number, cells, (Remark("list.listed_already", column, nik),)))
                continue
            if digests[nik] in recorded:
                warnings.append(Remark("list.recorded_before", column, nik))
            if nik in elsewhere:
                warnings.append(Remark("list.in_other_list", "", elsewhere[nik]))
            accepted.append(replace(row, warnings=tuple(warnings)))
        refused.sort(key=lambda row: row.number)
        return replace(draft, accepted=tuple(accepted), refused=tuple(refused))


def _remembered(unit: Unit) -> dict[str, dict[str, int]]:
    """Return the columns of each header that was set before; older programs kept a mapping, which has no order."""
    kept = unit.settings.get(REMEMBERED) or {}
    return dict(kept.items() if isinstance(kept, dict) else kept)


def media_type_of(content: bytes) -> str:
    """Return what kind of file a list is."""
    return next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), "text/csv")


def notes_of(row: ReadRow, target_id: str, activity_id: str) -> TargetNotes | None:
    """Return what a row says of a person beyond the biodata, None when it says nothing."""
    if not (row.legal or row.access or row.contact or row.safety) and row.latitude is None:
        return None
    return TargetNotes(
        thing_id=target_id,
        activity_id=activity_id,
        legal=row.legal,
        access=row.access,
        contact=row.contact,
        safety=row.safety,
        latitude=row.latitude,
        longitude=row.longitude,
    )
