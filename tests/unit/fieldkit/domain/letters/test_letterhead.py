"""Numbers: typed by the office, or its pattern around the running number; never invented."""

from __future__ import annotations

from datetime import date

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.letterhead import PATTERNS, Letterhead, check_pattern

BLITAR = Letterhead("Dinas Uji", code="409.12", patterns={"sppd": "090/{nomor}.{bulan}/{tahun}"})
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (LetterKind.SURAT_TUGAS, "123", "800.1.11.1/123/409.12/2026"),
        (LetterKind.SURAT_TUGAS, " 094/7/X ", "094/7/X"),
        (LetterKind.SURAT_TUGAS, "", ""),
        (LetterKind.BA_SERAH_TERIMA, "7", "7/BA/409.12/XI/2026"),
        (LetterKind.SPPD, "31", "090/31.11/2026"),
        (LetterKind.SURAT_TUGAS, "١٢", "١٢"),
        (LetterKind.TANDA_TERIMA, "31", "31"),  # no pattern: as typed
    ],
)
def test_the_number_is_the_offices(kind: LetterKind, typed: str, number: str) -> None:
    assert BLITAR.number(kind, typed, DAY) == number


def test_a_pattern_without_its_code_is_told() -> None:
    with pytest.raises(InputError, match=r"letter\.code_missing"):
        Letterhead("Dinas Uji").number(LetterKind.SURAT_TUGAS, "7", DAY)
    without_code = Letterhead("Dinas Uji", patterns=BLITAR.patterns)
    assert without_code.number(LetterKind.SPPD, "7", DAY) == "090/7.11/2026"


@pytest.mark.parametrize("pattern", [*PATTERNS.values(), "{nomor}/{kode}.{bulan}.{bulan_romawi}/{tahun}/BA"])
def test_the_patterns_of_the_beginning_are_sound(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["", "800/{tahun}", "{nomor}/{kepala}", "{nomor", "{nomor:04}", "{nomor!r}", "{}/{nomor}", "{nomor.x}"]
)
def test_a_pattern_that_builds_no_number_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match=r"letter\.pattern_wrong"):
        check_pattern(pattern)


def test_the_letterhead_is_found_by_its_name() -> None:
    assert "Dinas Uji" in BLITAR.words
