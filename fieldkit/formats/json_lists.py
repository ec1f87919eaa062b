"""Answers of a web service that an official saved: people as objects in a list, often under `content`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Cell, Sheet, SheetRow
from fieldkit.formats.csv_lists import MAX_CELLS, MAX_ROWS, decoded
from fieldkit.formats.xlsx_lists import MAX_COLUMNS


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
