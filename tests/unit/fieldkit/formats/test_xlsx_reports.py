from __future__ import annotations

import io

from openpyxl import load_workbook
from support.clock import NOW

from fieldkit.formats.report_sheets import SpreadsheetReports
from fieldkit.ports.reports import ReportSheet

SHEET = ReportSheet("Hasil: kunjungan / ulang", "Catatan", ("Hasil", "Jumlah"), (("=1+1", 3), ("Lari\x07", None)), 1)


def test_text_is_never_a_formula_and_numbers_stay_numbers() -> None:
    book = load_workbook(io.BytesIO(SpreadsheetReports().write([SHEET], NOW)))
    (page,) = book.worksheets
    assert page.title == "1 Hasil  kunjungan   ulang"
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=4)] == [
        ["Hasil", "Jumlah"],
        ["=1+1", 3],
        ["Lari", None],
    ]
    assert page["A5"].data_type == "s"
    assert len(page._charts) == 1


def test_a_sheet_without_a_charted_column_has_no_chart() -> None:
    plain = ReportSheet("Ringkasan", "", ("Apa", "Berapa"), (("Kunjungan", 3),))
    book = load_workbook(io.BytesIO(SpreadsheetReports().write([plain, plain], NOW)))
    assert [len(sheet._charts) for sheet in book] == [0, 0]
    assert book.sheetnames == ["1 Ringkasan", "2 Ringkasan"]
