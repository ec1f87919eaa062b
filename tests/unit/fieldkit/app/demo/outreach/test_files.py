"""The papers of outsiders are what the program will meet: a PDF, and a list that its own reader understands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fieldkit.app.demo.outreach.files import write_letter, write_list
from fieldkit.app.demo.people import grow
from fieldkit.formats.xlsx_lists import read_xlsx

PEOPLE = grow(4, 1, date(2026, 11, 21))


def test_the_letter_is_a_pdf(tmp_path: Path) -> None:
    assert write_letter(tmp_path / "surat.pdf", PEOPLE).read_bytes().startswith(b"%PDF-")


def test_the_list_holds_everybody_below_its_title(tmp_path: Path) -> None:
    path = write_list(tmp_path / "daftar.xlsx", PEOPLE)
    (sheet,) = read_xlsx(path.name, path.read_bytes())
    text = repr(sheet)
    assert all(person.biodata.nik.digits in text and person.biodata.name in text for person in PEOPLE)
