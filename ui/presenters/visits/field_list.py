"""What the lists in the field have in common: they are about one activity, usually that of the day."""

from __future__ import annotations

from typing import Any

from fieldkit.domain.planning.outreach import Activity, TargetFilter
from fieldkit.services.visits.plan_visits import VisitList
from ui.presenters.lists import Listed, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty


class FieldList(OfficeList):
    """Knows its activity once it was read."""

    _activity: Activity | None = None

    @property
    def _at(self) -> str:
        """Return the id of the activity, "" where there is none."""
        return self._activity.activity_id if self._activity else self._of

    @property
    def _no_day(self) -> Message:
        return "" if self._at else message("beranda.no_activity")

    def _found(self, most: int = 1) -> VisitList:
        """Read the activity anew, and as many of its targets. Blocks."""
        found = self._context.visits.list_of(TargetFilter(), self._of, most)
        self._activity = found.activity
        return found

    def _matching(self, text: str) -> frozenset[str]:
        """Return whom the store finds. Blocks."""
        return self._context.visits.matching(self._at, text) if self._at else frozenset()

    def _nothing(self, listed: Listed[Any]) -> Empty:
        key = "sasaran.empty" if self._activity else "beranda.no_activity"
        return nothing_yet(key)(listed)

    def _where(self, listed: Listed[Any]) -> Message:
        """Return for the status bar where the team is and how many people are on its list."""
        at, people = self._activity, len(listed.everything)
        return message("beranda.where", place=at.place, targets=people) if at else ""
