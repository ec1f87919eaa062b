from __future__ import annotations

import pytest
from support.kept import NAME, NIK, sealed

from fieldkit.domain.delivery.sealed import RecordHeader
from fieldkit.vault.headers import BEGIN, END, HeaderCipher

HEADER = RecordHeader.of(sealed())


def test_a_header_comes_back_for_its_record_and_kit_only() -> None:
    text = HeaderCipher(b"n" * 32).close("record-1", HEADER)
    assert text.startswith(f"{BEGIN}\n")
    assert HeaderCipher(b"n" * 32).open("record-1", f"before\n{text}after") == HEADER
    assert HeaderCipher(b"n" * 32).open("record-2", text) is None
    assert HeaderCipher(b"m" * 32).open("record-1", text) is None


def test_a_header_says_nothing_in_the_clear_and_nothing_twice() -> None:
    cipher = HeaderCipher(b"n" * 32)
    first, second = cipher.close("record-1", HEADER), cipher.close("record-1", HEADER)
    assert first != second
    for personal in (NAME, NIK, HEADER.masked_name, HEADER.nik_digest, HEADER.place):
        assert personal not in first


@pytest.mark.parametrize("text", ["", BEGIN, f"{BEGIN}\n!\n{END}", f"{BEGIN}\nAAAA\n{END}", f"{BEGIN}\n{END}"])
def test_what_is_no_header_is_none(text: str) -> None:
    assert HeaderCipher(b"n" * 32).open("record-1", text) is None
