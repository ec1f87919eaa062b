from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from support.signing import LETTER

from fieldkit.documents.signature_check import MAX_PDF_BYTES, draw_pages
from fieldkit.domain.errors import InputError


def test_pages_are_drawn_as_large_as_a_screen_needs() -> None:
    (page,) = draw_pages(LETTER)
    assert Image.open(BytesIO(page)).size == (910, 1287)


def test_a_page_that_claims_to_be_a_wall_is_drawn_small() -> None:
    wall = LETTER.replace(b"0 0 595 842", b"0 0 9e4 9e4").replace(b"9e4 9e4", b"90000 90000"[:7])
    (page,) = draw_pages(wall)
    width, height = Image.open(BytesIO(page)).size
    assert width * height < 5_000_000


@pytest.mark.parametrize(
    ("pdf", "code"), [(b"", "unreadable"), (b"%PDF-1.7 x", "unreadable"), (bytes(MAX_PDF_BYTES + 1), "huge")]
)
def test_what_is_no_pdf_gets_one_clear_word(pdf: bytes, code: str) -> None:
    with pytest.raises(InputError, match=f"pdf_{code}"):
        draw_pages(pdf)
