"""Saved answers of a web service."""

from __future__ import annotations

import json

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.formats import text_lists
from fieldkit.formats.target_sheets import SpreadsheetFiles

PEOPLE = [
    {"NIK": 3505125207510003, "NAMA_LGKP": " MISINEM "},
    {"NIK": "3505121203600004", "EKTP_STATUS": "PRR", "X": {}},
]
ROWS = [("NIK", "NAMA_LGKP", "EKTP_STATUS", "X"), ("3505125207510003", "MISINEM", None, None)]


def read(told: object) -> list[tuple[object, ...]]:
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    (sheet,) = SpreadsheetFiles().read("jawaban.json", content)
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize(
    "told", [PEOPLE, {"content": PEOPLE, "number": 0, "sort": [{"by": "NIK"}]}, [1, *PEOPLE], {"a": [], "b": PEOPLE}]
)
def test_people_are_found_and_numbers_keep_their_digits(told: object) -> None:
    assert read(told) == [*ROWS, ("3505121203600004", None, "PRR", None)]


def test_a_truth_is_a_value_and_nothing_is_none() -> None:
    assert read([{"a": True, "b": None, "c": 1.50, "d": ""}]) == [("a", "b", "c", "d"), (True, None, "1.5", None)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"content": [', "list.broken"),
        (b"[" * 100_000, "list.broken"),
        (b"{}", "list.not_a_list"),
        (b'{"content": [1, 2]}', "list.not_a_list"),
        (b'{"content": {"NIK": "1"}}', "list.not_a_list"),
    ],
)
def test_anything_else_is_refused_by_name(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read(content)
    assert refused.value.code == code


@pytest.mark.parametrize(("limit", "code"), [("MAX_CELLS", "list.too_big_inside"), ("MAX_ROWS", "list.too_many_rows")])
def test_more_than_a_list_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, code: str) -> None:
    monkeypatch.setattr(text_lists, limit, 2)
    assert read([{"a": 1}])
    with pytest.raises(InputError) as refused:
        read([{"a": 1}, {"a": 2}, {"a": 3}])
    assert refused.value.code == code
