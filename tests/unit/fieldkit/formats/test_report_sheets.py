from __future__ import annotations

import zipfile
from io import BytesIO

from support.clock import NOW

from fieldkit.formats.report_sheets import SpreadsheetReports
from fieldkit.ports.reports import ReportSheet


def test_a_report_is_a_workbook_that_says_when_it_was_made() -> None:
    sheet = ReportSheet("Ringkasan", "", ("Apa", "Berapa"), (("Kunjungan", 3),))
    with zipfile.ZipFile(BytesIO(SpreadsheetReports().write([sheet], NOW))) as archive:
        assert "xl/workbook.xml" in archive.namelist()
        assert b"2026-11-21T02:00:00Z" in archive.read("docProps/core.xml")
