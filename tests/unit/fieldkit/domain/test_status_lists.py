"""Columns and days of lists that the official application gave out, under the heads that dinas really hold."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.errors import InputError
from fieldkit.domain.status_lists import (
    RowMeaning,
    check_statuses,
    cut_lines,
    day_of_list,
    goes_back,
    guess_statuses,
    meaning_beside,
    read_nik,
    same_code,
    status_text,
)
from fieldkit.domain.targets.sheets import Cell, CellError, Field, Layout, Sheet, SheetRow

NIK, OTHER, THIRD = "3505125207510003", "3505121204880001", "3505124101900009"
KK = "3505120101200004"
TODAY = date(2026, 11, 21)


def sheet(*rows: tuple[Cell, ...], name: str = "Sheet1") -> Sheet:
    return Sheet(name, tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 1)))


def columns(*rows: tuple[Cell, ...]) -> tuple[int | None, int | None, tuple[int, ...]]:
    layout = guess_statuses((sheet(*rows),))
    return layout.columns.get(Field.NIK), layout.columns.get(Field.STATUS), layout.unsure


def test_a_column_of_status_words_is_the_status_whatever_its_head_says() -> None:
    rows = (("NIK", "Nama", "KETERANGAN"), (NIK, "A", "PRINT READY RECORD"), (OTHER, "B", "BELUM REKAM"))
    assert columns(*rows) == (0, 2, ())


def test_words_about_life_and_marriage_are_no_status() -> None:
    rows = (("NIK", "Nama", "Status", "Status Kawin"), (NIK, "A", "Hidup", "Cerai Mati"), (OTHER, "B", "Mati", "Kawin"))
    assert columns(*rows) == (0, None, ())


def test_the_more_exact_head_wins_over_another_column_of_status_words() -> None:
    """The list of the unrecorded has both."""
    head = ("NIK", "NAMA_LGKP", "WKTP_KET", "KETERANGAN", "CURRENT_STATUS_CODE")
    rows = ((NIK, "A", "WKTP", "SDH_RKM_KTP", "PRR        "), (OTHER, "B", "WKTP", "BLM_RKM_KTP", None))
    assert columns(head, *rows) == (0, 4, ())
    assert columns(("NIK", "Nama", "KTP-eL", "Stat Rkm"), (NIK, "A", "PRR", "BC"), (OTHER, "B", "PRR", "SFE"))[1] == 3


def test_two_equal_columns_that_contradict_each_other_are_asked_about() -> None:
    rows = (("NIK", "Nama", "A", "B"), (NIK, "X", "PRR", "SFE"), (OTHER, "Y", "PRR", "PRR"))
    assert columns(*rows) == (0, None, (2, 3))
    agreeing = (("NIK", "Nama", "A", "B"), (NIK, "X", "PRR", "print ready record"), (OTHER, "Y", "SFE", "SFE"))
    assert columns(*agreeing)[1:] == (None, (2, 3))
    assert columns(("NIK", "Nama", "A", "B"), (NIK, "X", "PRR", "PRR"), (OTHER, "Y", "SFE", "SFE"))[1:] == (2, ())


def test_strangers_are_a_status_only_under_a_head_that_says_so() -> None:
    assert columns(("NIK", "Nama", "EKTP_STATUS"), (NIK, "A", "MENUNGGU_X7"))[1] == 2
    assert columns(("NIK", "Nama", "Status"), (NIK, "A", "MENUNGGU_X7"))[1:] == (None, (2,))
    assert columns(("NIK", "Nama", "Catatan"), (NIK, "A", "rumah biru"))[1:] == (None, ())


def test_nearly_all_values_decide() -> None:
    head = ("NIK", "Nama", "X")
    many = [(f"35051252075100{at:02}", "A", "PRR") for at in range(8)]
    strange = [(f"35051252075101{at:02}", "A", "?") for at in range(2)]
    assert columns(head, *many, *strange)[1] == 2
    assert columns(head, *many, *strange, (OTHER, "B", "!"))[1] is None


def test_a_list_of_numbers_alone_and_pasted_lines_need_no_head() -> None:
    assert columns((NIK,), (OTHER,)) == (0, None, ())
    (cut,) = cut_lines((sheet((f"1. {NIK} PRR",), ("Daftar PRR",), (f"{OTHER}: card printed",)),))
    assert [row.cells for row in cut.rows] == [(NIK, "PRR"), ("Daftar PRR",), (OTHER, "card printed")]
    assert guess_statuses((cut,)).columns == {Field.NIK: 0, Field.STATUS: 1}
    wide = sheet((NIK, "x"), ("a",))
    assert cut_lines((wide,)) == (wide,)


def test_a_head_that_is_known_alone_is_enough() -> None:
    assert columns(("DAFTAR PRR",), ("NO", "NIK", "xyz"), ("1", NIK, "PRR")) == (1, 2, ())


def test_two_columns_of_sixteen_digits_without_a_head_are_asked_about() -> None:
    layout = guess_statuses((sheet((KK, NIK, "PRR"), (KK, OTHER, "PRR")),))
    assert (layout.columns, layout.unsure) == ({Field.STATUS: 2}, (0, 1))
    with pytest.raises(InputError, match=r"siak\.which_nik"):
        check_statuses(layout, "")


def test_a_file_without_a_nik_is_refused() -> None:
    with pytest.raises(InputError, match=r"siak\.no_nik"):
        guess_statuses((sheet(("Nama", "Status"), ("A", "PRR")),))


def test_what_is_missing_is_asked_for() -> None:
    layout = Layout(0, ("NIK",), 1, {Field.NIK: 0})
    check_statuses(layout, "PRR")
    with pytest.raises(InputError, match=r"siak\.which_status"):
        check_statuses(layout, "")


def test_numbers_are_unwrapped_and_never_repaired() -> None:
    for written in (f'="{NIK}"', f"'{NIK}", f"\u200b{NIK[:6]} {NIK[6:]}\u00a0", "3505.1252.0751.0003"):
        assert read_nik(written).digits == NIK
    for cut in (NIK[:15], "3.50512E+15", 3505125207510000):
        with pytest.raises(CellError, match=r"list\.lost_digits"):
            read_nik(cut)
    with pytest.raises(InputError, match=r"nik\.not_16_digits"):
        read_nik(NIK[:14])


def test_what_stands_for_nothing_says_nothing() -> None:
    assert [status_text(cell) for cell in (None, "NULL", " - ", "nihil", "Sent for\nCard Printing", "Aneh")] == [
        *[""] * 4,
        "SENT_FOR_CARD_PRINTING",
        "Aneh",
    ]


def said(code: str, at: datetime = datetime(2026, 11, 20, 3, tzinfo=UTC)) -> CentralStatus:
    return CentralStatus(code, "pusat", at)


def test_a_row_is_weighed_against_the_last_thing_said() -> None:
    history = (said("SFE"), said("PRINT_READY_RECORD"))
    on, before = date(2026, 11, 20), date(2026, 11, 19)
    assert meaning_beside((), "PRR", before, UTC) is RowMeaning.NEW
    assert meaning_beside(history, "PRR", before, UTC) is RowMeaning.UNCHANGED
    assert meaning_beside(history, "SFE", before, UTC) is RowMeaning.OLDER
    assert meaning_beside(history, "SFE", on, UTC) is RowMeaning.BACKWARDS
    assert meaning_beside(history, "CARD_PRINTED", on, UTC) is RowMeaning.NEW
    assert meaning_beside(history, "ANEH", on, UTC) is RowMeaning.NEW


def test_a_step_ahead_is_never_backwards_and_a_deletion_is_none() -> None:
    assert not goes_back("BIO_CAPTURED", "CARD_ISSUED")
    assert not goes_back("DUPLICATE_RECORD", "UNREGISTERED")  # the way that follows
    assert goes_back("BIO_CAPTURED", "UNREGISTERED")
    assert not goes_back("ANEH", "PRR")
    assert not goes_back("PRR", "ANEH")
    assert not goes_back("PRR", "PRINT_READY_RECORD")


def test_writings_of_one_code_are_the_same() -> None:
    assert same_code("PRR", "PRINT_READY_RECORD")
    assert same_code("ANEH", "ANEH")
    assert not same_code("ANEH", "PRR")


def day(name: str = "daftar.xlsx", title: Cell = "DAFTAR", of: str = "Sheet1") -> date | None:
    rows = ((title,), ("NIK", "Nama", "KTPEL"), (NIK, "01-11-2026", "PRR"))
    layout = Layout(0, ("NIK", "Nama", "KTPEL"), 2, {Field.NIK: 0})
    return day_of_list(name, sheet(*rows, name=of), layout, TODAY)


def test_the_day_stands_in_the_title_the_name_or_the_sheet() -> None:
    assert day(title="Status per 20 November 2026") == date(2026, 11, 20)
    assert day(title="PERIODE : 01-11-2026 s/d 20-11-2026") == date(2026, 11, 20)
    assert day("prr_20261119.csv") == day("prr 19-11-2026.csv") == day(of="2026-11-19") == date(2026, 11, 19)
    assert day(title=datetime(2026, 11, 18, tzinfo=UTC)) == day(title=date(2026, 11, 18)) == date(2026, 11, 18)
    assert day("prr_20261120.csv", "per 20-11-2026") == date(2026, 11, 20)


def test_a_day_that_is_not_certain_is_asked_for() -> None:
    assert day() is None
    assert day("prr_20261119.csv", "per 20-11-2026") is None
    assert day("prr_20261122.csv") is None  # to come
    assert day(title="31-02-2026") is None
    assert day(title="per 20-11-26") is None
    assert day(NIK + ".csv") is None
