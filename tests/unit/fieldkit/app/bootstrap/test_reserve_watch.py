from __future__ import annotations

from pathlib import Path

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.reserve_watch import USED, ReserveWatch
from fieldkit.domain.errors import Problem
from fieldkit.storage.reserve import RESERVE, Reserve


def test_room_that_was_given_up_is_told_once_and_taken_again(tmp_path: Path) -> None:
    told, reserve = list[Problem](), Reserve(tmp_path / RESERVE)
    watch = ReserveWatch(Home(tmp_path), told.append)
    watch.look()
    reserve.keep()
    watch.look()
    assert told == []
    for times in (1, 2):
        reserve.give_up()
        watch.look()
        watch.look()
        assert told == [USED] * times
        watch.take_again()
        assert not reserve.is_given_up
