from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from fieldkit.domain.errors import InputError
from fieldkit.formats.pictures import RecordPictures
from fieldkit.services.sop.read_evidence import MOST_BYTES, read_evidence

PICTURES = RecordPictures()


def test_a_pdf_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "surat.pdf").write_bytes(b"%PDF-1.7 isi")
    file = read_evidence(f"'{tmp_path / 'surat.pdf'}' ", PICTURES)
    assert (file.name, file.media_type, file.content) == ("surat.pdf", "application/pdf", b"%PDF-1.7 isi")


def test_a_photo_becomes_a_jpeg(tmp_path: Path) -> None:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    (tmp_path / "foto.png").write_bytes(drawn.getvalue())
    file = read_evidence(str(tmp_path / "foto.png"), PICTURES)
    assert (file.name, file.media_type, file.content[:2]) == ("foto.jpg", "image/jpeg", b"\xff\xd8")


@pytest.mark.parametrize("content", [None, b"", b"not a picture", b"\x00" * 100])
def test_anything_else_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match=r"sop\.evidence_unreadable"):
        read_evidence(str(tmp_path / "x"), PICTURES)


def test_a_folder_a_nul_and_too_much_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "besar.pdf").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    for path in (str(tmp_path), "a\0b", "", str(tmp_path / "besar.pdf")):
        with pytest.raises(InputError):
            read_evidence(path, PICTURES)
