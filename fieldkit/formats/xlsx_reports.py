"""Reports as XLSX by openpyxl: a sheet per table, with a chart of its numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from fieldkit.ports.reports import ReportSheet

_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDEST, _NAME_CHARS = 60, 31
_HEAD_ROW = 4  # title, note, a blank line, then the table
_CHARTED_ROWS = 40  # more bars than that show nothing
_NAVY = "0B2447"


def write_report(sheets: Sequence[ReportSheet], made_at: datetime) -> bytes:
    """Return an XLSX with one sheet per table."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "fieldkit"
    book.properties.created = book.properties.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    for number, sheet in enumerate(sheets, 1):
        name = f"{number} {_FORBIDDEN.sub(' ', sheet.title)}"[:_NAME_CHARS].strip()
        _fill(book.create_sheet(name), sheet)
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def _fill(page: Worksheet, sheet: ReportSheet) -> None:
    _put(page, 1, 1, sheet.title, Font(bold=True, size=14))
    _put(page, 2, 1, sheet.note, Font(italic=True))
    for at, words in enumerate(sheet.columns, 1):
        _put(page, _HEAD_ROW, at, words, Font(bold=True, color="FFFFFF"))
        head = page.cell(_HEAD_ROW, at)
        head.fill, head.alignment = PatternFill("solid", fgColor=_NAVY), Alignment(wrap_text=True, vertical="top")
        texts = [words, *(str(row[at - 1]) for row in sheet.rows[:200])]
        page.column_dimensions[get_column_letter(at)].width = min(_WIDEST, max(map(len, texts)) + 3)
    for below, row in enumerate(sheet.rows, _HEAD_ROW + 1):
        for at, value in enumerate(row, 1):
            _put(page, below, at, value)
    page.freeze_panes = f"A{_HEAD_ROW + 1}"
    if sheet.charted is not None and sheet.rows:
        _draw(page, sheet, sheet.charted)


def _put(page: Worksheet, row: int, column: int, value: str | int | None, font: Font | None = None) -> None:
    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = _UNPRINTABLE.sub("", value)
        cell.data_type = "s"  # openpyxl takes "=…" for a formula
    else:
        cell.value = value
    if font is not None:
        cell.font = font


def _draw(page: Worksheet, sheet: ReportSheet, charted: int) -> None:
    last = _HEAD_ROW + min(len(sheet.rows), _CHARTED_ROWS)
    chart = BarChart()
    chart.type, chart.style, chart.legend = "bar", 10, None
    chart.title = sheet.columns[charted]
    chart.add_data(Reference(page, charted + 1, _HEAD_ROW, charted + 1, last), titles_from_data=True)
    chart.set_categories(Reference(page, 1, _HEAD_ROW + 1, 1, last))
    chart.x_axis.scaling.orientation = "maxMin"  # the first row at the top
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.width, chart.height = 18, max(6, 1.5 + 0.7 * (last - _HEAD_ROW))
    page.add_chart(chart, f"{get_column_letter(len(sheet.columns) + 2)}{_HEAD_ROW}")
