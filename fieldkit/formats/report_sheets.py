"""Spreadsheets of reports: `fieldkit.ports.reports.ReportSheets`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fieldkit.ports.reports import ReportSheet


class SpreadsheetReports:
    """Writes XLSX; the library is loaded when somebody saves one."""

    def write(self, sheets: Sequence[ReportSheet], made_at: datetime) -> bytes:
        """Return an XLSX with one sheet per table."""
        from fieldkit.formats.xlsx_reports import write_report

        return write_report(sheets, made_at)
