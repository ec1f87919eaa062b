from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fieldkit.app.bootstrap.catalogue import field_catalogue
from sync.gateway.office.web import Wording

NOW = datetime(2026, 5, 31, 18, 5, tzinfo=UTC)


def words(language: str, zone: str = "WIB") -> Wording:
    return Wording(field_catalogue(language), language, zone, NOW)


def test_a_moment_is_told_at_the_place_of_the_dinas() -> None:
    assert words("id").moment(NOW) == "1 Jun 2026 01.05 WIB"
    assert words("en", "WIT").moment(NOW) == "1 Jun 2026 03:05 WIT"
    assert words("id").day(date(2026, 8, 17)) == "17 Agu 2026"
    assert words("en").today() == date(2026, 6, 1)
    assert words("en").begins(date(2026, 6, 1)) == NOW - timedelta(hours=1, minutes=5)
    assert words("id", "nowhere").zone == "WIB"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(minutes=-5), "0 menit"),
        (timedelta(minutes=59), "59 menit"),
        (timedelta(hours=47), "47 jam"),
        (timedelta(days=1200), "1.200 hari"),
    ],
)
def test_ages_have_one_unit(span: timedelta, said: str) -> None:
    assert words("id").ago(NOW - span) == said


def test_counts_and_sizes() -> None:
    assert (words("id").number(1234567), words("en").number(1234567)) == ("1.234.567", "1,234,567")
    assert [words("id").size(size) for size in (0, 1500, 82_000_000_000)] == ["0,0 kB", "1,5 kB", "82 GB"]
    assert words("en").left(NOW + timedelta(days=3, hours=5)) == "3 d"
    assert words("en").left(NOW - timedelta(days=3)) == "0 d"


def test_codes_of_others_stay_as_they_were_written() -> None:
    assert words("id").status("PRINT_READY_RECORD") == "Siap cetak (PRR)"
    assert words("id").status("KODE_BARU") == "KODE_BARU"
    assert words("en").act("office.kit_lost") == "Shut out a lost laptop"
    assert words("en").act("somebody.elses") == "somebody.elses"
    assert words("en").origin("office") == "Office page"


@pytest.mark.parametrize(
    ("minutes", "said"), [(60, "1 jam"), (48 * 60 - 1, "47 jam"), (48 * 60, "2 hari"), (59, "59 menit")]
)
def test_an_age_takes_the_next_unit_at_its_bound(minutes: int, said: str) -> None:
    assert words("id").ago(NOW - timedelta(minutes=minutes)) == said


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (9_900, "9.9 kB"),
        (10_000, "10 kB"),
        (999_000, "999 kB"),
        (1_000_000, "1.0 MB"),
        (10**15, "1000 TB"),
        (10**18, "1000000 TB"),
    ],
)
def test_a_size_takes_the_next_unit_at_its_bound_up_to_the_last(size: int, said: str) -> None:
    assert words("en").size(size) == said


def test_a_bundle_is_named_where_it_has_a_name() -> None:
    assert (words("en").bundle("sop", "kia"), words("id").bundle("policy", "")) == ("SOP · kia", "Aturan perekaman")
