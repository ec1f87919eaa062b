"""What the program shows is read back the same; what people write otherwise means the same or is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from threading import Event

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.typed import (
    DraftName,
    MadeOnce,
    chosen,
    day_at_end,
    draft_of_recording,
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
from ui.presenters.planning.plan import days_text

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
        *("3 Des 2026", "3 Desember 26", "3-Dec-2026", "2026/12/3", "03/12/26", "03122026", " 031226"),
    ],
)
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert read_day(text) == THURSDAY


@pytest.mark.parametrize(
    "text",
    [
        *("31-02-2026", "besok", "3-13-2026", "٣-12-2026", "3-12-2026 10-12-2026", "3-12-126", "03-12-0026", "1979"),
        *("3122026", "31022026", "0312202", "3505120303500004", "20261203"),
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


@pytest.mark.parametrize("text", ["17051989", "17-5-89", "17 Mei 1989", "170589", "17 Mei 89", "17/05/1989"])
def test_a_birth_is_read_as_people_type_it(text: str) -> None:
    assert read_birth_day(text) == date(1989, 5, 17)


def test_the_century_of_a_birth_is_never_guessed() -> None:
    assert read_birth_day("7/8/1934") == date(1934, 8, 7)
    assert read_birth_day("7-8-50") == date(1950, 8, 7)
    for text in ("7-8-49", "7-8-34", "070809"):
        assert code(read_birth_day, text) == "typed.short_year"


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


@pytest.mark.parametrize(
    "name",
    [
        DraftName("staff"),
        DraftName("request", {"activity_id": ""}),
        DraftName("handover", {"to": "desa", "card_ids": "c1 c2&3=ü"}),
        draft_of_recording("s1"),
    ],
)
def test_a_name_is_read_back_as_it_was_spelled(name: DraftName) -> None:
    assert DraftName.parse(name.text) == name
    assert " " not in name.text, "the store keeps the owner before the name, with a blank between"


def test_the_same_form_always_spells_the_same() -> None:
    assert DraftName("staff").text == "staff"
    assert DraftName("a", {"x": "1", "y": "2"}).text == DraftName("a", {"y": "2", "x": "1"}).text


class Made:
    """Makes values and tells which."""

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.fails = False

    def get(self, kept: MadeOnce[int, str], key: int) -> str:
        return kept.get(key, lambda: self._make(key))

    def _make(self, key: int) -> str:
        self.keys.append(key)
        if self.fails:
            raise ValueError("broken")
        return f"value {key}"


def test_a_value_is_made_once_until_others_push_it_out() -> None:
    kept, made = MadeOnce[int, str](2), Made()
    assert [made.get(kept, key) for key in (1, 2, 1, 2)] == ["value 1", "value 2"] * 2
    assert made.keys == [1, 2]
    for key in (3, 2, 1):
        made.get(kept, key)
    assert made.keys == [1, 2, 3, 1]


def test_what_fails_is_told_and_made_anew() -> None:
    kept, made = MadeOnce[int, str](2), Made()
    made.fails = True
    with pytest.raises(ValueError, match="broken"):
        made.get(kept, 1)
    made.fails = False
    assert made.get(kept, 1) == "value 1"
    assert made.keys == [1, 1]


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_comes_meanwhile_waits_for_the_same_value(fails: bool) -> None:
    kept, is_begun, may_end = MadeOnce[int, object](2), Event(), Event()

    def make() -> object:
        is_begun.set()
        may_end.wait()
        if fails:
            raise ValueError("broken")
        return object()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(kept.get, 1, make)
        is_begun.wait()
        second = threads.submit(kept.get, 1, lambda: pytest.fail("made twice"))
        assert kept.get(2, lambda: "another") == "another"
        may_end.set()
        if fails:
            assert str(first.exception()) == str(second.exception()) == "broken"
        else:
            assert first.result() is second.result()


def test_what_was_pushed_out_while_it_failed_takes_no_other_with_it() -> None:
    kept = MadeOnce[int, str](1)

    def make() -> str:
        kept.get(2, lambda: "another")
        kept.get(1, lambda: "made meanwhile")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        kept.get(1, make)
    assert kept.get(1, lambda: "made again") == "made meanwhile"


def test_what_is_forgotten_is_made_again() -> None:
    kept = MadeOnce[int, object](2)
    first = kept.get(1, object)
    kept.clear()
    assert kept.get(1, object) is not first
