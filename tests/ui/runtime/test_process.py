from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ui.runtime.process import Interrupts, WindowGarbage, collect_due


class Circle:
    """Garbage that only a collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def garbage(qtbot: QtBot) -> Iterator[WindowGarbage]:
    garbage = WindowGarbage()
    yield garbage
    garbage.end()


@pytest.mark.days
def test_circles_die_on_the_thread_of_the_window_only(qtbot: QtBot, garbage: WindowGarbage) -> None:
    died: list[str] = []

    def make_much() -> None:
        for _ in range(5_000):
            weakref.finalize(Circle(), lambda: died.append(threading.current_thread().name))

    def make_more() -> bool:
        # What other tests left may die between two looks, which takes as much off Python's count as it dies.
        executor = threading.Thread(target=make_much)
        executor.start()
        executor.join()
        return len(died) > 4_000

    assert not make_more()
    qtbot.waitUntil(make_more)
    assert set(died) == {threading.main_thread().name}


def test_little_garbage_waits(garbage: WindowGarbage) -> None:
    gc.collect()
    circle = weakref.ref(Circle())
    collect_due()
    assert circle() is not None


def test_a_kit_at_rest_looks_less_and_less_often_until_there_is_something(garbage: WindowGarbage) -> None:
    gc.collect()
    seen = []
    for _ in range(6):
        garbage._look()
        seen.append(garbage._timer.interval())
    assert seen == [2_000, 4_000, 8_000, 16_000, 16_000, 16_000]
    kept = [Circle() for _ in range(gc.get_threshold()[0] + 1)]
    garbage._look()
    assert (garbage._timer.interval(), len(kept)) == (1_000, gc.get_threshold()[0] + 1)


def test_python_collects_again_afterwards(garbage: WindowGarbage) -> None:
    assert not gc.isenabled()
    garbage.end()
    assert gc.isenabled()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_by_the_window_and_raises_nothing(qtbot: QtBot, number: signal.Signals) -> None:
    heard: list[bool] = []
    before = signal.getsignal(number)
    interrupts = Interrupts(lambda: heard.append(True))
    try:
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: bool(heard))
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


_SCRIPT = """
import builtins, inspect
import PySide6.QtCore
{call}
read = []
inspect.getsource = lambda module: read.append(module.__name__) or ""
import wave
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal()
assert Bell().rung is not None
print(read)
"""


def _read_while_importing(call: str) -> str:
    done = subprocess.run([sys.executable, "-c", _SCRIPT.format(call=call)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_source_is_read_for_an_import() -> None:
    assert _read_while_importing("from ui.runtime.process import import_plainly; import_plainly()") == "[]"


def test_the_import_of_qt_reads_sources() -> None:
    """When this fails PySide6 has mended it, and `plain_imports` can go."""
    assert "wave" in _read_while_importing("")
