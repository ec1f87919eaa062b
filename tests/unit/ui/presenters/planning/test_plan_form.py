from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import plan

from ui.presenters.planning.plan_form import PlanForm, days_text, read_clock_time, read_days, read_way
from ui.presenters.words import phrase

THURSDAY = date(2026, 12, 3)


@pytest.mark.parametrize("text", ["3-12-2026", "03-12-2026", "3/12/2026", "3.12.2026", "2026-12-03", " 3 12 2026 ,"])
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert read_days(text) == (THURSDAY,)


@given(st.sets(st.dates(date(2000, 1, 1), date(2099, 12, 31)), max_size=5))
def test_what_the_field_shows_can_be_read_again(days: set[date]) -> None:
    ordered = tuple(sorted(days))
    assert read_days(days_text(ordered)) == ordered


@pytest.mark.parametrize("text", ["31-2-2026", "3-12-26", "besok", "3-13-2026", "٣-12-2026", "3-12-2026 10-12-2026"])
def test_dates_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 – its text is for nobody
        read_days(text)


def test_several_dates_are_sorted_and_single() -> None:
    assert read_days("10-12-2026; 3-12-2026, 3-12-2026") == (THURSDAY, date(2026, 12, 10))
    assert read_days(" ") == ()


def test_times_and_minutes() -> None:
    assert [read_clock_time(text) for text in ("8", "08.30", " 7:05 ")] == [time(8), time(8, 30), time(7, 5)]
    assert (read_way("0"), read_way(" 45 ")) == (0, 45)
    for read, texts in ((read_clock_time, ("24.00", "8.75", "pagi", "")), (read_way, ("601", "-5", "4,5", "", "²"))):
        for text in texts:
            with pytest.raises(ValueError):  # noqa: PT011 – its text is for nobody
                read(text)


def test_a_keystroke_changes_the_plan_or_marks_the_field() -> None:
    kept = plan("a1", THURSDAY)
    form, changed = PlanForm.of(kept).typed(kept, "starts", "9.15")
    assert (changed.starts, form.problems) == (time(9, 15), {})
    form, same = form.typed(changed, "starts", "9.1x")
    assert same == changed
    assert form.problems == {"starts": phrase("rencana.bad_starts")}
    assert form.values["starts"] == "9.1x"
    form = form.shows(changed, "starts")
    assert (form.values["starts"], form.problems) == ("09.15", {})


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("days", "10-12-2026", "days", (date(2026, 12, 10),)),
        ("way", "75", "way_minutes", 75),
        ("vehicle", " AG 1 ", "vehicle", "AG 1"),
        ("companions", "Kader", "companions", "Kader"),
        ("note", "Genset", "note", "Genset"),
        ("direction", "Lansia dulu", "direction", "Lansia dulu"),
    ],
)
def test_each_field_has_its_place(name: str, text: str, field: str, value: object) -> None:
    kept = plan("a1", THURSDAY)
    assert getattr(PlanForm.of(kept).typed(kept, name, text)[1], field) == value
