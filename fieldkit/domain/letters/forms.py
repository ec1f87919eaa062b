"""What each letter says: its fields, which of them must be filled before it is issued, and their text in a form.

A letter's `fields` hold JSON values: text, ISO days, whole numbers, lists of text, rows of a table. A form shows each
of them as text: one line, several lines, or one row per line with `|` between its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.typed import optional, read_day, read_whole

SEPARATOR = "|"


class Form(StrEnum):
    """How a field is typed and kept."""

    LINE = "line"  # text
    TEXT = "text"  # text of several lines
    LINES = "lines"  # list of text, one a line
    DAY = "day"  # ISO date
    COUNT = "count"  # whole number
    MONEY = "money"  # whole rupiah
    CHOICE = "choice"  # one of `choices`
    PERSON = "person"  # mapping of PERSON's columns
    ROWS = "rows"  # list of mappings


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; its cells are lines, days, counts or money."""

    name: str
    form: Form = Form.LINE


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a letter. A form does not offer what `is_shown` leaves out."""

    name: str
    form: Form = Form.LINE
    is_required: bool = True
    columns: tuple[Column, ...] = ()
    choices: tuple[str, ...] = ()
    is_shown: bool = True
    lines: tuple[str, ...] = ()  # those that may be typed, any where there are none


PERSON = (Column("name"), Column("nip"), Column("pangkat"), Column("jabatan"))
Cells = dict[str, Any]


def empty(form: Form) -> Any:
    """Return the value of a field that nobody filled."""
    if form in (Form.COUNT, Form.MONEY):
        return 0
    if form is Form.PERSON:
        return {column.name: "" for column in PERSON}
    return [] if form in (Form.LINES, Form.ROWS) else ""


def as_text(field: Field, value: Any) -> str:
    """Return a value as its form shows it."""
    if field.form is Form.LINES:
        return "\n".join(value)
    if field.form is Form.ROWS:
        return "\n".join(_line(field.columns, row) for row in value)
    if field.form is Form.PERSON:
        return _line(PERSON, value)
    return _cell_text(field.form, value) if value else ""


def _cell_text(form: Form, value: Any) -> str:
    # Days are typed and read here with the day first.
    return "-".join(reversed(str(value).split("-"))) if form is Form.DAY else str(value)


def _line(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    cells = [_cell_text(column.form, row.get(column.name, "")) for column in columns]
    while cells and not cells[-1]:
        cells.pop()
    return f" {SEPARATOR} ".join(cells)


def from_text(kind: LetterKind, field: Field, text: str) -> Any:
    """Return the value that was typed. Raise `InputError("letter.typed_wrong")` when it is none of its form."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if field.form is Form.LINES:
        if strangers := [line for line in lines if field.lines and line not in field.lines]:
            raise InputError("letter.typed_wrong", letter=kind.value, field=field.name, typed=strangers[0])
        return lines
    if field.form is Form.ROWS:
        return [_row(kind, field, field.columns, line) for line in lines]
    if field.form is Form.PERSON:
        return _row(kind, field, PERSON, lines[0] if lines else "")
    value = _cell(field.form, text.strip())
    if value is None or (field.form is Form.CHOICE and value not in field.choices):
        raise InputError("letter.typed_wrong", letter=kind.value, field=field.name, typed=text.strip())
    return value


def _row(kind: LetterKind, field: Field, columns: Sequence[Column], line: str) -> Cells:
    typed = [cell.strip() for cell in line.split(SEPARATOR)]
    cells = {}
    for place, column in enumerate(columns):
        text = typed[place] if place < len(typed) else ""
        value = _cell(column.form, text)
        if value is None:
            raise InputError("letter.typed_wrong", letter=kind.value, field=field.name, typed=text)
        cells[column.name] = value
    if len(typed) > len(columns):
        raise InputError("letter.too_many_columns", letter=kind.value, field=field.name, columns=len(columns))
    return cells


def _cell(form: Form, text: str) -> str | int | None:
    """Return the value of one cell, None when the text is none of its form."""
    try:
        if form in (Form.COUNT, Form.MONEY):  # a comma would be a fraction, which no letter has
            return optional(read_whole)(text) or 0
        if form is Form.DAY:
            day = optional(read_day)(text)
            return day.isoformat() if day else ""
    except InputError:
        return None
    return text


def check(kind: LetterKind, fields: Mapping[str, Any], form: Sequence[Field]) -> None:
    """Raise `InputError("letter.field_missing" | "letter.field_wrong")` unless every field is there in its form."""
    for field in form:
        if field.name not in fields:
            raise InputError("letter.field_missing", letter=kind.value, field=field.name)
        if not _fits(field, fields[field.name]):
            raise InputError("letter.field_wrong", letter=kind.value, field=field.name)


def _fits(field: Field, value: Any) -> bool:
    match field.form:
        case Form.LINES:
            return _is_list(value) and all(isinstance(line, str) for line in value)
        case Form.ROWS:
            # Rows that nobody types may come from a program that had fewer columns.
            absent = None if field.is_shown else ""
            return _is_list(value) and all(_fits_row(field.columns, row, absent) for row in value)
        case Form.PERSON:
            return _fits_row(PERSON, value)
        case Form.CHOICE:
            return value in field.choices
        case _:
            return _fits_cell(field.form, value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _fits_row(columns: Sequence[Column], row: Any, absent: str | None = None) -> bool:
    return isinstance(row, Mapping) and all(_fits_cell(column.form, row.get(column.name, absent)) for column in columns)


def _fits_cell(form: Form, value: Any) -> bool:
    if form in (Form.COUNT, Form.MONEY):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, str) and _cell(form, value) == value


def unfilled(fields: Mapping[str, Any], form: Sequence[Field]) -> Iterator[str]:
    """Yield the names of required fields that are still empty; a letter cannot be issued with them."""
    for field in form:
        value = fields.get(field.name)
        named = value.get("name") if isinstance(value, Mapping) else value
        if field.is_required and not named:
            yield field.name
