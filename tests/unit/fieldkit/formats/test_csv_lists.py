"""CSV as spreadsheets write it, and anything else as one clear sentence."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import refused_by_name
from support.tries import tries

from fieldkit.domain.errors import InputError
from fieldkit.formats.csv_lists import read_csv

TEXT = 'NIK{d}Nama{d}Alamat\r\n3505125207510003{d}SITI É{d}"RT 1{d} RW 2"\r\n\r\n3505125207510004{d}BUDI{d}\r\n'


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_and_delimiter_are_found_out(delimiter: str, encoding: str) -> None:
    (sheet,) = read_csv("a.csv", TEXT.format(d=delimiter).encode(encoding))
    assert sheet.is_text
    assert [row.number for row in sheet.rows] == [1, 2, 4]
    assert sheet.rows[1].cells == ("3505125207510003", "SITI É", f"RT 1{delimiter} RW 2")
    assert sheet.rows[2].cells == ("3505125207510004", "BUDI", None)


def test_excels_own_first_line_names_the_delimiter() -> None:
    (sheet,) = read_csv("a.csv", b"sep=|\nNIK|Nama;x\n1|2\n")
    assert (sheet.rows[0].number, sheet.rows[0].cells) == (2, ("NIK", "Nama;x"))


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01\x02\x03" * 50, bytes(range(256)), codecs.BOM_UTF16_LE + b"a", b"\xff\xd8\xff\xe0 a photo \x00"],
)
def test_what_is_no_text_is_no_list(content: bytes) -> None:
    with pytest.raises(InputError, match=r"list\.not_a_list"):
        read_csv("a.csv", content)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.formats.csv_lists.MAX_ROWS", 3)
    with pytest.raises(InputError, match=r"list\.too_many_rows"):
        read_csv("a.csv", b"a;b\n" * 4)


@settings(max_examples=tries(200), deadline=None)
@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=6), max_size=12),
    st.sampled_from(";,\t"),
)
def test_any_table_is_read_or_refused_by_name(rows: list[list[str]], delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in rows).encode()
    with refused_by_name():
        (sheet,) = read_csv("a.csv", content)
        assert all(any(row.cells) for row in sheet.rows)


@settings(max_examples=tries(200), deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    with refused_by_name():
        read_csv("a.csv", content)
