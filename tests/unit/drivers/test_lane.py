from __future__ import annotations

import threading

import pytest

from drivers.lane import Lane


def test_calls_run_in_order_on_one_named_thread():
    lane = Lane("device:SN-1")
    seen: list[int] = []
    futures = [lane.submit(lambda n=n: (seen.append(n), threading.current_thread().name)[1]) for n in range(5)]
    names = {f.result() for f in futures}
    lane.close()
    assert seen == [0, 1, 2, 3, 4]
    assert len(names) == 1
    assert names.pop().startswith("device:SN-1")


def test_an_error_comes_with_its_future():
    lane = Lane("device:x")
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 // 0).result()
    assert lane.submit(lambda: 3).result() == 3
    lane.close()


def test_close_drops_what_waits_and_refuses_more():
    lane = Lane("device:x")
    gate = threading.Event()
    running = lane.submit(gate.wait)
    waiting = lane.submit(lambda: None)
    threading.Timer(0.1, gate.set).start()
    lane.close()
    assert running.result() is True
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        lane.submit(lambda: None)
