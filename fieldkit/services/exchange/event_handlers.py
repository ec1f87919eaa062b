"""What two laptops brought about together: the SOPs of the activities that a merge touched hear of it."""

from __future__ import annotations

from fieldkit.domain.aid import AidCase
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.exchange.revisions import Revision
from fieldkit.domain.exchange.shared_kinds import TARGET
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Visit
from fieldkit.services.aid.event_handlers import aid_moved
from fieldkit.services.cards.event_handlers import cards_moved
from fieldkit.services.sop.event_handlers import target_settled
from fieldkit.services.sop.keep_run import glance_again
from fieldkit.services.unit_of_work import UnitOfWork


class Touched:
    """Collects the activities whose doors, documents, aid or steps changed."""

    def __init__(self) -> None:
        self._runs: dict[str, None] = {}
        self._doors: dict[str, None] = {}
        self._cards: dict[str, None] = {}
        self._aid: dict[str, None] = {}

    def note(self, shown: Revision) -> None:
        """Note what is shown now of a thing."""
        of_kind = {
            SopRun.KIND: self._runs,
            TARGET: self._doors,
            Visit.KIND: self._doors,
            CardCase.KIND: self._cards,
            AidCase.KIND: self._aid,
        }.get(shown.kind)
        if of_kind is not None and shown.activity_id:
            of_kind[shown.activity_id] = None

    def tell(self, work: UnitOfWork) -> None:
        """Let the SOPs hear, and write what lists show of them."""
        for activity_id in sorted({*self._doors, *self._runs}):
            target_settled(work, activity_id)
        for activity_id in sorted({*self._cards, *self._runs}):
            cards_moved(work, activity_id)
        for activity_id in sorted({*self._aid, *self._runs}):
            aid_moved(work, activity_id)
        for activity_id in sorted(self._runs):
            run = work.unit.repository(SopRun).find(activity_id)
            if run is not None:
                glance_again(work, run)
