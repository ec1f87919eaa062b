from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.formats.office_content import read_disabled, read_letterhead


def test_who_is_disabled() -> None:
    assert read_disabled(b"users: [{user_id: rina, disabled: true}, {user_id: bagus}]") == ["rina"]


@pytest.mark.parametrize(
    "content",
    [
        b"users: [{user_id: rina, disable: true}]",
        b"users: [{user_id: rina}, {user_id: rina, disabled: true}]",
        b"users: [{user_id: '../x'}]",
        b"users: [",
        b"\xff",
        b"",
    ],
)
def test_what_is_no_list_of_users(content: bytes) -> None:
    with pytest.raises(InputError, match=r"office.content"):
        read_disabled(content)


def test_the_words_of_a_letterhead() -> None:
    words = read_letterhead(b"dinas: Dinas Uji\ncity: Kediri\npatterns: {jadwal: '400/{nomor}/{tahun}'}\n")
    assert (words.dinas, words.city, words.patterns) == ("Dinas Uji", "Kediri", {"jadwal": "400/{nomor}/{tahun}"})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"city: Kediri", "office.content"),
        (b"dinas: D\npatterns: {surat_cinta: x}", "letter.unknown"),
        (b"dinas: D\npatterns: {jadwal: '{hari}'}", "letter.pattern"),
    ],
)
def test_what_is_no_letterhead(content: bytes, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_letterhead(content)
