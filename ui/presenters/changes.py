"""From the store to the screens: what was written is read anew by whoever shows it, and by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ui.presenters.tasks import Tasks


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
