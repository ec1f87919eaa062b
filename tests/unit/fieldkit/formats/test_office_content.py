from __future__ import annotations

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.formats.office_content import read_letterhead, read_users


def test_who_is_added_and_who_is_disabled() -> None:
    sri = b"{user_id: sri, name: Sri Lestari, role: loket}"
    wanted, disabled = read_users(b"users: [{user_id: rina, disabled: true}, {user_id: bagus}, %s]" % sri)
    assert wanted == [User("sri", "Sri Lestari", Role.LOKET)]
    assert disabled == ["rina"]


@pytest.mark.parametrize(
    "content",
    [
        b"users: [{user_id: rina, disable: true}]",
        b"users: [{user_id: rina}, {user_id: rina, disabled: true}]",
        b"users: [{user_id: '../x'}]",
        b"users: [{user_id: sri, name: Sri}]",
        b"users: [{user_id: sri, role: loket}]",
        b"users: [{user_id: sri, name: Sri, role: raja}]",
        b"users: [",
        b"users: [{user_id: 2026-13-45}]",
        b"\xff",
        b"",
    ],
)
def test_what_is_no_list_of_users(content: bytes) -> None:
    with pytest.raises(InputError, match=r"office.content"):
        read_users(content)


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
