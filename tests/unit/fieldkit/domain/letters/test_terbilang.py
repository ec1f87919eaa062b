"""Numbers and days in words: vectors, and a reading back of what was spelled."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.terbilang import (
    LARGEST,
    clock_text,
    counted,
    day_words,
    days_text,
    long_date,
    number_words,
    rupiah,
    rupiah_words,
    weekday,
)

VECTORS = {
    0: "nol",
    1: "satu",
    9: "sembilan",
    10: "sepuluh",
    11: "sebelas",
    12: "dua belas",
    19: "sembilan belas",
    20: "dua puluh",
    21: "dua puluh satu",
    99: "sembilan puluh sembilan",
    100: "seratus",
    101: "seratus satu",
    111: "seratus sebelas",
    200: "dua ratus",
    517: "lima ratus tujuh belas",
    999: "sembilan ratus sembilan puluh sembilan",
    1_000: "seribu",
    1_001: "seribu satu",
    1_111: "seribu seratus sebelas",
    2_000: "dua ribu",
    2_026: "dua ribu dua puluh enam",
    11_000: "sebelas ribu",
    21_000: "dua puluh satu ribu",
    100_000: "seratus ribu",
    101_000: "seratus satu ribu",
    1_000_000: "satu juta",
    1_001_000: "satu juta seribu",
    1_250_500: "satu juta dua ratus lima puluh ribu lima ratus",
    1_000_000_000: "satu miliar",
    1_000_000_001: "satu miliar satu",
    1_000_000_000_000: "satu triliun",
    -45: "minus empat puluh lima",
}
WORTH = {
    **{VECTORS[n]: n for n in (1, 9)},
    **dict(zip(("dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan"), range(2, 9), strict=True)),
}


def read(words: str) -> int:
    """Read a spelled number back, by another way than it was spelled."""
    total = group = digit = 0
    for word in words.split():
        if word in WORTH:
            digit = WORTH[word]
        elif word in ("sepuluh", "sebelas", "seratus", "seribu"):
            if word == "seribu":
                total += 1000
            group += {"sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 0}[word]
        elif word == "belas":
            group, digit = group + 10 + digit, 0
        elif word in ("puluh", "ratus"):
            group, digit = group + digit * (10 if word == "puluh" else 100), 0
        else:
            scale = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}[word]
            total, group, digit = total + (group + digit) * scale, 0, 0
    return total + group + digit


@pytest.mark.parametrize(("number", "words"), VECTORS.items())
def test_numbers_are_spelled(number: int, words: str) -> None:
    assert number_words(number) == words


@given(st.integers(1, LARGEST))
def test_every_number_reads_back(number: int) -> None:
    words = number_words(number)
    assert read(words) == number
    assert "  " not in words
    assert "satu ratus" not in words
    assert "satu puluh" not in words


@pytest.mark.parametrize("number", [LARGEST + 1, -LARGEST - 1])
def test_what_no_letter_needs_is_refused(number: int) -> None:
    with pytest.raises(InputError, match=r"terbilang\.too_large"):
        number_words(number)


def test_money() -> None:
    assert rupiah(1_250_000) == "Rp1.250.000"
    assert rupiah(0) == "Rp0"
    assert rupiah(-500) == "-Rp500"
    assert rupiah_words(1_250_000) == "satu juta dua ratus lima puluh ribu rupiah"
    assert counted(3) == "3 (tiga)"


def test_days() -> None:
    monday = date(2026, 11, 23)
    assert weekday(monday) == "Senin"
    assert long_date(monday) == "23 November 2026"
    assert day_words(monday) == "Senin, tanggal dua puluh tiga bulan November tahun dua ribu dua puluh enam"
    assert day_words(date(2027, 1, 1)) == "Jumat, tanggal satu bulan Januari tahun dua ribu dua puluh tujuh"
    assert clock_text(time(8, 30)) == "08.30"


def test_days_of_a_plan() -> None:
    first, second, third = (date(2026, 11, day) for day in (23, 24, 27))
    assert days_text(()) == ""
    assert days_text((first,)) == "Senin, 23 November 2026"
    assert days_text((second, first)) == "Senin s.d. Selasa, 23 November 2026 s.d. 24 November 2026"
    assert days_text((first, third)) == "Senin, 23 November 2026; Jumat, 27 November 2026"
