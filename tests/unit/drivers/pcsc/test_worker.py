from __future__ import annotations

import threading

import pytest
from support.standstill import wait_until

from drivers.pcsc.worker import Worker
from fieldkit.ports.devices import NothingPresentedError


def test_calls_come_back_with_what_they_return_or_raise(flag):
    worker = Worker()
    assert worker.carry_out(lambda: 3, flag()) == 3
    with pytest.raises(ZeroDivisionError):
        worker.carry_out(lambda: 1 // 0, flag())
    assert worker.carry_out(lambda: threading.current_thread().name, flag()) == "pcsc-card"
    worker.leave()


class Impatient:
    """Presses Ctrl-C while it waits."""

    def is_cancelled(self):
        raise KeyboardInterrupt


@pytest.mark.parametrize("way", ["esc", "ctrl-c"])
def test_who_gives_up_leaves_the_call_which_is_undone_when_it_comes_back(flag, way):
    worker, may_end, undone = Worker(), threading.Event(), threading.Event()
    with pytest.raises(NothingPresentedError if way == "esc" else KeyboardInterrupt):
        worker.carry_out(lambda: may_end.wait(), flag(after=0) if way == "esc" else Impatient())
    worker.leave(undone.set)
    assert not undone.wait(0.02)
    may_end.set()
    wait_until(undone.is_set)
