from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN, furnish

from fieldkit.domain.errors import InputError
from fieldkit.formats.target_sheets import SpreadsheetFiles

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
