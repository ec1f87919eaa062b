from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN, STAFF, furnish

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Kedudukan, Staff
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.people.keep_staff import ImportStaff

RINA = replace(STAFF[1], kedudukan=Kedudukan.KEPALA_DINAS, qualifications=("Memahami SIAK",))
AGUS = replace(STAFF[2], kedudukan=Kedudukan.LAIN)
HEAD = ("No", "NAMA", "NIP", "Pangkat/Golongan", "Jabatan")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN) as kit:
        furnish(kit)
        yield kit


def table(*rows: tuple[str, ...]) -> bytes:
    return SpreadsheetFiles().write("Pegawai", ("Daftar pegawai", "", "", "", ""), [HEAD, *rows])


def test_people_are_taken_over_and_who_is_known_is_brought_up_to_date(kit: Kit) -> None:
    staff = kit.context.office.staff
    before = {person.name: person for person in staff.search()}
    rina = before["Rina Wulandari"]
    content = table(
        ("1", "Sri  Lestari", "1985 0101 2010 012001", "Penata (III/c)", "Pranata"),
        ("", "", "", "", ""),
        ("2", "Rina Wulandari", rina.nip, "", "Ketua tim"),
    )
    assert kit.context.office.staff_imports.take("pegawai.xlsx", content) == 2
    after = {person.name: person for person in staff.search()}
    assert after["Sri Lestari"].nip == "198501012010012001"
    assert (after["Rina Wulandari"].jabatan, after["Rina Wulandari"].pangkat) == ("Ketua tim", rina.pangkat)
    assert after["Rina Wulandari"].thing_id == rina.thing_id
    assert len(after) == len(before) + 1


class OneTable:
    """Sheets of one table with the cells as they are typed in it."""

    def __init__(self, *rows: Sequence[Cell]) -> None:
        self.rows = rows

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        rows = (("Nama", "NIP", "Pangkat", "Jabatan"), *self.rows)
        return (Sheet("Pegawai", tuple(SheetRow(at, tuple(row)) for at, row in enumerate(rows, 1))),)

    write = SpreadsheetFiles().write


def take(kit: Kit, *rows: Sequence[Cell]) -> list[Staff]:
    """Take rows and return who is otherwise than before, or new."""
    staff = kit.context.office.staff
    before = staff.search()
    ImportStaff(OneTable(*rows), staff).take("pegawai.xlsx", b"")
    return [person for person in staff.search() if person not in before]


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (("rina  wulandari", "", "", ""), replace(RINA, name="rina wulandari")),
        (("Rina W.", RINA.nip, None, ""), replace(RINA, name="Rina W.")),
        (("Rina W.", "199105032015022002", "", ""), Staff("", "Rina W.", "199105032015022002")),
        (("Rina Wulandari", "199105032015022002", "", ""), replace(RINA, nip="199105032015022002")),
        (("Rina Wulandari", "", "Penata (III/c)", ""), replace(RINA, pangkat="Penata (III/c)")),
        (("Rina Wulandari", "", "", "Ketua tim"), replace(RINA, jabatan="Ketua tim")),
        (("agus setiawan",), replace(AGUS, name="agus setiawan")),
        (("Budi", "", "", ""), Staff("", "Budi")),
        ((12.0, None, 12.5, True), Staff("", "12", pangkat="12.5", jabatan="True")),
        (("'Budi",), Staff("", "Budi")),
    ],
)
def test_who_is_known_by_nip_or_name_keeps_what_the_table_leaves_blank(
    kit: Kit, row: Sequence[Cell], kept: Staff
) -> None:
    for person in (RINA, AGUS):
        kit.context.office.staff.save(person)
    (found,) = take(kit, (None, " ", ""), row)  # a blank row is nobody
    wanted = replace(kept, thing_id=kept.thing_id or found.thing_id, kedudukan=kept.kedudukan or Kedudukan.LAIN)
    assert found == wanted
    assert found.thing_id


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("Sri", 10**15), "staff.row_lost_digits"),
        (("Sri", 1e15), "staff.row_lost_digits"),
        (("Sri", -(10**15)), "staff.row_lost_digits"),
        (("Sri", 10**15 - 1), "staff.row_nip"),
        ((None, "", "", "Pranata"), "staff.row_no_name"),
    ],
)
def test_a_number_of_sixteen_digits_was_not_kept_whole(kit: Kit, row: Sequence[Cell], code: str) -> None:
    with pytest.raises(InputError) as caught:
        take(kit, row)
    assert (caught.value.code, caught.value.problem.params["row"]) == (code, 2)


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (table(("1", "Sri Lestari", "12", "", "")), "staff.row_nip", 3),
        (table(("1", "", "", "", "Pranata")), "staff.row_no_name", 3),
        (SpreadsheetFiles().write("A", ("NIP",), [("1",)]), "staff.no_heads", None),
        (b"Nama;NIP\nSri;199105032015022001\nAdi;x\n", "staff.row_nip", 3),
    ],
)
def test_one_bad_row_takes_nobody(kit: Kit, content: bytes, code: str, row: int | None) -> None:
    with pytest.raises(InputError) as caught:
        kit.context.office.staff_imports.take("pegawai.xlsx", content)
    assert (caught.value.code, caught.value.problem.params.get("row")) == (code, row)
    assert len(kit.context.office.staff.search()) == 4


def test_a_nip_that_lost_its_digits_is_not_believed(kit: Kit, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in (("Nama", "NIP"), ("Sri Lestari", 199105032015022001)):
        book.active.append(line)
    book.save(tmp_path / "pegawai.xlsx")
    with pytest.raises(InputError, match=r"staff\.row_lost_digits"):
        kit.context.office.staff_imports.take("pegawai.xlsx", (tmp_path / "pegawai.xlsx").read_bytes())
