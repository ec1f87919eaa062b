"""Tables of web pages, which many programs of offices save under the name .xls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS, decoded
from fieldkit.formats.xlsx_lists import MAX_COLUMNS, MAX_SHEETS

_BEGINS = ("<html", "<!doctype html", "<table", "<meta", "<head", "<body")


def is_html(content: bytes) -> bool:
    """Return whether a file begins as a page or a table does."""
    head = content[:2_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head.startswith(tuple(text.encode() for text in _BEGINS))


def read_html(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return each table that stands in no other. Raise `InputError`: `list.not_a_list`, `list.too_big_inside`."""
    tables = _Tables(name)
    tables.feed(decoded(name, content))
    tables.close()
    return tuple(
        Sheet(name, tuple(SheetRow(at, cells) for at, cells in enumerate(rows, 1) if any(cells)), is_text=True)
        for rows in tables.found
    )


class _Tables(HTMLParser):
    """Collects the cells; what spans columns or rows stands in the first of them."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[list[tuple[Cell, ...]]] = []
        self._name, self._depth, self._values = name, 0, 0
        self._row: list[Cell] = []
        self._below: dict[int, int] = {}  # columns that a cell of a row above covers, and for how many rows still
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._is_hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                if len(self.found) == MAX_SHEETS:
                    raise InputError("list.too_big_inside", name=self._name)
                self.found.append([])
                self._below = {}
        elif tag in ("style", "script"):
            self._is_hidden += 1
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            told = dict(attrs)
            self._text, self._spans = [], (_span(told.get("colspan")), _span(told.get("rowspan")))
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._is_hidden = max(0, self._is_hidden - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._is_hidden:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()  # a page that was cut off keeps the rows before the cut

    def _end_cell(self) -> None:
        if self._text is None:
            return
        lines = (" ".join(line.split()) for line in "".join(self._text).split("\n"))
        text, (columns, rows) = "\n".join(filter(None, lines)), self._spans
        self._text = None
        while len(self._row) in self._below and len(self._row) < MAX_COLUMNS:
            self._row.append(None)
        for at in range(columns):
            if len(self._row) < MAX_COLUMNS:
                self._below[len(self._row)] = rows
                self._row.append(text or None if at == 0 else None)

    def _end_row(self) -> None:
        self._end_cell()
        if not self._row:
            return
        self._values += len(self._row)
        if self._values > MAX_CELLS:
            raise InputError("list.too_big_inside", name=self._name)
        if len(self.found[-1]) == MAX_ROWS:
            raise InputError("list.too_many_rows", name=self._name, limit=MAX_ROWS)
        self.found[-1].append(tuple(self._row))
        self._row = []
        self._below = {at: left - 1 for at, left in self._below.items() if left > 1}


def _span(text: str | None) -> int:
    return min(MAX_COLUMNS, max(1, int(text))) if text and text.isdecimal() else 1


# Answers of a web service that an official saved: people as objects in a list, often under `content`.


def is_json(content: bytes) -> bool:
    """Return whether a file begins as an object or a list does."""
    return content[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_json_list(name: str, content: bytes) -> tuple[Sheet, ...]:
    """Return one sheet whose header is the names of the fields. Raise `InputError`: `list.broken`, `list.not_a_list`.

    A field that holds more than a value (RESPON, paging) is left out.
    """
    try:
        # A number keeps the digits that the file has.
        told = json.loads(decoded(name, content), parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise InputError("list.broken", name=name) from error
    people = _people(told)
    if not people:
        raise InputError("list.not_a_list", name=name)
    if len(people) >= MAX_ROWS:
        raise InputError("list.too_many_rows", name=name, limit=MAX_ROWS)
    header = list(dict.fromkeys(field for person in people for field in person))[:MAX_COLUMNS]
    if len(header) * len(people) > MAX_CELLS:
        raise InputError("list.too_big_inside", name=name)
    rows = [SheetRow(1, tuple(header))]
    rows += [SheetRow(at, tuple([_cell(who.get(field)) for field in header])) for at, who in enumerate(people, 2)]
    return (Sheet(name, tuple(rows), is_text=True),)


def _people(told: Any) -> Sequence[Mapping[str, Any]]:
    """Return the longest list of objects among a value and what lies directly in it."""
    within = (told, *(told.values() if isinstance(told, dict) else ()))
    lists = [value for value in within if isinstance(value, list)]
    return max(([line for line in value if isinstance(line, dict)] for value in lists), key=len, default=[])


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, bool) else None
