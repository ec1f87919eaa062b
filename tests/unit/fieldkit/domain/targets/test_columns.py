"""Headers are found below titles, over two rows, and by many words."""

from __future__ import annotations

from datetime import date

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.columns import (
    check_layout,
    guess_layout,
    is_header_again,
    is_numbering,
    recalled,
    remapped,
)
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


def test_a_merged_head_reaches_to_the_next_column_without_words() -> None:
    upper, lower = ("NIK", "NAMA", "A"), (None, None, "x", None, "RT", "RW")
    layout = guess_layout([sheet(upper, lower)])
    assert layout.header == ("NIK", "NAMA", "A\nx", "", "RT", "RW")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (("NIK", "Nama"), {Field.NIK: 0, Field.NAME: 1}),
        (("NIK", None, "JK"), {Field.NIK: 0, Field.SEX: 2}),
        (("Nama", "JK", "Nama"), {Field.NAME: 0, Field.SEX: 1}),
        (("Nama", "Tempat\nTanggal Lahir"), {Field.NAME: 0, Field.BIRTH: 1}),
        (("NIK", "x"), None),
        (("JK", "Alamat", "RT"), None),
        (("NIK", "Nama", 3), None),
    ],
)
def test_a_header_is_text_with_two_known_columns_and_a_nik_or_a_name(
    header: tuple[Cell, ...], columns: dict[Field, int] | None
) -> None:
    if columns is None:
        with pytest.raises(InputError, match=r"list\.no_header"):
            guess_layout([sheet(header)])
        return
    layout = guess_layout([sheet(header)])
    assert (layout.columns, layout.header) == (columns, tuple(words or "" for words in header))


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
    both_in_one = remapped(remapped(layout, Field.BIRTH_DATE, None), Field.BIRTH, 4)
    check_layout(both_in_one)  # "Blitar, 12 Mei 1950"
    if field is not Field.BIRTH_DATE:
        with pytest.raises(InputError, match=rf"list\.no_{field.value}_column"):
            check_layout(remapped(both_in_one, field, None))


@pytest.mark.parametrize(
    ("cells", "is_header"),
    [
        (PLAIN, True),
        ((*(None,) * 4, "TGL. LAHIR", "alamat"), True),
        ((*(None,) * 5, "Alamat"), False),
        (PERSON, False),
        (("No.",), False),
        (("No.", "NIK"), False),
        (("No.", "NIK", "Nama Lengkap"), True),
        ((), False),
    ],
)
def test_a_row_with_two_or_half_of_the_words_is_the_header_again(cells: tuple[Cell, ...], is_header: bool) -> None:
    assert is_header_again(guess_layout([sheet(PLAIN, PERSON)]), SheetRow(9, cells)) is is_header


@pytest.mark.parametrize(
    ("cells", "is_so"),
    [
        (("(1)", "(2)", "(3)", "(4)"), True),
        ((1.0, 2.0, 3.0), True),
        ((1, 2, 3), True),
        ((-1.0, -2.0, None, -3.0), True),
        ((-1, "-2", 3), True),
        ((None, "4", None, "5", "6"), True),
        (("1", "2"), False),
        ((1.5, 2.5, 3.5), False),
        (("1", "2", "4"), False),
        (("NIK", "1", "2", "3"), False),
        ((date(2026, 1, 1), "1", "2"), False),
        (PERSON, False),
    ],
)
def test_a_row_that_only_counts_the_columns_is_known(cells: tuple[Cell, ...], is_so: bool) -> None:
    assert is_numbering(SheetRow(2, cells)) is is_so


def test_a_signature_is_that_of_the_header_whatever_its_case() -> None:
    one = guess_layout([sheet(PLAIN, PERSON)])
    two = guess_layout([sheet(tuple(words.upper() for words in PLAIN), PERSON)])
    assert one.signature == two.signature


STATUS = ("NIK", "Nama", "Tgl Lahir", "Status", "Status Kawin")
NO_MARRIAGE = ("NIK", "Nama", "Tgl Lahir", "Status")


@pytest.mark.parametrize(
    ("header", "told", "chosen", "at", "unsure"),
    [
        (NO_MARRIAGE, "Hidup", 3, None, ()),  # as programs of before guessed it
        (STATUS, "Hidup", 3, 4, ()),
        (STATUS, "Hidup", 4, 4, ()),
        (STATUS, "KAWIN", None, None, ()),
        (NO_MARRIAGE, "KAWIN", 3, 3, ()),
        (NO_MARRIAGE, "1", 3, 3, ()),  # somebody knows better than the values tell
        (NO_MARRIAGE, "1", None, None, (3,)),
        (NO_MARRIAGE, "Hidup", 2, 2, ()),
        (NO_MARRIAGE, "Hidup", 9, None, ()),
    ],
)
def test_a_marriage_of_before_is_forgotten_where_the_values_say_something_else(
    header: tuple[str, ...], told: str, chosen: int | None, at: int | None, unsure: tuple[int, ...]
) -> None:
    layout = guess_layout([sheet(header, ("3505125207510003", "MISINEM", "12-07-1951", told, "KAWIN")[: len(header)])])
    columns = {"nik": 0, **({"marital_status": chosen} if chosen is not None else {})}
    found = recalled(layout, columns)
    assert (found.columns.get(Field.MARITAL_STATUS), found.unsure) == (at, unsure)


def test_the_more_exact_head_is_taken() -> None:
    person = ("3505125207510003", "MISINEM", "12-07-1951", "KAWIN", "CERAI MATI")
    assert guess_layout([sheet(STATUS, person)]).columns[Field.MARITAL_STATUS] == 4
    layout = guess_layout([sheet(("Nama", "NIK", "Dusun", "Alamat", "Nama Lengkap"))])
    assert layout.columns == {Field.NAME: 4, Field.NIK: 1, Field.STREET: 3}


def test_a_status_that_somebody_chose_is_asked_no_more() -> None:
    layout = guess_layout([sheet(NO_MARRIAGE, ("3505125207510003", "MISINEM", "12-07-1951", "?"))])
    assert layout.unsure == (3,)
    assert remapped(layout, Field.REMARK, 3).unsure == ()
    assert remapped(layout, Field.REMARK, 2).unsure == (3,)
