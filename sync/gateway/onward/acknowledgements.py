"""Acknowledgement files of whoever loads records into the official system: CSV or JSON, in either language.

A line names the record (its id, its transaction id or the number that the official system gave), says whether it was
accepted, and may say why not, the official number and the central status in the words of that system.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import Answer, OnwardState, Outcome

_NAMES = {
    "number": ("record_id", "number", "nomor_rekaman", "rekaman", "nomor", "transaction_id"),
    "result": ("result", "accepted", "hasil", "diterima"),
    "reason": ("reason", "alasan", "keterangan"),
    "external_id": ("external_id", "registration_number", "nomor_resmi", "nomor_registrasi"),
    "code": ("status", "code", "kode"),
}
_WORDS = {
    **dict.fromkeys(("accepted", "diterima", "ya", "yes", "true", "1", "ok"), OnwardState.ACKNOWLEDGED),
    **dict.fromkeys(("rejected", "ditolak", "tidak", "no", "false", "0"), OnwardState.REJECTED),
}
_MOST_LINES = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: an answer, or why it cannot be one ("onward.no_number", "onward.no_result")."""

    place: int
    number: str
    answer: Answer | None
    fault: str = ""


def read_acknowledgements(name: str, content: bytes) -> tuple[Line, ...]:
    """Return the lines of a file. Raise `InputError` `onward.answers_unreadable` for what is neither."""
    try:
        text = content.decode("utf-8-sig")
        rows = _json_rows(text) if name.lower().endswith(".json") else _csv_rows(text)
        return tuple(_line(place, row) for place, row in rows)
    except (ValueError, csv.Error, RecursionError) as error:
        raise InputError("onward.answers_unreadable", file=name) from error


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count))
    names = [_column(cell) for cell in next(reader, [])]
    if "number" not in names:
        raise ValueError("no column with the record's number")
    for cells in reader:
        if reader.line_num > _MOST_LINES:
            raise ValueError("too many lines")
        if any(cell.strip() for cell in cells):
            yield reader.line_num, _row(zip(names, cells, strict=False))


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    said = json.loads(text)
    rows = said.get("records") if isinstance(said, dict) else said
    if not isinstance(rows, list) or len(rows) > _MOST_LINES or not all(isinstance(row, dict) for row in rows):
        raise ValueError("a list of records is wanted")
    for place, row in enumerate(rows, 1):
        yield place, _row((_column(str(name)), value) for name, value in row.items())


def _row(cells: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return what a line says by our names; of two columns with one name the first that is filled counts."""
    row: dict[str, Any] = {}
    for name, value in cells:
        if row.get(name) in (None, ""):
            row[name] = value
    return row


def _column(heading: str) -> str:
    plain = "_".join(heading.strip().lower().replace("-", " ").split())
    return next((name for name, headings in _NAMES.items() if plain in headings), plain)


def _line(place: int, row: Mapping[str, Any]) -> Line:
    told = {name: _text(row.get(name)) for name in _NAMES}
    state = _WORDS.get(told["result"].lower())
    if not told["number"]:
        return Line(place, "", None, "onward.no_number")
    if state is None:
        return Line(place, told["number"], None, "onward.no_result")
    outcome = Outcome(state, told["reason"], told["external_id"], told["code"])
    return Line(place, told["number"], Answer(told["number"], outcome))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
