"""XLSX by openpyxl, read row by row: stored values only, formulas and macros stay what they are."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

import xlrd
from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import Font
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_NUMBER, XL_CELL_TEXT, XLRDError
from xlrd.compdoc import CompDocError
from xlrd.xldate import XLDateError, xldate_as_datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.bounded_xml import BoundedArchive, CountedXml
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS

MAX_UNPACKED_BYTES = 200_000_000
MAX_PARTS = 2_000
MAX_COLUMNS = 100
MAX_SHEETS = 30
# What a damaged file makes zipfile, the XML parser and openpyxl raise; openpyxl has no errors of its own for it.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # the errors of both XML parsers that openpyxl may use
    InvalidFileException,
    LookupError,  # a part that is missing, an encoding that nobody knows
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    NotImplementedError,
    RuntimeError,  # an entry with a password
    OSError,
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STRING = f"{{{SHEET_MAIN_NS}}}si"
_TEXTS = (f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r/{{{SHEET_MAIN_NS}}}t")
_WIDEST = 60


def read_xlsx(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets. Raise `InputError`: `list.broken`, `list.too_big_inside`."""
    _check_size(name, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions it leaves out
            return _read(name, content)
    except _BROKEN as error:
        raise InputError("list.broken", name=name) from error


def _check_size(name: str, content: bytes) -> None:
    """Refuse a file that unpacks to more than a list can be; nothing is unpacked before."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise InputError("list.too_big_inside", name=name)
            if "[Content_Types].xml" not in names or not any(part.startswith("xl/") for part in names):
                raise InputError("list.not_a_list", name=name)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise InputError("list.broken", name=name) from error


def _read(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the visible sheets, by the parts of openpyxl's reader.

    Its `load_workbook` takes half as long again: it makes objects of every text and goes through every sheet once
    more only to learn its extent, which is not believed here.
    """
    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.archive.close()
    with BoundedArchive(io.BytesIO(content)) as archive:
        reader.archive = archive
        reader.read_manifest()
        reader.shared_strings = list(_strings(name, reader))
        reader.read_workbook()
        apply_stylesheet(archive, reader.wb)  # tells which numbers are dates
        visible = [
            (sheet.name, part.target)
            for sheet, part in reader.parser.find_sheets()
            if sheet.state == "visible" and part.target in reader.valid_files and "chartsheet" not in part.Type
        ]
        return tuple(Sheet(title, tuple(_rows(name, reader, part))) for title, part in visible[:MAX_SHEETS])


def _strings(name: str, reader: ExcelReader) -> Iterator[str]:
    """Yield the texts that cells point at; of a text in several fonts all runs, of a reading aid nothing."""
    part = reader.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
    if part is None:
        return
    with reader.archive.open(part.PartName[1:]) as source:
        for _, node in iterparse(CountedXml(source, name)):
            if node.tag == _STRING:
                yield "".join(text.text or "" for way in _TEXTS for text in node.iterfind(way)).replace("x005F_", "")
                node.clear()


def _rows(name: str, reader: ExcelReader, part: str) -> Iterator[SheetRow]:
    """Yield the rows that are not blank."""
    book, last, values = reader.wb, 0, 0
    with reader.archive.open(part) as source:
        # The formats have no public name; tests compare with what `load_workbook` reads.
        parser = WorkSheetParser(
            CountedXml(source, name),
            reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # type: ignore[attr-defined]
            timedelta_formats=book._timedelta_formats,  # type: ignore[attr-defined]
        )
        for number, found in parser.parse():
            cells: list[Cell] = []
            for one in found:
                at = one["column"] - 1
                value = one["value"]
                if value is None or not 0 <= at < MAX_COLUMNS or (value := _cell(value, book.epoch)) is None:
                    continue
                cells.extend([None] * (at + 1 - len(cells)))
                cells[at] = value
            if not cells or number <= last:  # a row that comes again stays as it first was
                continue
            if number > MAX_ROWS:
                raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
            last, values = number, values + len(cells)
            if values > MAX_CELLS:  # what lies before a cell that stands far to the right counts too
                raise InputError("list.too_big_inside", name=name)
            yield SheetRow(number, tuple(cells))


def _cell(value: object, epoch: datetime) -> Cell:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (datetime, date)):
        return value
    if isinstance(value, timedelta):
        return epoch + value
    return value.isoformat() if isinstance(value, time) else str(value)


def write_xlsx(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Return an XLSX of one sheet whose cells are all text: no digit is lost and no cell is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31] or "1")
    sheet.freeze_panes = "A2"
    for at, words in enumerate(header):
        longest = max((len(row[at]) for row in rows[:200] if at < len(row)), default=0)
        sheet.column_dimensions[_letter(at)].width = min(_WIDEST, max(len(words), longest) + 3)

    def text(value: str) -> XlsxCell:
        cell: XlsxCell = WriteOnlyCell(sheet, _UNPRINTABLE.sub("", value)[:32_000])
        cell.data_type, cell.number_format = "s", "@"  # openpyxl takes "=…" for a formula
        return cell

    heads = [text(words) for words in header]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([text(value) for value in row])
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def _letter(at: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(at + 1))


# Excel's format of before 2007 (BIFF), as SIAK and its clients still write it, read by xlrd.

# What a damaged file makes xlrd raise: it checks little and has two errors of its own.
_BROKEN_XLS = (
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
        return tuple(_read_xls(name, sheet, book.datemode) for sheet in sheets if sheet.visibility == 0)
    except XLRDError as error:  # of a password and of another kind of document
        raise InputError("list.locked", name=name) from error
    except _BROKEN_XLS as error:
        raise InputError("list.broken", name=name) from error


def _read_xls(name: str, sheet: xlrd.sheet.Sheet, datemode: Literal[0, 1]) -> Sheet:
    rows, values = list[SheetRow](), 0
    for number in range(sheet.nrows):
        cells = [_xls_cell(cell, datemode) for cell in sheet.row(number)[:MAX_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        values += len(cells)
        if values > MAX_CELLS:
            raise InputError("list.too_big_inside", name=name)
        if cells:
            rows.append(SheetRow(number + 1, tuple(cells)))
    return Sheet(sheet.name, tuple(rows))


def _xls_cell(cell: xlrd.sheet.Cell, datemode: Literal[0, 1]) -> Cell:
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
