"""The second screen of a printing day: it follows the store by itself, whatever the first screen shows."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.cards.printing_day import NO_BOARD, QueueBoard, QueueTicket
from fieldkit.domain.errors import Problem
from fieldkit.services.context.app_context import AppContext
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Changes, Tasks


class QueueBoardPresenter(Presenter[QueueBoard]):
    """Reads the board whenever a number moved; names are nobody's business here.

    What cannot be read leaves it as it is: the first screen tells.
    """

    def __init__(self, context: AppContext, tasks: Tasks, activity_id: str) -> None:
        super().__init__(NO_BOARD)
        self._context, self._tasks, self._of = context, tasks, activity_id
        self._unlisten: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Read the board and follow it."""
        self.stop()
        self._unlisten = self._context.listen(Changes(self._tasks, self._written).note)
        self.refresh()

    def stop(self) -> None:
        """Follow it no more."""
        self._unlisten()
        self._unlisten = lambda: None

    def refresh(self) -> None:
        """Read the board."""
        self._tasks.run(STORE, lambda: self._context.office.queue.board(self._of), self._become, self._unread)

    def _written(self, kinds: frozenset[str]) -> None:
        if QueueTicket.KIND in kinds:
            self.refresh()

    def _unread(self, problem: Problem) -> None:
        """Leave the numbers that stand there."""
