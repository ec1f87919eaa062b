"""XLSX as Excel writes it: what the cells hold, never what they would calculate."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import MACRO_TYPE, formula, number, refused_by_name, serial, xlsx
from support.tries import tries

from fieldkit.domain.errors import InputError
from fieldkit.formats import xlsx_lists
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.formats.xlsx_lists import read_xlsx, write_xlsx

SOUND = xlsx([("NIK", None, "Nama"), (number("3.5E+15"), "x", serial(18395)), ("3505125207510003", "y", "z")])


def test_cells_come_as_excel_keeps_them() -> None:
    content = xlsx(
        [
            ("NIK", None, " Nama ", "Lahir"),
            (number("3.50512520751E+15"), "x", "SITI", serial(18395)),
            (),
            (
                "3505125207510003",
                number("3505125207510010"),
                formula('HYPERLINK("http://x","a")', "a"),
                formula("NOW()"),
            ),
        ]
    )
    (sheet,) = read_xlsx("a.xlsx", content)
    assert [row.number for row in sheet.rows] == [1, 2, 4]
    assert sheet.rows[0].cells == ("NIK", None, "Nama", "Lahir")
    assert sheet.rows[1].cells == (3.50512520751e15, "x", "SITI", datetime(1950, 5, 12))  # noqa: DTZ001 – as openpyxl gives it
    assert sheet.rows[2].cells == ("3505125207510003", 3505125207510010, "a")


def test_a_file_with_macros_is_read_as_a_list(tmp_path) -> None:
    (sheet,) = read_xlsx("a.xlsm", xlsx([("NIK", "Nama")], content_type=MACRO_TYPE))
    assert sheet.rows[0].cells == ("NIK", "Nama")


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["NIK"])
    hidden = book.create_sheet("lama")
    hidden.append(["NIK"])
    hidden.sheet_state = "hidden"
    memory = io.BytesIO()
    book.save(memory)
    assert len(read_xlsx("a.xlsx", memory.getvalue())) == 1


def test_a_date_in_a_nik_column_and_serials_past_all_days_break_nothing() -> None:
    book = openpyxl.Workbook()
    book.active.append([3505125207510003])
    book.active["A1"].number_format = "dd/mm/yyyy"
    memory = io.BytesIO()
    book.save(memory)
    (sheet,) = read_xlsx("a.xlsx", memory.getvalue())
    assert not isinstance(sheet.rows[0].cells[0], datetime)


@pytest.mark.days
def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr("xl/workbook.xml", bytes(xlsx_lists.MAX_UNPACKED_BYTES + 1))
    assert len(memory.getvalue()) < 1_000_000
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read_xlsx("a.xlsx", memory.getvalue())


def test_a_sheet_that_says_it_is_endless_is_not_believed() -> None:
    content = xlsx([("NIK", "Nama")])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    page = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = page.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert [row.cells for row in read_xlsx("a.xlsx", memory.getvalue())[0].rows] == [("NIK", "Nama")]


def test_a_row_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_lists, "MAX_ROWS", 3)
    with pytest.raises(InputError, match=r"list\.too_many_rows"):
        read_xlsx("a.xlsx", xlsx([("a",)] * 4))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "list.not_a_list"),
        ({"word/document.xml": "<a/>"}, "list.not_a_list"),
        ({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}, "list.broken"),
    ],
)
def test_other_archives_are_named(parts: dict[str, str], code: str) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with pytest.raises(InputError, match=code.replace(".", r"\.")):
        read_xlsx("a.xlsx", memory.getvalue())


def test_a_damaged_file_is_one_clear_sentence_wherever_it_is_damaged() -> None:
    content = xlsx([("NIK", "Nama"), *(("3505125207510003", "SITI") for _ in range(20))])
    chance = random.Random(4)
    whole = read_xlsx("a.xlsx", content)
    for _ in range(120):
        broken = bytearray(content)
        if chance.random() < 0.5:
            del broken[chance.randrange(4, len(broken)) :]
        for _ in range(3):
            broken[chance.randrange(4, len(broken))] ^= 1 << chance.randrange(8)
        with refused_by_name():
            assert len(read_xlsx("a.xlsx", bytes(broken))) == len(whole)


@pytest.mark.days
@given(st.data())
@settings(max_examples=tries(240), deadline=None)
def test_a_list_whose_parts_are_damaged_is_read_or_refused_by_name(data: st.DataObject) -> None:
    """The container is sound, so that damage reaches every reader of XML behind it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as sound, zipfile.ZipFile(out, "w") as archive:
        damaged = data.draw(st.sampled_from(sound.namelist()))
        for name in sound.namelist():
            content = bytearray(sound.read(name))
            if name == damaged:
                for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
                    content[at] = data.draw(st.integers(0, 255))
                cut, doubled = data.draw(st.tuples(st.integers(0, len(content)), st.integers(0, 40)))
                content = content[:cut] + content[max(0, cut - doubled) :] if doubled else content[:cut]
            archive.writestr(name, bytes(content))
    with refused_by_name():
        read_xlsx("a.xlsx", out.getvalue())


