"""Lanes: one named thread each, results delivered on the thread of the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from fieldkit.domain.errors import KnownError, Problem

T = TypeVar("T")


class _Lane:
    """One thread that works in order; `end` forgets what has not begun and waits for what has."""

    def __init__(self, name: str) -> None:
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def submit(self, work: Callable[[], None]) -> None:
        self._waiting.put(work)

    def end(self) -> None:
        self._is_ended = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None and not self._is_ended:
            work()


class LaneTasks(QObject):
    """Run work in order on each lane, lanes side by side. `on_bug` hears every exception that is not a `KnownError`."""

    _delivered = Signal(object)

    def __init__(self, on_bug: Callable[[BaseException], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_bug = on_bug
        self._lanes: dict[str, _Lane] = {}
        self._is_shut = False
        # Queued even from our own thread: a result never arrives inside the call that asked for it.
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self, lane: str, func: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]
    ) -> None:
        """Queue `func` on a lane. Raise `RuntimeError` after `shutdown`."""
        if self._is_shut:
            raise RuntimeError(f"lane {lane} is shut")
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane)
        self._lanes[lane].submit(lambda: self._work(func, done, failed))

    def post(self, func: Callable[[], None]) -> None:
        """Call `func` soon on the thread of the window; may be called from any thread."""
        self._delivered.emit(func)

    def every(self, interval_ms: int, func: Callable[[], None]) -> Callable[[], None]:
        """Call `func` again and again; return what stops it, which may be called again."""
        timer = QTimer(self)
        timer.timeout.connect(lambda: self._guard(func))
        timer.start(interval_ms)
        running = [timer]

        def stop() -> None:
            while running:
                ended = running.pop()
                ended.stop()
                ended.deleteLater()

        return stop

    def shutdown(self) -> None:
        """Forget what has not begun, wait for what has, and deliver nothing more. Cancel long work before."""
        self._is_shut = True
        for lane in self._lanes.values():
            lane.end()
        self._lanes.clear()

    def _work(self, func: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
        try:
            result = func()
        except KnownError as error:
            problem = error.problem
            self._delivered.emit(lambda: failed(problem))
        except Exception as error:  # noqa: BLE001 – the edge of a thread: a bug must reach the window, not vanish
            bug = error
            self._delivered.emit(lambda: self._on_bug(bug))
        else:
            self._delivered.emit(lambda: done(result))

    @Slot(object)
    def _deliver(self, func: Callable[[], None]) -> None:
        if not self._is_shut:
            self._guard(func)

    def _guard(self, func: Callable[[], None]) -> None:
        try:
            func()
        except Exception as error:  # noqa: BLE001 – a bug of a presenter, inside Qt's event loop
            self._on_bug(error)
