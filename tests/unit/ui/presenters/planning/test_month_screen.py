from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, TODAY, Kit
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.planning.outreach import Plan
from ui.presenters.parts import Stage
from ui.presenters.planning.calendar_days import MonthPresenter

THEN = TODAY + timedelta(days=2)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "Jimbe", SMALL, TODAY, done=3)
    add_activity(kit, "Dawuhan", SMALL, THEN)
    add_activity(kit, "Juga", SMALL, THEN)
    yield kit
    kit.close()


def opened(kit: Kit, steps: Steps) -> MonthPresenter:
    presenter = MonthPresenter(kit.context, SameThread(), steps)
    presenter.start()
    return presenter


def test_a_day_of_one_activity_opens_it_and_of_two_lists_them(team: Kit, steps: Steps) -> None:
    presenter = opened(team, steps)
    presenter.accept()
    presenter.open_day(TODAY + timedelta(days=1))  # nothing there
    presenter.open_day(THEN)
    assert steps.taken == [("push", "activity", "Jimbe"), ("push", "activities", THEN.isoformat())]


def test_the_cursor_walks_within_a_month_and_over_its_edge(team: Kit, steps: Steps) -> None:
    presenter = opened(team, steps)
    presenter.go_to(THEN)
    assert presenter.state.month is not None
    assert presenter.state.month.cursor == THEN
    presenter.show_month(TODAY.replace(month=12, day=1))
    presenter.go_to(TODAY.replace(month=12, day=4))
    assert (presenter.state.month.first.month, presenter.state.month.cursor.day) == (12, 4)


def test_a_month_is_read_when_the_cursor_comes_into_it_and_not_for_each_day(team: Kit, steps: Steps) -> None:
    tasks = SameThread("store")
    presenter = MonthPresenter(team.context, tasks, steps)
    presenter.open_day(TODAY)  # nothing is read yet
    presenter.go_to(THEN)
    tasks.release("store")
    seen = []
    for on in (TODAY, date(2026, 12, 4), date(2027, 12, 4)):
        presenter.go_to(on)
        month = presenter.state.month
        assert month is not None
        seen.append((month.cursor == on, month.first == on.replace(day=1)))
        tasks.release("store")
        assert presenter.state.month is not None
        assert (presenter.state.month.first, presenter.state.month.cursor) == (on.replace(day=1), on)
    assert seen == [(True, True), (False, False), (False, False)]
    assert steps.taken == []


def test_both_ways_back_lead_to_the_list(team: Kit, steps: Steps) -> None:
    presenter = opened(team, steps)
    bar = presenter.state.bar
    assert bar.back is not None
    presenter.perform(bar.back)
    presenter.perform(next(command for command in bar.actions if command.name == "turn"))
    assert steps.taken == [("back",), ("back",)]
    assert presenter.reads == {"activity", "setting", Plan.KIND}


class Failing(SameThread):
    """Lanes on which nothing can be read."""

    def run(self, _executor: str, _func: object, _done: object, failed: Callable[[Problem], None]) -> None:
        failed(Problem("store.damaged"))


def test_a_month_that_cannot_be_read_is_tried_again(team: Kit, steps: Steps) -> None:
    presenter = MonthPresenter(team.context, Failing(), steps)
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
    assert presenter.state.retry is not None
    assert presenter.state.retry.runs == presenter.refresh
