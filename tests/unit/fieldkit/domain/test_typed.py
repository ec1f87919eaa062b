"""What the program shows is read back the same; what people write otherwise means the same or is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.typed import (
    chosen,
    day_at_end,
    optional,
    path_of,
    read_birth_day,
    read_clock_time,
    read_day,
    read_days,
    read_moment,
    read_whole,
)
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.planning.plan_form import days_text

THURSDAY = date(2026, 12, 3)
ANY_DAY = st.dates(date(1800, 1, 1), date(2199, 12, 31))


def code(read: Callable[[str], object], text: str) -> str:
    with pytest.raises(InputError) as refusal:
        read(text)
    return refusal.value.code


@pytest.mark.parametrize(
    "text",
    [
        *("3-12-26", "03-12-2026", "3/12/2026", "3 12 2026", "2026-12-03", "3.12.2026", " 3 - 12 - 2026 "),
        *("3 Des 2026", "3 Desember 26", "3-Dec-2026", "2026/12/3", "03/12/26"),
    ],
)
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert read_day(text) == THURSDAY


@pytest.mark.parametrize(
    "text",
    [
        *("31-02-2026", "besok", "3-13-2026", "٣-12-2026", "3-12-2026 10-12-2026", "3-12-126", "03-12-0026", "1979"),
        *("Kamis, 3-12-2026", "3-12", "3-12-20266", "²-12-2026", "31-12-1799", "1-1-2200"),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert code(read_day, text) == "typed.day"


@pytest.mark.parametrize(
    ("digits", "year"), [("00", 0), ("99", 99), ("100", 10_000), ("0999", 10_000), ("1000", 1000), ("9999", 9999)]
)
def test_year_has_two_digits_or_a_thousand_behind_it(digits: str, year: int) -> None:
    assert day_at_end(f"Blitar, 3-12-{digits}") == ((3, 12, year), "Blitar, ")


def test_the_century_of_a_birth_is_never_guessed() -> None:
    assert read_birth_day("7/8/1934") == date(1934, 8, 7)
    assert code(read_birth_day, "7-8-34") == "typed.short_year"


@given(ANY_DAY)
@example(date(1800, 1, 1))
@example(date(2199, 12, 31))
def test_a_day_that_is_shown_is_read_back(day: date) -> None:
    assert read_day(day_text(day)) == read_birth_day(day_text(day)) == read_day(day.isoformat()) == day


@given(st.sets(ANY_DAY, max_size=5))
def test_days_that_are_shown_are_read_back(days: set[date]) -> None:
    ordered = tuple(sorted(days))
    assert read_days(days_text(ordered)) == ordered


def test_several_days_are_sorted_and_single() -> None:
    assert read_days("10-12-26; 3-12-2026, 3-12-2026") == (THURSDAY, date(2026, 12, 10))


@given(st.datetimes(datetime(1800, 1, 1), datetime(2199, 12, 31)))  # noqa: DTZ001 – local, as people write it
def test_a_moment_that_is_shown_is_read_back(at: datetime) -> None:
    minute = at.replace(second=0, microsecond=0)
    assert read_moment(moment_text(minute)) == read_moment(minute.isoformat(" ", "minutes")) == minute
    assert read_moment(minute.isoformat(timespec="minutes")) == minute
    assert read_moment(f"{minute:%H.%M}", minute.date()) == minute
    assert read_clock_time(f"{minute:%H.%M}") == minute.time()


def test_clock_times() -> None:
    assert [read_clock_time(text) for text in ("8", "08.30", " 7:05 ", "23.59")] == [
        *(time(8), time(8, 30), time(7, 5), time(23, 59))
    ]
    for text in ("24.00", "8.60", "pagi", "8.5"):
        assert code(read_clock_time, text) == "typed.clock_time"


def test_a_clock_time_alone_needs_its_day() -> None:
    for text in ("08.30", "25-11-2026", "kemarin 08.30", "25-11-2026 pagi"):
        assert code(read_moment, text) == "typed.moment"
    assert code(lambda text: read_moment(text, THURSDAY), "32-1-26 8") == "typed.moment"


@given(st.integers(0, 10**15 - 1))
def test_a_number_that_is_shown_is_read_back(number: int) -> None:
    assert (
        read_whole(str(number)) == read_whole(f"{number:,}".replace(",", ".")) == read_whole(f"Rp {number}") == number
    )


def test_what_is_no_number_or_out_of_range_is_refused() -> None:
    for text in ("lima", "4,5", "1.5", "²", "--3", "1.2000"):
        assert code(read_whole, text) == "typed.whole"
    assert code(read_whole, "-5") == "typed.range"
    assert code(lambda text: read_whole(text, most=600), "601") == "typed.range"
    assert code(lambda text: read_whole(text, least=-9), "-10") == "typed.range"
    assert [read_whole(text, least=-9, most=600) for text in ("-9", "600")] == [-9, 600]


def test_what_nobody_chose_is_not_guessed() -> None:
    assert chosen(int)("2") == optional(int)("2") == 2
    assert code(chosen(int), " ") == "typed.not_chosen"


def test_an_empty_field_is_nothing_or_is_to_be_filled() -> None:
    for read in (read_day, read_birth_day, read_clock_time, read_moment, read_whole):
        assert code(read, "  ") == "typed.empty"
        assert optional(read)("  ") is None
    assert read_days(" ") == ()


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_one_problem(text: str) -> None:
    for read in (read_day, read_birth_day, read_days, read_clock_time, read_moment, read_whole):
        with suppress(InputError):
            read(text)


def test_a_path_is_read_as_typed_or_pasted(tmp_path: Path) -> None:
    for file in (tmp_path / "daftar warga.csv", tmp_path / "rekap 100%25.csv"):
        for text in (str(file), f'  "{file}" ', f"'{file}'", file.as_uri()):
            assert path_of(text) == file
    assert path_of(f"file://{tmp_path}/daftar warga.csv") == tmp_path / "daftar warga.csv"
    assert path_of("~/x") == Path.home() / "x"
    assert path_of("~nobody-at-all/x") == Path("~nobody-at-all/x")
