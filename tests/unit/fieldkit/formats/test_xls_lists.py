"""Lists in the format of before 2007, written by xlwt: values and types as the file holds them."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import datetime

import pytest
import xlwt
from support.lists import refused_by_name

from fieldkit.domain.errors import InputError
from fieldkit.formats import xls_lists
from fieldkit.formats.target_sheets import SpreadsheetFiles

BORN = datetime(1951, 7, 12)  # noqa: DTZ001 – a sheet knows no zone
DATE = xlwt.easyxf(num_format_str="DD-MM-YYYY")
ROWS = (
    (None, "NIK", "NAMA", "TGL LAHIR", "AKTIF"),
    (),
    (1, 3505125207510003, " MISINEM ", BORN, True),
    (2.5, "3505121203600004", "  ", None, None),
)


def xls(*sheets: Sequence[Sequence[object]], hidden: Sequence[int] = ()) -> bytes:
    book = xlwt.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.add_sheet(f"Lembar {number}")
        sheet.visibility = int(number in hidden)
        for at, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(at, column, cell, *([DATE] if isinstance(cell, datetime) else []))
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def read(content: bytes) -> list[list[tuple[object, ...]]]:
    return [[(row.number, *row.cells) for row in sheet.rows] for sheet in SpreadsheetFiles().read("bip.xls", content)]


def test_cells_keep_their_types_and_rows_their_numbers() -> None:
    assert read(xls(ROWS)) == [
        [
            (1, None, "NIK", "NAMA", "TGL LAHIR", "AKTIF"),
            (3, 1.0, 3505125207510003.0, "MISINEM", BORN, True),
            (4, 2.5, "3505121203600004"),
        ]
    ]


def test_a_formula_that_nobody_calculated_is_no_value() -> None:
    assert read(xls([("A", xlwt.Formula("1/0"), "B")])) == [[(1, "A", None, "B")]]


def test_a_hidden_sheet_is_left_out() -> None:
    assert read(xls([("A",)], [("B",)], hidden=(1,))) == [[(1, "A")]]
    assert read(xls([("A",)], [("B",)])) == [[(1, "A")], [(1, "B")]]


def test_of_a_wide_sheet_the_first_columns_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_lists, "MAX_COLUMNS", 2)
    assert read(xls([("A", "B", "C")])) == [[(1, "A", "B")]]


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_lists, "MAX_CELLS", 3)
    assert read(xls([("A", "B"), ("C",)]))
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read(xls([("A", "B"), ("C", "D")]))


def test_another_document_of_that_kind_is_named() -> None:
    other = xls([("A",)]).replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    with pytest.raises(InputError, match=r"list\.locked"):
        read(other)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_read_or_refused_by_name(seed: int) -> None:
    whole, chance = xls(ROWS), random.Random(seed)
    for _ in range(40):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        with refused_by_name():
            read(bytes(content))
        with refused_by_name():
            read(whole[: chance.randrange(8, len(whole))])
