from __future__ import annotations

import pytest

from ui.presenters.commands import Command
from ui.presenters.presenter import Presenter


class Counter(Presenter[int]):
    def add(self, by: int) -> None:
        self._become(self.state + by)


def test_a_view_sees_the_state_at_once_and_every_change_but_no_repetition() -> None:
    seen: list[int] = []
    counter = Counter(3)
    counter.listen(seen.append)
    counter.add(2)
    counter.add(0)
    assert seen == [3, 5]


def test_a_closed_screen_hears_nothing_more_while_its_presenter_lives_on() -> None:
    seen: list[int] = []
    counter = Counter(0)
    counter.listen(seen.append)
    counter.deafen()
    counter.add(1)
    assert (seen, counter.state) == ([0], 1)


def test_a_command_is_done_unless_it_is_refused_or_nothing_runs() -> None:
    heard: list[str] = []
    counter = Counter(0)
    for refused in ("not now", ""):
        counter.perform(Command("add", "", refused=refused, runs=lambda: heard.append("added")))
    assert heard == ["added"]
    with pytest.raises(TypeError, match="Counter has no way to do 'look'"):
        counter.perform(Command("look", ""))


def test_nobody_need_look_on_and_a_screen_that_reads_nothing_does_nothing() -> None:
    counter = Counter(0)
    counter.add(1)
    for act in (
        counter.refresh,
        counter.start,
        counter.stop,
        counter.touch,
        counter.rest,
        counter.go_on,
        counter.settle,
    ):
        act()
    assert (counter.state, counter.reads) == (1, frozenset())
