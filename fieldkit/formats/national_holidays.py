"""The national holidays of Indonesia from the library `holidays`; cuti bersama are its category "government".

The library takes most of a second to load, so the years around now lie beside it as a table that was made from it:
`python -m fieldkit.formats.national_holidays > assets/tables/hari_libur.json`. A test compares the two.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from functools import cache
from importlib.resources import files

from fieldkit.domain.planning.schedule import DayKind, Holiday, HolidayYear

TABLE_YEARS = range(2020, 2036)
_CATEGORIES = (("public", DayKind.PUBLIC), ("government", DayKind.CUTI_BERSAMA))


class IndonesianHolidays:
    """`fieldkit.ports.repositories.NationalHolidays`."""

    def year(self, year: int) -> HolidayYear:
        """Return one year. It counts as published when its cuti bersama are known: only the decree fixes them."""
        return _table().get(year) or computed_year(year)


@cache
def computed_year(year: int) -> HolidayYear:
    """Return one year as the library has it."""
    from holidays import country_holidays  # on demand: dear to load

    found = [
        Holiday(on, name, kind)
        for category, kind in _CATEGORIES
        for on, name in country_holidays("ID", years=year, categories=(category,), language="id").items()
    ]
    has_decree = any(h.kind is DayKind.CUTI_BERSAMA for h in found)
    return HolidayYear(year, tuple(sorted(found, key=lambda h: (h.on, h.kind))), has_decree)


@cache
def _table() -> dict[int, HolidayYear]:
    kept = json.loads(files("assets").joinpath("tables/hari_libur.json").read_text("utf-8"))
    return {
        int(year): HolidayYear(
            int(year),
            tuple(Holiday(date.fromisoformat(on), name, DayKind(kind)) for on, kind, name in known["days"]),
            known["is_published"],
        )
        for year, known in kept.items()
    }


def table_text() -> str:
    """Return the table of `TABLE_YEARS` as it is kept: one holiday a line, so that a change is easy to read."""
    years = []
    for year in map(computed_year, TABLE_YEARS):
        days = ",\n".join(
            "   " + json.dumps([day.on.isoformat(), day.kind.value, day.name], ensure_ascii=False)
            for day in year.holidays
        )
        years.append(f' "{year.year}": {{"is_published": {json.dumps(year.is_published)}, "days": [\n{days}]}}')
    return "{\n" + ",\n".join(years) + "\n}\n"


if __name__ == "__main__":
    sys.stdout.write(table_text())
