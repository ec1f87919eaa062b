from __future__ import annotations

import os
import signal
import threading

import pytest
from pytestqt.qtbot import QtBot

from ui.runtime.interrupts import Interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_by_the_window_and_raises_nothing(qtbot: QtBot, number: signal.Signals) -> None:
    heard: list[bool] = []
    before = signal.getsignal(number)
    interrupts = Interrupts(lambda: heard.append(True))
    try:
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: bool(heard), timeout=5000)
    finally:
        interrupts.end()
        interrupts.end()
    assert heard == [True]
    assert signal.getsignal(number) is before


def test_elsewhere_than_on_the_main_thread_it_does_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)

    def there() -> None:
        Interrupts(lambda: None).end()

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is before
