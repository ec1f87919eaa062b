"""What spreadsheets do to numbers and dates, read right or not at all."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.nik import Sex
from fieldkit.domain.planning.outreach import ServiceCategory, TargetVerdict
from fieldkit.domain.targets import cells
from fieldkit.domain.targets.notes import LegalCategory
from fieldkit.domain.targets.sheets import Cell, CellError, Reason


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
    assert cells.number_text(cell) == "3505125207510003"


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
        cells.number_text(cell)
    assert caught.value.reason is Reason.LOST_DIGITS


@given(st.integers(10**15, 10**16 - 1))
def test_what_excel_keeps_of_sixteen_digits_is_refused_or_true(nik: int) -> None:
    kept = float(f"{nik:.14e}")  # 15 significant digits
    with suppress(CellError):
        assert cells.number_text(kept) == str(nik)


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
    assert cells.number_text(cell) == digits  # type: ignore[arg-type]


def test_a_number_from_2_to_the_53_on_may_be_another() -> None:
    with pytest.raises(CellError):
        cells.number_text(2**53)


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
    assert (cells.cell_text(cell), cells.is_typed_number(cell)) == (text, is_typed)


@pytest.mark.parametrize("cell", [True, date(1950, 5, 12), -5, 1.5, float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_none(cell: object) -> None:
    with pytest.raises(CellError):
        cells.number_text(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *(date(1950, 5, 12), datetime(1950, 5, 12, 0, 0), 18395, 18395.0, "12-05-1950", "12/5/1950", "12.05.1950"),  # noqa: DTZ001 – as openpyxl gives it
        *("1950-05-12", "1950-05-12 00:00:00", "12 Mei 1950", "12 mei, 1950", "12-Mei-1950", "Jumat, 12 Mei 1950"),
        *("12 May 1950", "12MEI1950"),
    ],
)
def test_a_birth_date_is_read_in_every_form(cell: object) -> None:
    assert cells.read_date(cell) == date(1950, 5, 12)


@pytest.mark.parametrize("month", ["Peb", "Februari", "Pebruari", "February"])
def test_months_have_many_names(month: str) -> None:
    assert cells.read_date(f"3 {month} 2001") == date(2001, 2, 3)


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
        cells.read_date(cell)
    assert caught.value.reason is reason


def test_place_and_date_may_share_a_cell() -> None:
    assert cells.read_birth("Blitar, 12 Mei 1950") == ("Blitar", date(1950, 5, 12))
    assert cells.read_birth("Kab. Blitar/12-05-1950") == ("Kab. Blitar", date(1950, 5, 12))
    assert cells.read_birth(date(1950, 5, 12)) == ("", date(1950, 5, 12))
    with pytest.raises(CellError) as caught:
        cells.read_birth("Blitar")
    assert caught.value.reason is Reason.NO_DATE


def test_words_for_few_choices() -> None:
    assert [cells.read_sex(cell) for cell in ("L", "lk", "Laki-laki", "PEREMPUAN", "p", "")] == [
        *(Sex.MALE, Sex.MALE, Sex.MALE, Sex.FEMALE, Sex.FEMALE, None)
    ]
    assert cells.read_marital_status("Belum Kawin") is MaritalStatus.BELUM_KAWIN
    assert cells.read_marital_status(4) is MaritalStatus.CERAI_MATI
    assert cells.read_verdict("NIK Bermasalah") is TargetVerdict.NIK_BERMASALAH
    assert cells.read_verdict("sudah rekam") is TargetVerdict.SUDAH_MEREKAM
    assert cells.read_verdict("PRINT_READY\nRECORD") is TargetVerdict.SUDAH_MEREKAM
    assert cells.read_verdict("BLM_RKM_KTP") is TargetVerdict.TERVERIFIKASI
    for read in (cells.read_sex, cells.read_marital_status, cells.read_verdict):
        with pytest.raises(CellError):
            read("entahlah")


def test_categories_are_found_within_words() -> None:
    assert cells.read_category("Penyandang disabilitas (tuna netra)") is ServiceCategory.DISABILITAS
    assert cells.read_category("Orang dengan gangguan jiwa") is ServiceCategory.ODGJ
    assert cells.read_category("Lanjut usia") is ServiceCategory.LANSIA
    assert cells.read_category("biasa saja") is None
    assert cells.read_legal("Korban bencana sosial") is LegalCategory.KORBAN_BENCANA_SOSIAL
    assert cells.read_legal("korban bencana alam (banjir)") is LegalCategory.KORBAN_BENCANA_ALAM
    assert cells.read_legal("orang terlantar") is LegalCategory.ORANG_TERLANTAR


def test_rt_and_rw_even_where_excel_made_a_day_of_them() -> None:
    assert cells.read_rt_rw("03/01") == ("003", "001")
    assert cells.read_rt_rw("RT 3 RW 12") == ("003", "012")
    assert cells.read_rt_rw(datetime(2026, 1, 3)) == ("003", "001")  # noqa: DTZ001
    assert (cells.read_rt_rw(""), cells.read_rt_rw(3)) == (("", ""), ("003", ""))
    assert (cells.read_rt(3), cells.read_rt("RT 07"), cells.read_rt("atas")) == ("003", "007", "atas")


def test_coordinates_within_the_globe() -> None:
    assert cells.read_degrees("-8,0954", 90) == -8.0954
    assert cells.read_degrees(None, 90) is None
    assert [cells.read_degrees(cell, 90) for cell in (-90, "90")] == [-90, 90]
    for cell in ("di bukit", 90.1, -90.1):
        with pytest.raises(CellError):
            cells.read_degrees(cell, 90)
