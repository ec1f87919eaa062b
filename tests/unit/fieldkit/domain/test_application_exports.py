from __future__ import annotations

import pytest

from fieldkit.domain.application_exports import Field, document_of, layout_of, names, paper_of
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.sheets import Sheet, SheetRow

HEADER = ("No.", "Nomor Registrasi", "NIK", "Nama Lengkap", "Jenis Layanan", "No. HP/WA", "E-mail")


def sheet(*rows: tuple[str | None, ...]) -> Sheet:
    return Sheet("ekspor", tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 1)), is_text=True)


def test_header_below_a_title_is_found_with_its_columns() -> None:
    header = (None, *HEADER[1:])
    layout = layout_of([sheet(("Becak Pintar",)), sheet(("EKSPOR",), header, ("1", "BP-1", "3315"))])
    assert (layout.sheet, layout.first_row, layout.header) == (1, 2, ("", *HEADER[1:]))
    fields = (Field.REGISTRATION, Field.NIK, Field.NAME, Field.DOCUMENT, Field.PHONE, Field.EMAIL)
    assert layout.columns == {field: place for place, field in enumerate(fields, 1)}


@pytest.mark.parametrize(
    ("headers", "chosen"),
    [((HEADER[1:4], HEADER), 1), ((HEADER, HEADER[1:4]), 0), ((HEADER[1:5], (*HEADER[1:4], "Alamat")), 0)],
)
def test_header_that_names_most_columns_is_taken_the_first_of_equals(
    headers: tuple[tuple[str, ...], ...], chosen: int
) -> None:
    assert layout_of([sheet(header) for header in headers]).sheet == chosen


def test_list_without_the_number_is_no_export() -> None:
    with pytest.raises(InputError, match=r"export\.no_header"):
        layout_of([sheet(("NIK", "Nama"))])


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ("KTP-el hilang", Document.KTP_EL),
        ("KTPel", Document.KTP_EL),
        ("Kartu Tanda Penduduk", Document.KTP_EL),
        ("Cetak KIA", Document.KIA),
        ("Kartu Identitas Anak", Document.KIA),
        ("Kartu Keluarga", Document.KK),
        ("KK baru", Document.KK),
        ("surat pindah", None),
        ("", None),
    ],
)
def test_document_is_read_from_the_words_of_the_app(words: str, document: Document | None) -> None:
    assert document_of(words) is document


@pytest.mark.parametrize(
    ("words", "is_named"),
    [
        ("BP-2026-0001_kk.jpg", True),
        ("bp 2026 0001/akta.pdf", True),
        ("[BP20260001] lampiran", True),
        ("BP-2026-00012.jpg", False),
        ("XBP-2026-0001.jpg", False),
        ("kk.jpg", False),
    ],
)
def test_number_is_named_however_it_is_divided_but_not_a_longer_one(words: str, is_named: bool) -> None:
    assert names("BP-2026-0001", words) is is_named


def test_number_without_letters_or_digits_names_nothing() -> None:
    assert not names("--", "a -- b")


def test_file_tells_its_paper_by_its_name() -> None:
    assert paper_of(Document.KIA, "BP-1 Akta Lahir.pdf", 3) == 0
    assert paper_of(Document.KIA, "BP-1 foto.jpg", 4) == 3
    assert paper_of(Document.KIA, "BP-1 foto.jpg", 3) is None  # a baby's KIA bears no photo
    assert paper_of(Document.KTP_EL, "BP-1 scan.pdf", 2) is None
