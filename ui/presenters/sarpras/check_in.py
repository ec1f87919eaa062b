"""Sarpras kembali: the checklist when a team is back."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.checklist import CheckIn
from fieldkit.domain.sarpras.rules import Concern
from fieldkit.services.context.app_context import AppContext
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tag
from ui.presenters.sarpras.checklist import ChecklistPresenter
from ui.presenters.sarpras.messages import unsent_tag
from ui.presenters.tasks import Tasks


class CheckInPresenter(ChecklistPresenter[CheckIn]):
    """Fills the list of an activity and takes everything back."""

    way = "in"

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        self._back = context.office.sarpras.back
        super().__init__(context, tasks, navigator, activity_id, self._back)

    def load(self) -> CheckIn:
        """Return the open list, or the last closed one to look at.

        Raise `RuleError("sarpras.not_out")`, `RuleError("role.not_yours")`.
        """
        out = self._context.office.sarpras.out.current(self._activity_id)
        closed = self._back.current(self._activity_id)
        if closed is not None and closed.is_closed and (out is None or not out.is_out):
            return closed
        if not self.may_fill and closed is not None:
            return closed
        return self._back.begin(self._activity_id)

    def concerns(self, held: CheckIn) -> Sequence[Concern]:
        """Return what is to be done or seen before everything is back."""
        return self._back.concerns(held)

    def close(self, list_id: str, reason: str) -> CheckIn:
        """Take it back."""
        return self._back.finish(list_id, reason)

    def paper(self, list_id: str) -> str:
        """File the berita acara of what came back."""
        return self._context.office.sarpras.papers.write_in(list_id).thing_id

    def about(self, held: CheckIn) -> tuple[Tag, ...]:
        """Say how many records the laptop still holds, and how old the oldest is."""
        unsent = held.unsent
        if not unsent.count or unsent.oldest_at is None:
            return ()
        return (unsent_tag(unsent.count, unsent.oldest_at, self._context.clock.now()),)

    def empty(self, problem: Problem) -> Empty | None:
        """Lead to the preparation when nothing is out."""
        if problem.code != "sarpras.not_out":
            return super().empty(problem)
        prepare = Command("prepare", message("sarpras.prepare"), weight=Weight.PRIMARY, runs=self.prepare)
        return Empty.of("sarpras.nothing_out", prepare)

    def prepare(self) -> None:
        """Go to the list with which sarpras leaves."""
        self._navigator.replace("check_out", activity_id=self._activity_id)
