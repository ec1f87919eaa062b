"""A file is told by its content, never by its name."""

from __future__ import annotations

import pytest
from support.lists import xlsx

from fieldkit.domain.errors import InputError
from fieldkit.formats import target_sheets
from fieldkit.formats.target_sheets import SpreadsheetFiles

SHEETS = SpreadsheetFiles()


def test_xlsx_and_csv_are_known_under_any_name() -> None:
    assert SHEETS.read("daftar.txt", xlsx([("NIK",)]))[0].rows[0].cells == ("NIK",)
    assert SHEETS.read("daftar.xlsx", b"NIK;Nama\n1;2\n")[0].rows[0].cells == ("NIK", "Nama")
    assert SHEETS.read("a.xlsx", SHEETS.write("a", ("NIK",), [("1",)]))[0].rows[1].cells == ("1",)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list.empty_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "list.broken"),
        (b"%PDF-1.7 ...", "list.pdf"),
        (b"PK\x03\x04 cut off", "list.broken"),
        (b"\n\n ; ; \n", "list.no_rows"),
    ],
)
def test_everything_else_is_one_clear_sentence(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        SHEETS.read("daftar.xlsx", content)
    assert caught.value.code == code


def test_a_file_that_is_too_big_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_sheets, "MAX_FILE_BYTES", 10)
    with pytest.raises(InputError, match=r"list\.too_big"):
        SHEETS.read("a.csv", b"NIK;Nama\n1;2\n")
