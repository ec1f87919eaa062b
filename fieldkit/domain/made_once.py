"""What costs time to make, kept for those who ask for it again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MadeOnce(Generic[K, V]):
    """The last `most` values by their keys, each made once. Any thread may ask; whoever comes meanwhile waits."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._values: dict[K, Future[V]] = {}

    def clear(self) -> None:
        """Forget every value."""
        with self._lock:
            self._values.clear()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key, from `make` when it is new. What that raises is raised, and made anew next time.

        `make` asks for no other value here.
        """
        with self._lock:
            kept = self._values.get(key)
            if kept is None:
                mine = self._values[key] = Future()
                while len(self._values) > self._most:
                    self._values.pop(next(iter(self._values)))
        if kept is not None:
            return kept.result()
        try:
            mine.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._values.get(key) is mine:
                    del self._values[key]
            mine.set_exception(error)
            raise
        return mine.result()
