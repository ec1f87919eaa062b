"""Keep by how many minutes outreaches are planned: the usual ones, until the office sets its own."""

from __future__ import annotations

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.efforts import THE_EFFORTS, USUAL, Efforts
from fieldkit.services.acts import Acts


class KeepEfforts:
    """The minutes of planning. Plans that are kept stay as they are until somebody opens them anew."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def read(self) -> Efforts:
        """Return the minutes as they stand."""
        with self._acts.read() as unit:
            return unit.shelf(Efforts).find(THE_EFFORTS) or USUAL

    def edit(self, efforts: Efforts) -> Efforts:
        """Keep minutes. Raise `InputError` for those that no plan can be made with."""
        efforts.check()
        with self._acts.write(Permission.PLAN) as writing:
            writing.keep(efforts, "efforts_set")
        return efforts
