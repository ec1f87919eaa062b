"""Headers are found below titles, over two rows, and by many words."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.domain.planning.outreach import ServiceCategory, TargetVerdict
from fieldkit.domain.targets import columns
from fieldkit.domain.targets.columns import (
    NO_FAMILY,
    Family,
    check_layout,
    guess_layout,
    is_header_again,
    is_numbering,
    read_family,
    recalled,
    remapped,
)
from fieldkit.domain.targets.requests import LegalCategory
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Reason, Sheet, SheetRow


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


@pytest.mark.parametrize(
    "cell",
    [
        "3505125207510003",
        "'3505125207510003",
        "’3505125207510003",
        " 3505 1252 0751 0003 ",
        "35.05.12.520751.0003",
        "350512-520751-0003",
        '="3505125207510003"',
        3505125207510003,
        3505125207510003.0,
    ],
)
def test_a_nik_is_read_in_every_form_that_keeps_its_digits(cell: str | float) -> None:
    assert columns.number_text(cell) == "3505125207510003"


@pytest.mark.parametrize(
    "cell",
    [
        3505125207510010,
        3505125207510010.0,
        3.50512520751e15,
        9171015207510003,
        1e300,
        "3.50512E+15",
        "3,50513E+15",
        "4E15",
    ],
)
def test_a_number_that_may_have_lost_digits_is_never_taken(cell: str | float) -> None:
    with pytest.raises(CellError) as caught:
        columns.number_text(cell)
    assert caught.value.reason is Reason.LOST_DIGITS


@given(st.integers(10**15, 10**16 - 1))
def test_what_excel_keeps_of_sixteen_digits_is_refused_or_true(nik: int) -> None:
    kept = float(f"{nik:.14e}")  # 15 significant digits
    with suppress(CellError):
        assert columns.number_text(kept) == str(nik)


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (120, "120"),
        (2**53 - 1, "9007199254740991"),
        (123456789012345, "123456789012345"),
    ],
)
def test_a_short_number_keeps_its_digits(cell: object, digits: str) -> None:
    assert columns.number_text(cell) == digits  # type: ignore[arg-type]


def test_a_number_from_2_to_the_53_on_may_be_another() -> None:
    with pytest.raises(CellError):
        columns.number_text(2**53)


@pytest.mark.parametrize(
    ("cell", "text", "is_typed"),
    [
        (7, "7", True),
        (3.0, "3", True),
        (1.5, "1.5", True),
        (True, "True", False),
        ("  Jl.  Melati ", "Jl. Melati", False),
        (None, "", False),
        (date(1950, 5, 12), "12-05-1950", False),
        (datetime(1950, 5, 12, 8, 30), "12-05-1950", False),  # noqa: DTZ001 – as openpyxl gives it
    ],
)
def test_a_cell_is_read_as_people_read_it(cell: Cell, text: str, is_typed: bool) -> None:
    assert (columns.cell_text(cell), columns.is_typed_number(cell)) == (text, is_typed)


@pytest.mark.parametrize("cell", [True, date(1950, 5, 12), -5, 1.5, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_none(cell: object) -> None:
    with pytest.raises(CellError):
        columns.number_text(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *(date(1950, 5, 12), datetime(1950, 5, 12, 0, 0), 18395, 18395.0, "12-05-1950", "12/5/1950", "12.05.1950"),  # noqa: DTZ001 – as openpyxl gives it
        *("1950-05-12", "1950-05-12 00:00:00", "12 Mei 1950", "12 mei, 1950", "12-Mei-1950", "Jumat, 12 Mei 1950"),
        *("12 May 1950", "12MEI1950"),
    ],
)
def test_a_birth_date_is_read_in_every_form(cell: object) -> None:
    assert columns.read_date(cell) == date(1950, 5, 12)


@pytest.mark.parametrize("month", ["Peb", "Februari", "Pebruari", "February"])
def test_months_have_many_names(month: str) -> None:
    assert columns.read_date(f"3 {month} 2001") == date(2001, 2, 3)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12-05-50", Reason.SHORT_YEAR),
        ("12 Mei 50", Reason.SHORT_YEAR),
        ("31-02-1950", Reason.NO_DATE),
        ("05/25/1950", Reason.NO_DATE),
        ("kira-kira 1950", Reason.NO_DATE),
        ("12 Foo 1950", Reason.NO_DATE),
        (1950.5, Reason.NO_DATE),
        (99999999, Reason.NO_DATE),
        (True, Reason.NO_DATE),
        (None, Reason.NO_DATE),
    ],
)
def test_no_century_and_no_day_is_guessed(cell: object, reason: Reason) -> None:
    with pytest.raises(CellError) as caught:
        columns.read_date(cell)
    assert caught.value.reason is reason


def test_place_and_date_may_share_a_cell() -> None:
    assert columns.read_birth("Blitar, 12 Mei 1950") == ("Blitar", date(1950, 5, 12))
    assert columns.read_birth("Kab. Blitar/12-05-1950") == ("Kab. Blitar", date(1950, 5, 12))
    assert columns.read_birth(date(1950, 5, 12)) == ("", date(1950, 5, 12))
    with pytest.raises(CellError) as caught:
        columns.read_birth("Blitar")
    assert caught.value.reason is Reason.NO_DATE


def test_words_for_few_choices() -> None:
    assert [columns.read_sex(cell) for cell in ("L", "lk", "Laki-laki", "PEREMPUAN", "p", "")] == [
        *(Sex.MALE, Sex.MALE, Sex.MALE, Sex.FEMALE, Sex.FEMALE, None)
    ]
    assert columns.read_marital_status("Belum Kawin") is MaritalStatus.BELUM_KAWIN
    assert columns.read_marital_status(4) is MaritalStatus.CERAI_MATI
    assert columns.read_verdict("NIK Bermasalah") is TargetVerdict.NIK_BERMASALAH
    assert columns.read_verdict("sudah rekam") is TargetVerdict.SUDAH_MEREKAM
    assert columns.read_verdict("PRINT_READY\nRECORD") is TargetVerdict.SUDAH_MEREKAM
    assert columns.read_verdict("BLM_RKM_KTP") is TargetVerdict.TERVERIFIKASI
    for read in (columns.read_sex, columns.read_marital_status, columns.read_verdict):
        with pytest.raises(CellError):
            read("entahlah")


def test_categories_are_found_within_words() -> None:
    assert columns.read_category("Penyandang disabilitas (tuna netra)") is ServiceCategory.DISABILITAS
    assert columns.read_category("Orang dengan gangguan jiwa") is ServiceCategory.ODGJ
    assert columns.read_category("Lanjut usia") is ServiceCategory.LANSIA
    assert columns.read_category("biasa saja") is None
    assert columns.read_legal("Korban bencana sosial") is LegalCategory.KORBAN_BENCANA_SOSIAL
    assert columns.read_legal("korban bencana alam (banjir)") is LegalCategory.KORBAN_BENCANA_ALAM
    assert columns.read_legal("orang terlantar") is LegalCategory.ORANG_TERLANTAR


def test_rt_and_rw_even_where_excel_made_a_day_of_them() -> None:
    assert columns.read_rt_rw("03/01") == ("003", "001")
    assert columns.read_rt_rw("RT 3 RW 12") == ("003", "012")
    assert columns.read_rt_rw(datetime(2026, 1, 3)) == ("003", "001")  # noqa: DTZ001
    assert (columns.read_rt_rw(""), columns.read_rt_rw(3)) == (("", ""), ("003", ""))
    assert (columns.read_rt(3), columns.read_rt("RT 07"), columns.read_rt("atas")) == ("003", "007", "atas")


def test_coordinates_within_the_globe() -> None:
    assert columns.read_degrees("-8,0954", 90) == -8.0954
    assert columns.read_degrees(None, 90) is None
    assert [columns.read_degrees(cell, 90) for cell in (-90, "90")] == [-90, 90]
    for cell in ("di bukit", 90.1, -90.1):
        with pytest.raises(CellError):
            columns.read_degrees(cell, 90)


KK = "3505120101100001"
WHOLE = Family(KK, "JL. MAWAR 3, KRAJAN", "003", "001")


def family(*cells: Cell, before: Family = NO_FAMILY) -> Family | None:
    return read_family(SheetRow(7, cells), before)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ((f"No. KK : {KK} Alamat : JL. MAWAR 3, Nama Dusun : KRAJAN, RT/RW : 003/001",), WHOLE),
        ((f"NOMOR KK: {KK}", "Alamat : JL. MAWAR 3", "Dusun : KRAJAN", "RT : 3", "RW : 1"), WHOLE),
        (("No. KK", KK, None, "Nama Kepala Keluarga", "SUTRISNO"), Family(KK)),
        (("No. KK :", f"'{KK}"), Family(KK)),
        (("No KK : 3505 1201 0110 0001",), Family(KK)),
        ((f"No. KK : {KK} RT/RW 3/1 Kode Pos : 66161",), Family(KK, rt="003", rw="001")),
        ((f"No. KK : {KK} Desa/Kel : JIMBE Kecamatan : KADEMANGAN",), Family(KK, village="JIMBE")),
        (("Nama Kepala Keluarga :", "SUTRISNO"), NO_FAMILY),
        ((None, "Alamat :", "DUSUN KRAJAN RT/RW 003/001"), Family(street="DUSUN KRAJAN", rt="003", rw="001")),
    ],
)
def test_a_family_row_is_read_label_by_label(cells: tuple[Cell, ...], told: Family) -> None:
    assert family(*cells) == told


@pytest.mark.parametrize(
    "cells",
    [
        (),
        (None, None),
        (1, "MISINEM", "3505125207510003", "Alamat : KRAJAN"),
        ("MISINEM", "No. KK :", KK),
        ("RT : 003",),
        ("No. Akta : 12",),
        ("ALAMATSARI",),
    ],
)
def test_another_row_is_no_family(cells: tuple[Cell, ...]) -> None:
    assert family(*cells) is None


def test_rows_add_up_until_the_next_number() -> None:
    first = family("No. KK :", KK)
    assert first is not None
    second = family("Alamat :", "KRAJAN RT/RW : 003/001", before=first)
    assert second == Family(KK, "KRAJAN", "003", "001")
    assert family("No. KK : 3505120101100002", before=second) == Family("3505120101100002")
