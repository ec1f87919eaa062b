"""Executors: one named thread each, results delivered on the thread of the window."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from fieldkit.domain.errors import Problem, known
from ui.presenters.tasks import STORE, untold

_log = logging.getLogger(__name__)
T = TypeVar("T")


def _nothing() -> None:
    """Work of a job that only tells."""


def _unheard(_problem: Problem) -> None:
    """What never fails has nobody who hears of it."""


class _Job:
    """Work and whom it tells. What it refers to may hold the last reference to a screen, and a screen that dies on
    another thread than the window's takes the program with it: so only the window's thread empties a job.
    """

    def __init__(
        self,
        func: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Problem], None],
        *,
        is_awaited: bool = False,
    ) -> None:
        self._func, self._done, self._failed = func, done, failed
        self.is_awaited = is_awaited  # even by a shutdown
        self._result: Any = None
        self._problem: Problem | None = None
        self._bug: BaseException | None = None

    def work(self) -> None:
        try:
            self._result = self._func()
        except Exception as error:  # noqa: BLE001 – the edge of a thread: a bug must reach the window, not vanish
            told = known(error)
            self._problem, self._bug = (None, error) if told is None else (told.problem, None)

    def tell(self) -> None:
        """Call whom the outcome concerns. Raise the bug that the work had."""
        if self._bug is not None:
            raise self._bug
        if self._problem is not None:
            _log.info("problem", extra={"code": self._problem.code})
            self._failed(self._problem)
        else:
            self._done(self._result)

    def empty(self) -> None:
        vars(self).clear()


class _Executor:
    """One thread that works in order; `end` forgets what has not begun but for what is awaited, and waits for it."""

    def __init__(self, name: str, finished: Callable[[_Job], None]) -> None:
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._finished = finished
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def submit(self, job: _Job) -> None:
        self._waiting.put(job)

    def end(self) -> None:
        self._is_ended = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None:
            if job.is_awaited or not self._is_ended:
                job.work()
            self._finished(job)


class ExecutorTasks(QObject):
    """Run work in order on each executor, executors side by side. `on_bug` hears what is no `KnownError`."""

    _delivered = Signal(object)

    def __init__(self, on_bug: Callable[[BaseException], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_bug = on_bug
        self._executors: dict[str, _Executor] = {}
        self._is_shut = False
        # Queued even from our own thread: a result never arrives inside the call that asked for it.
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self, executor: str, func: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]
    ) -> None:
        """Queue `func` on an executor. Raise `RuntimeError` after `shutdown`."""
        self._submit(executor, _Job(func, done, failed))

    def write(
        self, func: Callable[[], T], failed: Callable[[Problem], None], done: Callable[[T], None] = untold
    ) -> None:
        """Queue on the executor of the store what a shutdown waits for too. Raise `RuntimeError` after `shutdown`."""
        self._submit(STORE, _Job(func, done, failed, is_awaited=True))

    def post(self, func: Callable[[], None]) -> None:
        """Call `func` soon on the thread of the window; may be called from any thread."""
        self._delivered.emit(_Job(_nothing, lambda _: func(), _unheard))

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
        """Forget what has not begun, wait for what has and for every write, and deliver nothing more.

        Cancel long work before.
        """
        self._is_shut = True
        for executor in self._executors.values():
            executor.end()
        self._executors.clear()

    def _submit(self, executor: str, job: _Job) -> None:
        if self._is_shut:
            raise RuntimeError(f"executor {executor} is shut")
        if executor not in self._executors:
            self._executors[executor] = _Executor(executor, self._delivered.emit)
        self._executors[executor].submit(job)

    @Slot(object)
    def _deliver(self, job: _Job) -> None:
        if not self._is_shut:
            self._guard(job.tell)
        job.empty()

    def _guard(self, func: Callable[[], None]) -> None:
        try:
            func()
        except Exception as error:  # noqa: BLE001 – a bug of a presenter, inside Qt's event loop
            self._on_bug(error)
