"""Lists that would take gigabytes: each is refused by its one sentence before they are taken."""

from __future__ import annotations

import io
import zipfile

import pytest
from support.lists import xlsx
from support.peak import MOST_MB, peak_mb, refused
from support.tries import some_of

from fieldkit.domain.errors import InputError
from fieldkit.formats import bounded_xml
from fieldkit.formats.bounded_xml import BoundedArchive, CountedXml
from fieldkit.formats.csv_lists import read_csv
from fieldkit.formats.xlsx_lists import read_xlsx

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def with_part(part: str, content: bytes) -> bytes:
    """Return a sound list with another part in the place of one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([("NIK", "Nama")]))) as sound, zipfile.ZipFile(out, "w") as archive:
        for name in sound.namelist():
            archive.writestr(name, content if name == part else sound.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


BOMBS = {
    "cells of one row": (SHEET, HEAD + b'<row r="1">' + b"<c/>" * 2_000_000 + b"</row>" + END),
    "values of one cell": (SHEET, HEAD + b'<row r="1"><c r="A1">' + b"<v>1</v>" * 2_000_000 + b"</c></row>" + END),
    "what no list has": (SHEET, HEAD + b"<x/>" * 4_000_000 + END),
    "blank rows": (SHEET, HEAD + b"<row/>" * 300_000 + END),
    "rows with a prefix": (
        SHEET,
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        + b"<x:row/>" * 300_000
        + b"</x:sheetData></x:worksheet>",
    ),
    "styles": (
        "xl/styles.xml",
        b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<a/>" * 2_500_000,
    ),
}


@pytest.mark.parametrize("bomb", some_of(BOMBS, 2))
def test_a_list_that_would_take_gigabytes_takes_little_and_is_named(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_xml, "MAX_BLANK_ROWS", 50_000)  # Excel's own million takes seconds
    content = with_part(*BOMBS[bomb])
    assert len(content) < 200_000
    taken = peak_mb(lambda: refused(lambda: read_xlsx("a.xlsx", content), "list.too_big_inside"))
    assert taken < MOST_MB


@pytest.mark.days
@pytest.mark.parametrize(
    ("content", "code"),
    some_of(
        [
            (b"a;b\n" * 3_000_000, "list.too_big_inside"),
            (b";" * 19_000_000, "list.too_big_inside"),
            (b"a\n" * 9_000_000, "list.too_many_rows"),
            (b"sep=;\n" + b";\n" * 9_000_000, "list.too_big_inside"),
        ],
        2,
    ),
)
def test_a_csv_that_would_take_gigabytes_takes_little_and_is_named(content: bytes, code: str) -> None:
    assert peak_mb(lambda: refused(lambda: read_csv("a.csv", content), code)) < MOST_MB


def test_a_large_but_honest_list_is_read() -> None:
    rows = b"".join(
        b'<row r="%d">' % number + b"".join(b'<c t="inlineStr"><is><t>x</t></is></c>' for _ in range(12)) + b"</row>"
        for number in range(1, 1_000)
    )
    (sheet,) = read_xlsx("a.xlsx", with_part(SHEET, HEAD + rows + END))
    assert len(sheet.rows) == 999


def test_elements_are_counted_across_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_xml, "MAX_RUN", 30)
    source = CountedXml(io.BytesIO(HEAD + b"<row>" + b"<c/>" * 60), "a.xlsx")
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        list(iter(lambda: source.read(64), b""))
    sound = CountedXml(io.BytesIO(HEAD + (b"<row>" + b"<c/>" * 8 + b"</row>") * 60), "a.xlsx")
    assert len(list(iter(lambda: sound.read(64), b""))) > 10


def test_a_part_that_is_read_as_one_is_small() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("small", b"1")
        archive.writestr("big", bytes(bounded_xml.MAX_WHOLE_BYTES + 1))
    with BoundedArchive(out) as archive:
        assert archive.read("small") == b"1"
        with pytest.raises(InputError, match=r"list\.too_big_inside"):
            archive.read("big")
