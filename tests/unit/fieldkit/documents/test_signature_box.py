from __future__ import annotations

from io import BytesIO

from PIL import Image

from fieldkit.documents.signature_box import draw_box
from fieldkit.ports.signer import BoxWords

WORDS = BoxWords("Ditandatangani secara elektronik oleh:", "Dra. Endang", "Kepala Dinas", "19780401 200501 2 003")


def test_the_box_has_its_size_whatever_is_written() -> None:
    long = BoxWords("x", "N" * 90, "Kepala Dinas " * 12, "1" * 30, "FKL1:0199:ABC")
    sizes = {Image.open(BytesIO(draw_box(words))).size for words in (WORDS, long)}
    assert len(sizes) == 1


def test_the_code_of_the_letter_is_drawn_when_there_is_one() -> None:
    assert draw_box(WORDS) != draw_box(BoxWords(WORDS.caption, WORDS.name, WORDS.jabatan, WORDS.nip, "FKL1:0199:ABC"))
