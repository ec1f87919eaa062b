from __future__ import annotations

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
