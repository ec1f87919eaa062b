"""An opened record in files that stand alone: OSIA with the images inside, the ISO/IEC 19794 records as captured."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.container import OpenedRecord
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS
from fieldkit.formats.target_sheets import MAX_FILE_BYTES, SpreadsheetFiles
from fieldkit.ports.documents import ComeFile, ReportSheet

# Exports of an app in CSV, XLSX or JSON, and mails with attachments (.eml): `fieldkit.ports.documents`.

MOST_PARTS = 40
_MOST_WORDS = 4_000  # of the text of a mail
_LISTS = ("data", "rows", "items", "permohonan", "applications", "results")


class AppExports:
    """Tells an export by its content, a mail by its ending."""

    def __init__(self) -> None:
        self._sheets = SpreadsheetFiles()

    def read(self, name: str, content: bytes) -> tuple[Sheet, ...]:
        """Return the sheets that have rows. Raise `InputError`: `list.…`, `export.broken_json`."""
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
            return (_json_sheet(name, content),)
        return self._sheets.read(name, content)

    def unpack(self, file: ComeFile) -> Sequence[ComeFile]:
        """Return the attachments of a mail with its subject and text, or the file itself."""
        if not file.name.lower().endswith(".eml"):
            return (file,)
        content = file.read()
        try:
            mail = BytesParser(policy=policy.default).parsebytes(content)
            words = f"{file.words} {mail['subject'] or ''} {_text(mail)}"
            parts = [part for part in mail.walk() if part.get_filename() and not part.is_multipart()]
            return [
                ComeFile(str(part.get_filename()), f"{part.get_filename()} {words}", partial(_payload, part))
                for part in parts[:MOST_PARTS]
            ]
        except (MessageError, LookupError, ValueError, AttributeError, TypeError) as error:
            raise InputError("export.broken_mail", name=file.name) from error


def _json_sheet(name: str, content: bytes) -> Sheet:
    if len(content) > MAX_FILE_BYTES:
        raise InputError("list.too_big", name=name, limit=MAX_FILE_BYTES // 1_000_000)
    if content.count(b"{") + content.count(b"[") > MAX_CELLS or content.count(b",") > 2 * MAX_CELLS:
        raise InputError("list.too_big_inside", name=name)
    try:
        read: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError("export.broken_json", name=name) from error
    if isinstance(read, dict):
        read = next((read[key] for key in _LISTS if isinstance(read.get(key), list)), [read])
    rows = [row for row in read if isinstance(row, dict)] if isinstance(read, list) else []
    if not rows:
        raise InputError("list.no_rows", name=name)
    if len(rows) > MAX_ROWS:
        raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
    header = list(dict.fromkeys(str(key) for row in rows for key in row))
    if len(header) * len(rows) > MAX_CELLS:
        raise InputError("list.too_big_inside", name=name)
    heads = SheetRow(1, tuple(header))
    return Sheet(name, (heads, *(SheetRow(no, _cells(row, header)) for no, row in enumerate(rows, 2))), is_text=True)


def _cells(row: dict[str, Any], header: Sequence[str]) -> tuple[Cell, ...]:
    """Return plain values; a list of file names becomes one text, anything deeper its JSON."""

    def cell(value: Any) -> Cell:
        if value is None or isinstance(value, bool | int | float):
            return value  # a NIK that is a number there lost no digit: JSON keeps whole ones
        if isinstance(value, str):
            return value.strip() or None
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return "; ".join(value)
        return json.dumps(value, ensure_ascii=False)

    told = (cell(row.get(name)) for name in header)
    return tuple(str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in told)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content())[:_MOST_WORDS] if body is not None else ""


def _payload(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


_EXTENSIONS = {SampleFormat.ISO_19794_4: "fir", SampleFormat.ISO_19794_5: "fac", SampleFormat.ISO_19794_6: "iir"}


def osia_file(record: OpenedRecord) -> bytes:
    """Return the enrollment as one JSON file: images, papers and ink stand in it instead of being named."""
    told = json.loads(json.dumps(record.enrollment))
    for item in told["biometricData"]:
        _take_in(record, item, "imageRef", "image")
    for document in told.get("documentData", []):
        for part in document["parts"]:
            _take_in(record, part, "dataRef", "data")
    context = told["contextualData"]
    for mark in context["exceptions"]:
        _take_file(record, mark, "photo")
    for ink in context.get("exceptionInks", []):
        _take_file(record, ink, "picture")
        _take_file(record, ink, "strokes")
    return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"


def iso_files(record: OpenedRecord) -> Mapping[str, bytes]:
    """Return the finger, face and iris records as the devices gave them, by position."""
    return {
        f"{sample.position.value}.{_EXTENSIONS[sample.format]}": sample.data
        for sample in record.samples
        if sample.format in _EXTENSIONS
    }


def _take_in(record: OpenedRecord, item: dict[str, Any], ref: str, content: str) -> None:
    if ref in item:
        item[content] = base64.b64encode(record.entries[item.pop(ref).partition("#")[2]]).decode()


def _take_file(record: OpenedRecord, told: dict[str, Any], name: str) -> None:
    if name in told:
        told[name] = base64.b64encode(record.entries[told[name]]).decode()


# Spreadsheets of reports: `fieldkit.ports.documents.ReportSheets`.


class SpreadsheetReports:
    """Writes XLSX; the library is loaded when somebody saves one."""

    def write(self, sheets: Sequence[ReportSheet], made_at: datetime) -> bytes:
        """Return an XLSX with one sheet per table."""
        return write_report(sheets, made_at)


# Reports as XLSX by openpyxl: a sheet per table, with a chart of its numbers.

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
