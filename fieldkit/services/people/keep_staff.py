"""The people of the dinas whom papers name and plans send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import NIP_DIGITS, Kedudukan, Permission, Staff, User
from fieldkit.domain.targets.sheets import Cell, SheetRow
from fieldkit.ports.documents import TargetSheets
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class KeepStaff:
    """Reads and writes the staff list. Planners and the keeper of the profile may change it."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def search(self, text: str = "") -> Sequence[Staff]:
        """Return the people who match what was typed, by name."""
        with self._units.read() as unit:
            return sorted(unit.repository(Staff).search(text), key=lambda person: person.name.casefold())

    def get(self, staff_id: str) -> Staff:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(Staff).get(staff_id)

    def accounts(self) -> Sequence[User]:
        """Return the accounts that a person may have."""
        with self._units.read() as unit:
            return unit.users()

    def save(self, person: Staff) -> Staff:
        """Keep a person; without an id a new one. Raise `InputError` for no name, a NIP or account that cannot be."""
        tidy = tidied(person)
        with self._units.write(self._permission) as work:
            return _kept(work, tidy)

    def save_all(self, people: Sequence[Staff]) -> None:
        """Keep people in one act, or nobody. Raise as `save`."""
        with self._units.write(self._permission) as work:
            for person in people:
                _kept(work, tidied(person))

    def remove(self, staff_id: str) -> None:
        """Take a person off the list; plans and papers of before keep what they say."""
        with self._units.write(self._permission) as work:
            work.unit.repository(Staff).remove(staff_id)
            work.note("staff_removed", staff_id)

    @property
    def _permission(self) -> Permission:
        return Permission.PLAN if self._units.user.may(Permission.PLAN) else Permission.KEEP_PROFILE


def tidied(person: Staff) -> Staff:
    """Return a person as papers name him. Raise `InputError` `staff.no_name`, `staff.nip`."""
    tidy = replace(
        person,
        name=" ".join(person.name.split()),
        nip="".join(person.nip.split()),
        pangkat=person.pangkat.strip(),
        jabatan=person.jabatan.strip(),
        kedudukan=person.kedudukan or Kedudukan.LAIN,
    )
    if not tidy.name:
        raise InputError("staff.no_name").at("name")
    if tidy.nip and not (tidy.nip.isascii() and tidy.nip.isdigit() and len(tidy.nip) == NIP_DIGITS):
        raise InputError("staff.nip").at("nip")
    return tidy


def _kept(work: UnitOfWork, tidy: Staff) -> Staff:
    kept = replace(tidy, thing_id=tidy.thing_id or work.ids.new())
    for other in work.unit.repository(Staff).search():
        if other.thing_id != kept.thing_id:
            _demand_different(kept, other)
    work.keep(kept, "staff_saved")
    return kept


def _demand_different(one: Staff, other: Staff) -> None:
    if one.nip and one.nip == other.nip:
        raise InputError("staff.nip_taken", name=other.name).at("nip")
    if one.kedudukan is other.kedudukan is Kedudukan.KEPALA_DINAS:
        raise InputError("staff.head_taken", name=other.name).at("kedudukan")
    if one.user_id and one.user_id == other.user_id:
        raise InputError("staff.account_taken", name=other.name).at("user_id")


# The staff of the dinas from a table: XLSX or CSV with a head row. All of it is taken, or nothing.

_MOST_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number: of a NIP that is one, the last are lost
# What the heads of such tables say, in small letters.
_HEADS = {
    "name": ("nama", "nama pegawai", "nama lengkap", "name"),
    "nip": ("nip",),
    "pangkat": ("pangkat", "pangkat/golongan", "pangkat/gol", "golongan", "pangkat / golongan", "rank"),
    "jabatan": ("jabatan", "position"),
}

_OF_A_ROW = {"staff.no_name": "staff.row_no_name", "staff.nip": "staff.row_nip"}


class ImportStaff:
    """Reads the table and keeps its people; who is known by NIP, or by name without one, is brought up to date."""

    def __init__(self, sheets: TargetSheets, staff: KeepStaff) -> None:
        self._sheets, self._staff = sheets, staff

    def take(self, name: str, content: bytes) -> int:
        """Keep the people of a file and return how many. Raise `InputError` `staff.no_heads`, `staff.row_…` (row)."""
        people = self._read(name, content)
        self._staff.save_all(people)
        return len(people)

    def _read(self, name: str, content: bytes) -> Sequence[Staff]:
        for sheet in self._sheets.read(name, content):
            for at, row in enumerate(sheet.rows):
                heads = [_text(cell).casefold() for cell in row.cells]
                columns = {field: _first(heads, words) for field, words in _HEADS.items()}
                if columns["name"] is not None:
                    return self._people(sheet.rows[at + 1 :], columns)
        raise InputError("staff.no_heads", name=name)

    def _people(self, rows: Sequence[SheetRow], columns: dict[str, int | None]) -> Sequence[Staff]:
        known = self._staff.search()
        by_nip, by_name = {each.nip: each for each in known if each.nip}, {_key(each.name): each for each in known}
        people: list[Staff] = []
        for row in rows:
            said = {field: "" if column is None else _at(row, column) for field, column in columns.items()}
            if not any(said.values()):
                continue
            was = by_nip.get("".join(said["nip"].split())) or by_name.get(_key(said["name"]))
            try:
                people.append(
                    tidied(
                        Staff(
                            was.thing_id if was else "",
                            said["name"],
                            said["nip"] or (was.nip if was else ""),
                            said["pangkat"] or (was.pangkat if was else ""),
                            said["jabatan"] or (was.jabatan if was else ""),
                            was.user_id if was else "",
                            kedudukan=was.kedudukan if was else None,
                            qualifications=was.qualifications if was else (),
                        )
                    )
                )
            except InputError as error:
                raise InputError(_OF_A_ROW[error.code], row=row.number) from error
        return people


def _first(heads: Sequence[str], words: Sequence[str]) -> int | None:
    return next((at for at, head in enumerate(heads) if head in words), None)


def _at(row: SheetRow, column: int) -> str:
    cell = row.cells[column] if column < len(row.cells) else None
    if isinstance(cell, int | float) and abs(cell) >= _MOST_EXACT:
        raise InputError("staff.row_lost_digits", row=row.number)
    return _text(cell)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split()).lstrip("'")


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
