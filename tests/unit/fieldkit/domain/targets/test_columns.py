"""Headers are found below titles, over two rows, and by many words."""

from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.columns import check_layout, guess_layout, is_header_again, is_numbering, remapped
from fieldkit.domain.targets.sheets import Cell, Field, Sheet, SheetRow


def sheet(*rows: tuple[Cell, ...], name: str = "Sheet1") -> Sheet:
    return Sheet(name, tuple(SheetRow(at, cells) for at, cells in enumerate(rows, 1)))


PLAIN = ("No.", "NIK", "Nama Lengkap", "JK", "Tgl Lahir", "Alamat")
PERSON = (1, "3505125207510003", "MISINEM", "P", "12-07-1951", "KRAJAN")


def test_the_header_stands_below_titles() -> None:
    layout = guess_layout([sheet(("DATA SASARAN",), ("DESA JIMBE", None), PLAIN, PERSON)])
    assert layout.first_row == 3
    assert layout.header == PLAIN
    assert layout.columns == {Field.NIK: 1, Field.NAME: 2, Field.SEX: 3, Field.BIRTH_DATE: 4, Field.STREET: 5}


def test_merged_heads_over_two_rows_are_put_together() -> None:
    upper = ("NO", "NIK", "NAMA", "TEMPAT/TGL LAHIR", None, "ALAMAT", None, None, "KET")
    lower = (None, None, None, "TEMPAT", "TGL LAHIR", "DUSUN", "RT", "RW", None)
    layout = guess_layout([sheet(("DAFTAR",), upper, lower, PERSON)])
    assert layout.first_row == 3
    assert layout.header[3:7] == (
        "TEMPAT/TGL LAHIR\nTEMPAT",
        "TEMPAT/TGL LAHIR\nTGL LAHIR",
        "ALAMAT\nDUSUN",
        "ALAMAT\nRT",
    )
    assert {field: layout.columns[field] for field in (Field.BIRTH_PLACE, Field.BIRTH_DATE, Field.RT, Field.RW)} == {
        Field.BIRTH_PLACE: 3,
        Field.BIRTH_DATE: 4,
        Field.RT: 6,
        Field.RW: 7,
    }


def test_the_sheet_with_the_better_header_is_taken() -> None:
    layout = guess_layout([sheet(("Nama", "NIK"), ("Kades", "-")), sheet(PLAIN, PERSON)])
    assert layout.sheet == 1


def test_without_a_header_there_is_one_clear_sentence() -> None:
    with pytest.raises(InputError, match=r"list\.no_header"):
        guess_layout([sheet(PERSON, PERSON)])


def test_a_column_means_one_thing_only() -> None:
    layout = guess_layout([sheet(PLAIN, PERSON)])
    moved = remapped(layout, Field.BIRTH_PLACE, 5)
    assert moved.columns[Field.BIRTH_PLACE] == 5
    assert Field.STREET not in moved.columns
    assert Field.NIK not in remapped(layout, Field.NIK, None).columns


@pytest.mark.parametrize("field", [Field.NIK, Field.NAME, Field.BIRTH_DATE])
def test_nobody_is_named_without_nik_name_and_birth_date(field: Field) -> None:
    layout = guess_layout([sheet(PLAIN, PERSON)])
    check_layout(layout)
    with pytest.raises(InputError, match=rf"list\.no_{field.value}_column"):
        check_layout(remapped(layout, field, None))


def test_rows_that_are_no_people_are_known() -> None:
    layout = guess_layout([sheet(PLAIN, PERSON)])
    assert is_header_again(layout, SheetRow(9, PLAIN))
    assert not is_header_again(layout, SheetRow(9, PERSON))
    assert is_numbering(SheetRow(2, ("(1)", "(2)", "(3)", "(4)")))
    assert is_numbering(SheetRow(2, (1.0, 2.0, 3.0)))
    assert not is_numbering(SheetRow(2, PERSON))


def test_a_signature_is_that_of_the_header_whatever_its_case() -> None:
    one = guess_layout([sheet(PLAIN, PERSON)])
    two = guess_layout([sheet(tuple(words.upper() for words in PLAIN), PERSON)])
    assert one.signature == two.signature
