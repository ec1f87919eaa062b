from __future__ import annotations

import threading

import pytest

from drivers.serial_executor import SerialExecutor


def test_calls_run_in_order_on_one_named_thread():
    executor = SerialExecutor("device:SN-1")
    seen: list[int] = []
    futures = [executor.submit(lambda n=n: (seen.append(n), threading.current_thread().name)[1]) for n in range(5)]
    names = {f.result() for f in futures}
    executor.close()
    assert seen == [0, 1, 2, 3, 4]
    assert len(names) == 1
    assert names.pop().startswith("device:SN-1")


def test_an_error_comes_with_its_future():
    executor = SerialExecutor("device:x")
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result()
    assert executor.submit(lambda: 3).result() == 3
    executor.close()


def test_close_drops_what_waits_and_refuses_more():
    executor = SerialExecutor("device:x")
    gate = threading.Event()
    running = executor.submit(gate.wait)
    waiting = executor.submit(lambda: None)
    threading.Timer(0.1, gate.set).start()
    executor.close()
    assert running.result() is True
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        executor.submit(lambda: None)
