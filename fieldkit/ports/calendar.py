"""Where the national holidays come from."""

from __future__ import annotations

from typing import Protocol

from fieldkit.domain.planning.calendar import HolidayYear


class NationalHolidays(Protocol):
    """The holidays of Indonesia."""

    def year(self, year: int) -> HolidayYear:
        """Return one year; where the decree is not known, what can be computed, and that it is not published."""
        ...
