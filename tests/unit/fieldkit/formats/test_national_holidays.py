from __future__ import annotations

import subprocess
import sys
from datetime import date
from importlib.resources import files

from fieldkit.domain.planning.schedule import DayKind
from fieldkit.formats.national_holidays import TABLE_YEARS, IndonesianHolidays, computed_year, table_text


def test_public_holidays_and_cuti_bersama_are_told_apart() -> None:
    year = IndonesianHolidays().year(2026)
    by_day = {holiday.on: holiday for holiday in year.holidays}
    assert by_day[date(2026, 12, 25)].kind is DayKind.PUBLIC
    assert by_day[date(2026, 12, 24)].kind is DayKind.CUTI_BERSAMA
    assert by_day[date(2026, 12, 25)].name == "Hari Raya Natal"
    assert list(year.holidays) == sorted(year.holidays, key=lambda holiday: holiday.on)


def test_only_years_with_a_decree_count_as_published() -> None:
    assert [IndonesianHolidays().year(year).is_published for year in (2025, 2026, 2029, 2040)] == [
        True,
        True,
        False,
        False,
    ]
    assert IndonesianHolidays().year(2040).holidays


def test_the_table_is_what_the_library_says() -> None:
    """When this fails after an update of the library: make the table anew as the source says."""
    assert [IndonesianHolidays().year(year) for year in TABLE_YEARS] == list(map(computed_year, TABLE_YEARS))
    assert files("assets").joinpath("tables/hari_libur.json").read_text("utf-8") == table_text()


def test_the_years_around_now_do_not_wait_for_the_library() -> None:
    code = (
        "import sys; from fieldkit.formats.national_holidays import IndonesianHolidays as H;"
        "H().year(2026); sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
