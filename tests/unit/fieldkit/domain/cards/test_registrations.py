from __future__ import annotations

import pytest

from fieldkit.domain.cards.registrations import read_registration, without_niks
from fieldkit.domain.errors import InputError


def test_a_number_as_the_application_shows_it() -> None:
    assert read_registration("  BP-2026/11-000123 ") == "BP-2026/11-000123"
    for typed in ("REG 20261121 0001", "A" * 40):
        assert read_registration(typed) == typed


@pytest.mark.parametrize(
    "typed", ["3505125207510003", "REG-3505125207510003", "3505 1252 0751 0003", "350512.520751.0003"]
)
def test_a_nik_is_no_registration_number(typed: str) -> None:
    with pytest.raises(InputError, match=r"registration\.like_a_nik"):
        read_registration(typed)


@pytest.mark.parametrize(
    ("typed", "code"), [("  ", "empty"), ("A" * 41, "unreadable"), ("BP\x07", "unreadable"), ("BP-é", "unreadable")]
)
def test_what_nobody_can_read(typed: str, code: str) -> None:
    with pytest.raises(InputError, match=f"registration.{code}"):
        read_registration(typed)


def test_niks_are_hidden_however_they_are_grouped() -> None:
    assert without_niks("NIK 3315.0845.0790.0002, nomor BP-2026-0007") == "NIK ••••, nomor BP-2026-0007"


def test_the_id_of_a_record_is_no_nik() -> None:
    """Its groups can hold sixteen digits in a row."""
    record_id = "9ce7ca03-4765-4c88-9132-843194091388"
    assert without_niks(f"record {record_id}, NIK 3315084507900002") == f"record {record_id}, NIK ••••"
    assert without_niks(record_id.upper()) == record_id.upper()
