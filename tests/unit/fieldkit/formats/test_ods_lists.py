"""OpenDocument sheets: values by their type, what repeats, and no more than a list can be."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from support.lists import refused_by_name

from fieldkit.domain.errors import InputError
from fieldkit.formats import ods_lists
from fieldkit.formats.target_sheets import SpreadsheetFiles

_NAMES = ("office", "table", "text")
_SPACES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in _NAMES)
CELL, TWICE = '<table:table-cell office:value-type="string">{}</table:table-cell>', 'table:number-columns-repeated="2"'


def words(text: str) -> str:
    return CELL.format(f"<text:p>{text}</text:p>")


def ods(*rows: str, head: str = "", tables: int = 1) -> bytes:
    table = f'<table:table table:name="BIP"><table:table-column/>{"".join(rows)}</table:table>'
    body = f"<office:body><office:spreadsheet>{table * tables}</office:spreadsheet></office:body>"
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ods_lists.MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{head}<office:document-content {_SPACES}>{body}</office:document-content>")
    return memory.getvalue()


def row(*cells: str, repeats: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeats}">{"".join(cells)}</table:table-row>'


def read(content: bytes) -> list[tuple[object, ...]]:
    (sheet,) = SpreadsheetFiles().read("bip.ods", content)
    return [(row.number, *row.cells) for row in sheet.rows]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (words("MISINEM"), "MISINEM"),
        (CELL.format("<text:p>SENT FOR</text:p><text:p>PRINTING</text:p>"), "SENT FOR\nPRINTING"),
        (words("A<text:s/>B<text:span>C</text:span>D<text:tab/>E<text:line-break/>F"), "A BCD\tE\nF"),
        (words(" "), None),
        ('<table:table-cell office:value-type="float" office:value="3505125207510003"/>', 3505125207510003),
        ('<table:table-cell office:value-type="float" office:value="-1.5"/>', -1.5),
        ('<table:table-cell office:value-type="date" office:date-value="1951-07-12"/>', datetime(1951, 7, 12)),  # noqa: DTZ001 – a sheet knows no zone
        ('<table:table-cell office:value-type="boolean" office:boolean-value="true"/>', True),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="false"/>', False),
        ("<table:covered-table-cell/>", None),
    ],
)
def test_a_cell_is_read_by_its_type(cell: str, value: object) -> None:
    assert read(ods(row(words("NIK"), cell, words("Z")))) == [(1, "NIK", value, "Z")]


def test_what_repeats_stands_as_often_and_what_is_blank_only_counts() -> None:
    blank = f"<table:table-cell {TWICE}/>"
    filled = f'<table:table-cell {TWICE} office:value-type="string"><text:p>X</text:p></table:table-cell>'
    content = ods(
        row(words("A"), blank), row(blank, repeats=3), row(blank, filled, repeats=2), row(repeats=1_048_000), row()
    )
    assert read(content) == [(1, "A"), (5, None, None, "X", "X"), (6, None, None, "X", "X")]


def test_each_table_is_a_sheet() -> None:
    sheets = SpreadsheetFiles().read("bip.ods", ods(row(words("A")), tables=3))
    assert [(sheet.name, len(sheet.rows)) for sheet in sheets] == [("BIP", 1)] * 3
    assert len(SpreadsheetFiles().read("bip.ods", ods(row(words("A")), tables=40))) == ods_lists.MAX_SHEETS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ods(row(words("A"), repeats=100_001)), "list.too_many_rows"),
        (ods(row(words("A")), head="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "list.too_big_inside"),
        (ods(row('<table:table-cell office:value-type="date" office:date-value="x"/>')), "list.broken"),
        (ods(row("<table:table-cell")), "list.broken"),
        (ods(row(words("A")), head='<?xml version="1.0" encoding="u-f-8"?>'), "list.broken"),
        (ods(row(words("A")))[:-40], "list.broken"),
        (ods(row(*[words("A")] * 100, repeats=20_000)), "list.too_big_inside"),
    ],
)
def test_what_is_no_list_is_refused_by_name(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read(content)
    assert refused.value.code == code


def test_elements_are_counted_while_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ods_lists, "_MOST_TAGS", 40)
    assert read(ods(row(words("A"))))
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read(ods(*[row(words("A"))] * 20))


def test_a_file_that_unpacks_to_more_than_a_list_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ods_lists, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read(ods(row(words("A"))))


def test_a_row_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = row(*["<table:table-cell/>"] * 20_000)
    assert read(ods(row(words("A")), endless)) == [(1, "A")]
    monkeypatch.setattr(ods_lists, "MAX_RUN", 1_000)
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read(ods(row(words("A")), endless))


def test_a_file_that_is_cut_off_anywhere_is_refused_by_name() -> None:
    whole = ods(row(words("A")), row(words("B")))
    for length in range(100, len(whole), 7):
        with refused_by_name():
            read(whole[:length])
