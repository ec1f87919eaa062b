from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import unique

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Thing
from fieldkit.domain.letters.letter import (
    LARGEST,
    PATTERNS,
    Letter,
    Letterhead,
    LetterKind,
    SigningSettings,
    SigningTrail,
    check_pattern,
    clock_text,
    counted,
    day_words,
    days_text,
    is_signer,
    long_date,
    number_words,
    rupiah,
    rupiah_words,
    signers_of,
    weekday,
)

MADE_AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def test_a_letter_is_found_by_both_numbers_and_its_kind() -> None:
    letter = Letter(
        "l1", "a1", LetterKind.SURAT_TUGAS, "Desa Jimbe", "sementara K07-1", {}, "u1", MADE_AT, number="800/7"
    )
    assert isinstance(letter, Thing)
    for word in ("Desa Jimbe", "K07-1", "800/7", "surat tugas"):
        assert word in letter.words


def test_every_paper_has_its_own_template_name() -> None:
    unique(LetterKind)
    assert all(kind.value.isidentifier() for kind in LetterKind)


PERSON = {"name": "Rina", "nip": "", "pangkat": "", "jabatan": ""}
NOBODY = {**PERSON, "name": ""}


def test_a_form_is_signed_by_whom_it_has_a_place_for() -> None:
    fields = {"name": "Ani", "officer": "Dwi", "witnesses": [{"name": "Pak RT"}, {"name": ""}, {"name": "Bu RW"}]}
    assert signers_of(LetterKind.F_1_04, fields) == {
        "person": "Ani",
        "witness1": "Pak RT",
        "witness3": "Bu RW",
    }
    assert signers_of(LetterKind.F_1_02, {"name": "Ani", "officer": "Dwi"}) == {"person": "Ani", "officer": "Dwi"}
    assert signers_of(LetterKind.F_1_05, {"husband": "Adi", "wife": "Ani"}) == {"husband": "Adi", "wife": "Ani"}


def test_exceptions_are_signed_by_every_petugas_and_witness_once() -> None:
    mark = {"witness": "Pak RT", "attendants": ["Rina", "Agus"]}
    fields = {"name": "Ani", "attendants": ["Rina"], "exceptions": [mark, {**mark, "witness": "Bu RW"}]}
    assert signers_of(LetterKind.BA_PENGECUALIAN, fields) == {
        "attendant1": "Rina",
        "attendant2": "Agus",
        "witness1": "Pak RT",
        "witness2": "Bu RW",
    }


def test_whose_signature_came_with_the_act_is_not_asked_again() -> None:
    fields = {"first": PERSON, "second": PERSON, "witnesses": ["Pak RT"], "signer": PERSON}
    assert list(signers_of(LetterKind.BA_SERAH_TERIMA, {**fields, "mark": ""})) == ["first", "second", "witness1"]
    assert list(signers_of(LetterKind.BA_SERAH_TERIMA, {**fields, "mark": "a1"})) == ["first", "witness1"]
    assert signers_of(LetterKind.SPJ, {"receiver": NOBODY, "visum": [{"name": "Sekdes"}]}) == {"visum1": "Sekdes"}
    assert signers_of(LetterKind.SURAT_TUGAS, {"signer": PERSON, "people": [PERSON]}) == {}


BLITAR = Letterhead("Dinas Uji", code="409.12", patterns={"sppd": "090/{nomor}.{bulan}/{tahun}"})
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (LetterKind.SURAT_TUGAS, "123", "800.1.11.1/123/409.12/2026"),
        (LetterKind.SURAT_TUGAS, " 094/7/X ", "094/7/X"),
        (LetterKind.SURAT_TUGAS, "", ""),
        (LetterKind.BA_SERAH_TERIMA, "7", "400.12.2.1/7/BA/409.12/2026"),
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


def test_secrets_and_niks_stay_out_of_repr() -> None:
    told = repr(SigningSettings(secret="rahasia", niks={"u9": "3505014107780001"}))
    assert "rahasia" not in told
    assert "3505" not in told


def test_a_trail_is_found_by_its_letter_only() -> None:
    assert SigningTrail("l1", "a1").words == ""


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Dra. Endang Kusumawati, M.Si.", "ENDANG KUSUMAWATI"),
        ("Drs. H. Ahmad Fauzi, S.Sos., M.Si", "Ahmad Fauzi"),
        ("Ahmad Fauzi, S.Sos", "Drs. AHMAD FAUZI S.Sos. M.Si."),
        ("Budi Santoso, S.E., M.M.", "BUDI SANTOSO SE MM"),
        ("dr. Renée Wati", "RENEE WATI"),
        ("Hj. Siti Nurhayati", "Siti  Nurhayati"),
        ("Siti () Nurhayati", "Siti Nurhayati"),
        ("Hj", "HJ"),  # what is left is a name
        ("Se", "SE"),
        ("A" * 60 + " Panjang Sekali", "A" * 60 + " Pan"),  # a common name has room for 64 letters
    ],
)
def test_titles_capitals_and_marks_make_no_other_person(name: str, subject: str) -> None:
    assert is_signer(name, "", subject)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Dra. Endang Kusumawati, M.Si.", "Endang Purwaningsih"),
        ("Ahmad Fauzi", "Ahmad"),
        ("Ahmad", "Ahmad Fauzi"),
        ("Endang Kusumawati", "Disdukcapil Kabupaten Blitar"),
        ("", ""),
        (", M.Si.", "S.Sos"),
        ("Endang Kusumawati", "S.Sos. " * 12),
    ],
)
def test_another_name_is_another_person(name: str, subject: str) -> None:
    assert not is_signer(name, "", subject)


def test_two_nip_decide() -> None:
    nip = "19680412 199303 2 004"
    assert is_signer("Endang Kusumawati", nip, "Endang K. Wijaya", "196804121993032004")
    assert not is_signer("Endang Kusumawati", nip, "Endang Kusumawati", "197004121993032004")
    assert is_signer("Endang Kusumawati", nip, "Endang Kusumawati", "3505014107780001")  # a NIK says nothing
    other_digits = nip.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert is_signer("Endang Kusumawati", other_digits, "Endang Kusumawati", "197004121993032004")  # nor do these


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
