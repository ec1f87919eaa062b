"""OpenDocument sheets (ODS) as LibreOffice writes them: stored values only, read piece by piece.

Source: OASIS OpenDocument 1.3, part 3, 9.1 (tables) and 19.385 (types of values).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.bounded_xml import MAX_RUN
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS
from fieldkit.formats.xlsx_lists import MAX_COLUMNS, MAX_SHEETS, MAX_UNPACKED_BYTES

MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MOST_TAGS = 6 * MAX_CELLS  # a cell has its text in an element of its own, and both end
_PIECE = 1 << 16
_BROKEN_ODS = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    OSError,
    NotImplementedError,
    EOFError,
)


def read_ods(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return the sheets. Raise `InputError`: `list.broken`, `list.too_big_inside`, `list.too_many_rows`."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            part = archive.getinfo("content.xml")
            if part.file_size > MAX_UNPACKED_BYTES:
                raise InputError("list.too_big_inside", name=name)
            with archive.open(part) as source:
                return tuple(_sheets(name, source))
    except _BROKEN_ODS as error:
        raise InputError("list.broken", name=name) from error


class _Counted:
    """A part that is read in pieces while its elements are counted."""

    def __init__(self, name: str, source: IO[bytes]) -> None:
        self._name, self._source, self._head = name, source, b""
        self._tags = self._run = 0  # in all, and since the last row: the parser keeps a row until its end

    def read(self, _size: int = -1) -> bytes:
        piece = self._source.read(_PIECE)
        tags = piece.count(b"<")
        self._tags, self._run = self._tags + tags, 0 if b"table-row" in piece else self._run + tags
        # Entities are declared in a DTD only, which no program writes: what they grow to cannot be counted before.
        self._head = (self._head + piece)[-(_PIECE + 16) :]
        is_grown = self._tags > _MOST_TAGS or self._run > 2 * MAX_RUN
        if is_grown or b"<!DOCTYPE" in self._head:
            raise InputError("list.too_big_inside", name=self._name)
        return piece


def _sheets(name: str, source: IO[bytes]) -> Iterator[Sheet]:
    table, title, rows, number, values, count = Element(""), "", list[SheetRow](), 0, 0, 0
    for event, node in iterparse(_Counted(name, source), ("start", "end")):
        if event == "start":
            if node.tag == f"{_TABLE}table":
                table, title, rows, number, values = node, node.get(f"{_TABLE}name", ""), [], 0, 0
        elif node.tag == f"{_TABLE}table-row":
            cells = _cells(node)
            repeats = _repeats(node, "rows") if cells else 1
            if number + repeats > MAX_ROWS and cells:
                raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
            values += len(cells) * repeats
            if values > MAX_CELLS:
                raise InputError("list.too_big_inside", name=name)
            rows += [SheetRow(number + at, cells) for at in range(1, repeats + 1) if cells]
            number += repeats if cells else _repeats(node, "rows")
            node.clear()
            table.clear()  # it would keep every row that is read
        elif node.tag == f"{_TABLE}table":
            yield Sheet(title, tuple(rows))
            node.clear()
            count += 1
            if count == MAX_SHEETS:
                return


def _cells(row: Element) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for node in row:
        if node.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        room = MAX_COLUMNS - len(cells)
        cells += [_value(node)] * min(room, _repeats(node, "columns"))
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _repeats(node: Element, of: str) -> int:
    return max(1, int(node.get(f"{_TABLE}number-{of}-repeated", "1")))


def _value(node: Element) -> Cell:
    kind = node.get(f"{_OFFICE}value-type")
    if kind in ("float", "percentage", "currency"):
        text = node.get(f"{_OFFICE}value", "")
        return int(text) if text.isdigit() else float(text)
    if kind == "date":
        return datetime.fromisoformat(node.get(f"{_OFFICE}date-value", ""))
    if kind == "boolean":
        return node.get(f"{_OFFICE}boolean-value") == "true"
    text = "\n".join(_words(line) for line in node.findall(f"{_TEXT}p")).strip()
    return text or None


def _words(node: Element) -> str:
    """Return the text of a paragraph; spaces, tabs and breaks are elements of their own, notes are left out."""
    gaps = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    inside = (gaps.get(child.tag, "") or _words(child) for child in node)
    tails = (child.tail or "" for child in node)
    return (node.text or "") + "".join(text + tail for text, tail in zip(inside, tails, strict=True))
