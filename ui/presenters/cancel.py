"""How a presenter takes back what it asked a device for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock


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
