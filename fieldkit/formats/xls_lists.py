"""Excel's format of before 2007 (BIFF), as SIAK and its clients still write it, read by xlrd."""

from __future__ import annotations

import io
import struct
from typing import Literal

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_NUMBER, XL_CELL_TEXT, XLRDError
from xlrd.compdoc import CompDocError
from xlrd.xldate import XLDateError, xldate_as_datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.csv_lists import MAX_CELLS
from fieldkit.formats.xlsx_lists import MAX_COLUMNS, MAX_SHEETS

# What a damaged file makes xlrd raise: it checks little and has two errors of its own.
_BROKEN = (
    CompDocError,
    struct.error,
    AssertionError,
    AttributeError,
    LookupError,  # also of an unknown code page
    NotImplementedError,
    OverflowError,
    TypeError,
    ValueError,
    RecursionError,
)


def read_xls(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets. Raise `InputError`: `list.locked`, `list.broken`, `list.too_big_inside`."""
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True)
        sheets = (book.sheet_by_index(at) for at in range(min(book.nsheets, MAX_SHEETS)))
        return tuple(_read(name, sheet, book.datemode) for sheet in sheets if sheet.visibility == 0)
    except XLRDError as error:  # of a password and of another kind of document
        raise InputError("list.locked", name=name) from error
    except _BROKEN as error:
        raise InputError("list.broken", name=name) from error


def _read(name: str, sheet: xlrd.sheet.Sheet, datemode: Literal[0, 1]) -> Sheet:
    rows, values = list[SheetRow](), 0
    for number in range(sheet.nrows):
        cells = [_cell(cell, datemode) for cell in sheet.row(number)[:MAX_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        values += len(cells)
        if values > MAX_CELLS:
            raise InputError("list.too_big_inside", name=name)
        if cells:
            rows.append(SheetRow(number + 1, tuple(cells)))
    return Sheet(sheet.name, tuple(rows))


def _cell(cell: xlrd.sheet.Cell, datemode: Literal[0, 1]) -> Cell:
    if cell.ctype == XL_CELL_TEXT:
        return str(cell.value).strip() or None
    if cell.ctype == XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == XL_CELL_DATE:
        try:
            return xldate_as_datetime(float(cell.value), datemode)
        except (XLDateError, OverflowError, ValueError):
            return float(cell.value)
    return float(cell.value) if cell.ctype == XL_CELL_NUMBER else None  # an error of a formula is no value