def test_an_encoding_that_nobody_knows_is_a_broken_list() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SOUND)) as sound, zipfile.ZipFile(out, "w") as archive:
        for name in sound.namelist():
            plain = re.sub(rb"^<\?xml[^>]*>\s*", b"", sound.read(name))
            declared = b'<?xml version="1.0" encoding="u-f-8"?>' if name == "xl/sharedStrings.xml" else b""
            archive.writestr(name, declared + plain)
    with pytest.raises(InputError, match=r"list\.broken"):
        read_xlsx("a.xlsx", out.getvalue())


def test_what_is_written_is_text_and_comes_back_the_same() -> None:
    rows = [("3505125207510010", "=1+1", "@SUM(A1)"), ("0001", "a\x01b", "")]
    content = write_xlsx("Ditolak: daftar/Jimbe", ("NIK", "=Nama", "Ket"), rows)
    (sheet,) = read_xlsx("a.xlsx", content)
    assert [row.cells for row in sheet.rows] == [("NIK", "=Nama", "Ket"), rows[0], ("0001", "ab")]
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")


def test_texts_in_several_fonts_are_joined_and_reading_aids_left_out() -> None:
    content = xlsx([("SHARED", "Nama")])
    runs = b"<r><t>SITI </t></r><r><rPr><b/></rPr><t>AMINAH</t></r><rPh sb='0' eb='1'><t>aid</t></rPh></si>"
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(changed, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, re.sub(rb"<t[^>]*>SHARED</t></si>", runs, archive.read(name)))
    (sheet,) = read_xlsx("a.xlsx", changed.getvalue())
    assert sheet.rows[0].cells == ("SITI AMINAH", "Nama")


def test_what_openpyxl_reads_is_read_the_same() -> None:
    """The parts of its reader that are used here are not promised to stay."""
    book = openpyxl.Workbook()
    for row in (
        ("NIK", None, "Lahir"),
        ("3505125207510003", 12, datetime(1950, 5, 12)),  # noqa: DTZ001 – as cells are
        (),
        (1.5, True, "x"),
    ):
        book.active.append(row)
    memory = io.BytesIO()
    book.save(memory)
    theirs = openpyxl.load_workbook(memory, read_only=True, data_only=True).active.iter_rows(values_only=True)
    (sheet,) = read_xlsx("a.xlsx", memory.getvalue())
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (number, cells) for number, cells in enumerate(theirs, 1) if any(cells)
    ]


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
    for no, rows in enumerate(sheets):
        sheet = book.add_sheet(f"Lembar {no}")
        sheet.visibility = int(no in hidden)
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
    monkeypatch.setattr(xlsx_lists, "MAX_COLUMNS", 2)
    assert read(xls([("A", "B", "C")])) == [[(1, "A", "B")]]


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_lists, "MAX_CELLS", 3)
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
