"""Sarpras keluar: the checklist before a team leaves."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.sarpras.checklist import CheckOut
from fieldkit.domain.sarpras.rules import Concern
from fieldkit.services.context.app_context import AppContext
from ui.presenters.navigator import Navigator
from ui.presenters.sarpras.checklist import ChecklistPresenter
from ui.presenters.tasks import Tasks


class CheckOutPresenter(ChecklistPresenter[CheckOut]):
    """Fills the list of an activity and takes its kits out."""

    way = "out"

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        self._out = context.office.sarpras.out
        super().__init__(context, tasks, navigator, activity_id, self._out)

    def load(self) -> CheckOut:
        """Return the open list, or what is out already to look at. Raise `RuleError("role.not_yours")`."""
        found = self._out.current(self._activity_id)
        is_for_reading = found is not None and (found.is_out or not self.may_fill)
        return found if found is not None and is_for_reading else self._out.begin(self._activity_id)

    def concerns(self, held: CheckOut) -> Sequence[Concern]:
        """Return what stands against leaving."""
        return self._out.concerns(held)

    def close(self, list_id: str, reason: str) -> CheckOut:
        """Take it out."""
        return self._out.leave(list_id, reason)

    def paper(self, list_id: str) -> str:
        """File the berita acara of what left."""
        return self._context.office.sarpras.papers.write_out(list_id).thing_id

    def kits(self) -> None:
        """Choose which kits go."""
        if self._held is not None and not self._held.is_closed:
            self._navigator.push("sarpras_kits", list_id=self._held.thing_id)
