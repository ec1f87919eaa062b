from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import (
    MaritalStatus,
    Nik,
    NoKk,
    Severity,
    Sex,
    age_gate,
    age_on,
    birthday,
    check_nik,
    check_no_kk,
    hide_niks,
)

WOMAN_OF_1926 = "3505125207260003"


def codes(text: str, **stated: object) -> list[str]:
    return [finding.code for finding in check_nik(text, **stated)]  # type: ignore[arg-type]  # keywords vary per case


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nik.not_16_digits"),
        ("350512520726000", "nik.not_16_digits"),
        ("35051252072600033", "nik.not_16_digits"),
        ("35051252O7260003", "nik.not_16_digits"),
        ("٣٥٠٥١٢٥٢٠٧٢٦٠٠٠٣", "nik.not_16_digits"),  # digits, but not ASCII
        ("1111111111111111", "nik.all_same"),
        ("3505123207260003", "nik.day"),
        ("3505124007260003", "nik.day"),
        ("3505127207260003", "nik.day"),
        ("3505120007260003", "nik.day"),
        ("3505125213260003", "nik.month"),
        ("3505125200260003", "nik.month"),
        ("3505125207260000", "nik.serial"),
    ],
)
def test_errors_stop(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        Nik.parse(text)
    assert caught.value.code == code
    assert all(finding.severity is Severity.ERROR for finding in check_nik(text))


def test_decoding_is_a_hint() -> None:
    nik = Nik.parse(" 3505 1252 0726 0003 ")
    assert nik.digits == WOMAN_OF_1926
    assert nik.sex is Sex.FEMALE
    assert nik.birth_dates() == (date(1926, 7, 12), date(2026, 7, 12))
    assert nik.region == "350512"


def test_both_centuries_are_possible() -> None:
    assert codes(WOMAN_OF_1926, birth_date=date(1926, 7, 12)) == []
    assert codes(WOMAN_OF_1926, birth_date=date(2026, 7, 12)) == []
    assert codes(WOMAN_OF_1926, birth_date=date(1927, 7, 12)) == ["nik.other_birth_date"]


def test_warnings_do_not_stop() -> None:
    found = codes(WOMAN_OF_1926, sex=Sex.MALE, domicile="331501", is_known_region=lambda _: False)
    assert found == ["nik.unknown_region", "nik.other_sex", "nik.other_domicile"]
    assert codes("3505123102260003") == ["nik.impossible_date"]
    assert codes(WOMAN_OF_1926, sex=Sex.FEMALE, domicile="350501", is_known_region=lambda _: True) == []


@pytest.mark.parametrize(("day", "sex"), [("01", Sex.MALE), ("31", Sex.MALE), ("41", Sex.FEMALE), ("71", Sex.FEMALE)])
@pytest.mark.parametrize("month", ["01", "12"])
def test_women_add_forty_to_the_day(day: str, month: str, sex: Sex) -> None:
    nik = Nik.parse(f"350512{day}{month}260003")
    assert nik.sex is sex
    assert nik.birth_dates()[0] == date(1926, int(month), int(day) % 40)


def test_a_nik_is_masked_wherever_it_is_printed() -> None:
    nik = Nik.parse(WOMAN_OF_1926)
    assert nik.masked == "350512••••••••03"
    assert WOMAN_OF_1926 not in f"{nik}"


@given(st.text(max_size=20))
def test_no_text_crashes_the_check(text: str) -> None:
    findings = check_nik(text)
    parses = not any(finding.severity is Severity.ERROR for finding in findings)
    if parses:
        assert len(Nik.parse(text).digits) == 16
    else:
        with pytest.raises(InputError):
            Nik.parse(text)


@pytest.mark.parametrize("text", ["12", "350512010120000A", "٣٥٠٥١٢٠١٠١٢٠٠٠٠٤", "1111111111111111"])
def test_what_is_no_number_of_a_family_card_is_refused(text: str) -> None:
    assert [(f.severity, f.code) for f in check_no_kk(text)] == [(Severity.ERROR, "no_kk.not_16_digits")]


def test_region_and_date_of_a_family_card_are_only_told() -> None:
    odd, even = "3505123102200004", "3505120101200004"
    assert NoKk.parse(even).masked == "350512••••••••04"
    for number, is_known, told in (
        (odd, False, ["no_kk.unknown_region", "no_kk.impossible_date"]),
        (odd, True, ["no_kk.impossible_date"]),
        (even, False, ["no_kk.unknown_region"]),
        (even, True, []),
    ):
        found = check_no_kk(number, is_known_region=lambda _, is_known=is_known: is_known)
        assert [f.code for f in found] == told
    assert check_no_kk(even) == ()


def test_a_nik_that_somebody_wrote_as_proof_is_masked() -> None:
    for grouped in (WOMAN_OF_1926, "3505 1252 0751 0003", "350512.520751.0003"):
        hidden = hide_niks(f"KTP-el {grouped}, asli")
        assert hidden.startswith("KTP-el 350512••••••••")
        assert hidden.endswith(", asli")
        assert not re.search(r"[0-9]{7}", hidden)
    for other in ("surat kuasa 12-05-2026", "BA 470/112/409.55.3/2026"):
        assert hide_niks(other) == other


def test_a_provisional_number_is_never_taken_for_a_nik() -> None:
    number = Nik.provisional("KIT-07", 3)
    assert (number.digits, number.masked, number.official) == ("SMT-KIT-07-0003", "SMT-KIT-07-0003", "")
    assert number.is_provisional
    with pytest.raises(InputError):
        Nik.parse(number.digits)
    assert [finding.code for finding in check_nik(number.digits)] == ["nik.provisional"]
    assert hide_niks(f"nomor {number.digits}.") == f"nomor {number.digits}."
    known = Nik.parse("3505125207510003")
    assert (known.official, known.is_provisional) == (known.digits, False)


SINGLE, MARRIED, WIDOWED = MaritalStatus.BELUM_KAWIN, MaritalStatus.KAWIN, MaritalStatus.CERAI_MATI


def test_age_turns_on_the_birthday() -> None:
    assert age_on(date(2009, 11, 21), date(2026, 11, 20)) == 16
    assert age_on(date(2009, 11, 21), date(2026, 11, 21)) == 17


def test_leap_day_counts_from_the_first_of_march() -> None:
    assert birthday(date(2008, 2, 29), 17) == date(2025, 3, 1)
    assert age_on(date(2008, 2, 29), date(2025, 2, 28)) == 16
    assert age_on(date(2008, 2, 29), date(2025, 3, 1)) == 17


@pytest.mark.parametrize(
    ("born", "status", "may_record", "card_from"),
    [
        (date(2010, 11, 22), SINGLE, False, date(2027, 11, 22)),  # 15
        (date(2010, 11, 21), SINGLE, True, date(2027, 11, 21)),  # 16 today
        (date(2009, 11, 21), SINGLE, True, None),  # 17 today
        (date(2010, 11, 22), MARRIED, True, None),
        (date(2010, 11, 21), WIDOWED, True, None),
        (date(1926, 1, 1), SINGLE, True, None),
    ],
)
def test_gate(born: date, status: MaritalStatus, may_record: bool, card_from: date | None) -> None:
    gate = age_gate(born, status, date(2026, 11, 21))
    assert (gate.may_record, gate.card_from) == (may_record, card_from)
