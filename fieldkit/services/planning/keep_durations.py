"""Keep by how many minutes outreaches are planned: the usual ones, until the office sets its own."""

from __future__ import annotations

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.durations import THE_DURATIONS, USUAL, Durations
from fieldkit.services.unit_of_work import UnitsOfWork


class KeepDurations:
    """The minutes of planning. Plans that are kept stay as they are until somebody opens them anew."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def read(self) -> Durations:
        """Return the minutes as they stand."""
        with self._units.read() as unit:
            return unit.repository(Durations).find(THE_DURATIONS) or USUAL

    def edit(self, durations: Durations) -> Durations:
        """Keep minutes. Raise `InputError` for those that no plan can be made with."""
        durations.check()
        with self._units.write(Permission.PLAN) as work:
            work.keep(durations, "efforts_set")
        return durations
