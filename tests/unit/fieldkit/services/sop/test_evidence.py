from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from fieldkit.domain.errors import InputError
from fieldkit.formats.pictures import RecordPictures
from fieldkit.services.sop.evidence import MOST_BYTES, evidence_of

PICTURES = RecordPictures()


def test_a_pdf_stays_as_it_is() -> None:
    file = evidence_of("surat.pdf", b"%PDF-1.7 isi", PICTURES)
    assert (file.name, file.media_type, file.content) == ("surat.pdf", "application/pdf", b"%PDF-1.7 isi")


def test_a_photo_becomes_a_jpeg() -> None:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    file = evidence_of("foto.png", drawn.getvalue(), PICTURES)
    assert (file.name, file.media_type, file.content[:2]) == ("foto.jpg", "image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x00" * 100])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"sop\.evidence_unreadable"):
        evidence_of("x", content, PICTURES)


def test_too_much_is_refused() -> None:
    with pytest.raises(InputError):
        evidence_of("besar.pdf", b"%PDF-" + bytes(MOST_BYTES), PICTURES)


def test_just_the_most_bytes_are_taken() -> None:
    content = b"%PDF-" + bytes(MOST_BYTES - 5)
    assert evidence_of("besar.pdf", content, PICTURES).content == content
