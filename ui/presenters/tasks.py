"""What a presenter asks of the threads: run this over there, tell me here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Event, Lock
from typing import Protocol, TypeVar

from fieldkit.domain.errors import Problem

# How a presenter takes back what it asked a device for.


class CancelFlag:
    """A `CancelTeller` that can be set from the thread of the window."""

    def __init__(self) -> None:
        self._event, self._lock = Event(), Lock()
        self._calls: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Give up; the driver notices between two steps, or is called."""
        with self._lock:
            self._event.set()
            for call in self._calls:
                call()
            self._calls.clear()

    def is_cancelled(self) -> bool:
        """Return whether the person gave up waiting."""
        return self._event.is_set()

    def when_cancelled(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call when it is given up, at once if it was; once the returned function was called, not any more."""
        with self._lock:
            if self._event.is_set():
                call()
            else:
                self._calls.append(call)

        def stop() -> None:
            with self._lock:
                if call in self._calls:
                    self._calls.remove(call)

        return stop


T = TypeVar("T")

STORE = "store"  # the only writer of the local store
SYNC = "sync"
STICK = "stick"  # copies to flashdisks: they take minutes and must not keep the store waiting
COMPUTE = "compute"
CARE = "care"  # copies and checks of files, which take their time


def device_executor(serial: str) -> str:
    """Return the executor of one device: its calls never overlap."""
    return f"device:{serial}"


def untold(_result: object) -> None:
    """What was written shows in the store."""


class Tasks(Protocol):
    """Runs blocking work on named executors. Everything handed in comes back on the thread of the window."""

    def run(
        self, executor: str, func: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]
    ) -> None:
        """Queue `func` on an executor; call `done` with its result or `failed` with the problem of its `KnownError`.

        A shutdown forgets what has not begun: on the executor of the store it only reads. What writes goes by `write`.
        Any other exception is a bug: neither is called, the bug screen appears.
        """
        ...

    def write(
        self, func: Callable[[], T], failed: Callable[[Problem], None], done: Callable[[T], None] = untold
    ) -> None:
        """Queue on the executor of the store what must be on disk: even a shutdown waits for it."""
        ...

    def post(self, func: Callable[[], None]) -> None:
        """Call `func` soon on the thread of the window; for progress told from within an executor."""
        ...

    def every(self, interval_ms: int, func: Callable[[], None]) -> Callable[[], None]:
        """Call `func` on the thread of the window again and again; return what stops it."""
        ...


class Changes:
    """Collects the kinds of what is written on any thread and tells them on the window's, several writes at once."""

    def __init__(self, tasks: Tasks, tell: Callable[[frozenset[str]], None]) -> None:
        self._tasks, self._tell = tasks, tell
        self._lock = threading.Lock()
        self._kinds: frozenset[str] = frozenset()

    def note(self, kinds: frozenset[str]) -> None:
        """Take what one transaction wrote."""
        with self._lock:
            is_first = not self._kinds
            self._kinds |= kinds
        if is_first:
            self._tasks.post(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            kinds, self._kinds = self._kinds, frozenset()
        self._tell(kinds)
