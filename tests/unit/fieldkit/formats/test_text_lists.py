"""Tables of web pages under the name .xls."""

from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.formats import text_lists
from fieldkit.formats.target_sheets import SpreadsheetFiles


def read(page: str | bytes) -> list[list[tuple[object, ...]]]:
    content = page.encode() if isinstance(page, str) else page
    return [[(row.number, *row.cells) for row in sheet.rows] for sheet in SpreadsheetFiles().read("bip.xls", content)]


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ("<table><tr><th>NIK<th>Nama<tr><td>1<td>A &amp; B</table>", [(1, "NIK", "Nama"), (2, "1", "A & B")]),
        ("<html><body><TABLE><TR><TD>A</TD><TD></TD><TD>C</TD></TR></TABLE>", [(1, "A", None, "C")]),
        ("<meta charset=utf-8><table><tr><td>SENT FOR<br> PRINTING", [(1, "SENT FOR\nPRINTING")]),
        ("<table><tr><td colspan=2>Lahir<td>JK<tr><td>a<td>b<td>c", [(1, "Lahir", None, "JK"), (2, "a", "b", "c")]),
        ("<table><tr><td rowspan=2>NO<td>x<tr><td>y<tr><td>1<td>2", [(1, "NO", "x"), (2, None, "y"), (3, "1", "2")]),
        ("<table><style>td {a}</style><tr><td>A<script>b</script></table>", [(1, "A")]),
        ("<table><tr><td>A<table><tr><td>in</table>B<td>C</table>", [(1, "AinB", "C")]),
        ("<table><tr><td colspan=x>A<td rowspan=0>B", [(1, "A", "B")]),
        ("<!DOCTYPE html><p>Judul</p></table></td></tr><table><tr></tr><tr><td>A", [(1, "A")]),
    ],
)
def test_cells_stand_where_a_reader_sees_them(page: str, rows: list[tuple[object, ...]]) -> None:
    assert read(page) == [rows]
    assert read(page.encode("utf-16")) == [rows]


def test_each_table_is_a_sheet_and_a_page_without_one_is_no_list() -> None:
    assert read("<table><tr><td>A</table><table><tr><td>B</table>") == [[(1, "A")], [(1, "B")]]
    with pytest.raises(InputError, match=r"list\.no_rows"):
        read("<html><p>Halaman masuk</p>")


@pytest.mark.parametrize(("limit", "code"), [("MAX_CELLS", "list.too_big_inside"), ("MAX_ROWS", "list.too_many_rows")])
def test_more_than_a_list_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, code: str) -> None:
    monkeypatch.setattr(text_lists, limit, 2)
    assert read("<table><tr><td>A<tr><td>B")
    with pytest.raises(InputError) as refused:
        read("<table><tr><td>A<tr><td>B<tr><td>C")
    assert refused.value.code == code


def test_of_many_tables_and_columns_only_so_many_are_read() -> None:
    with pytest.raises(InputError, match=r"list\.too_big_inside"):
        read("<table><tr><td>A</table>" * 31)
    assert len(read("<table><tr>" + "<td colspan=90>A" * 3 + "<td>B")[0][0]) == 1 + text_lists.MAX_COLUMNS
