from __future__ import annotations

from dataclasses import replace

from support.app_context import ACTIVITY, Kit
from support.cards_sent import PRINTER
from support.tasks import SameThread

from fieldkit.domain.cards.printing_day import NO_BOARD, QueueBoard
from ui.presenters.cards.queue_board import QueueBoardPresenter


def test_the_board_follows_the_store_until_it_is_closed(kit: Kit, tasks: SameThread) -> None:
    context = kit.context_of(PRINTER)
    presenter, shown = QueueBoardPresenter(context, tasks, "a1"), list[QueueBoard]()
    presenter.listen(shown.append)
    presenter.start()
    assert shown[-1] == NO_BOARD
    context.office.queue.take_walk_in("a1", "ANI")
    assert shown[-1] == QueueBoard(None, 0, (1,), 1)
    context.office.queue.call_next("a1")
    assert shown[-1] == QueueBoard(1, 1, (), 0)
    context.office.queue.take_walk_in("", "ORANG LAIN")
    assert shown[-1] == QueueBoard(1, 1, (), 0)
    presenter.start()
    presenter.stop()
    count = len(shown)
    context.office.queue.take_walk_in("a1", "BUDI")
    assert len(shown) == count


class Counted(SameThread):
    """Counts what is run."""

    runs = 0

    def run(self, executor: str, func, done, failed) -> None:
        self.runs += 1
        super().run(executor, func, done, failed)


def test_only_a_number_that_moved_lets_it_read(kit: Kit) -> None:
    context, tasks = kit.context_of(PRINTER), Counted()
    QueueBoardPresenter(context, tasks, "a1").start()
    assert tasks.runs == 1
    context.visits.take_over(replace(ACTIVITY, activity_id="a7"), ())
    assert tasks.runs == 1
    context.office.queue.take_walk_in("a1", "ANI")
    assert tasks.runs == 2
