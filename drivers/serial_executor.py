"""One named thread per device: its calls block, and never two at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class SerialExecutor:
    """Runs calls one after the other on a thread called `device:<serial>`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Queue a call. Raise `RuntimeError` when the executor is closed."""
        return self._executor.submit(call)

    def close(self) -> None:
        """Drop what waits and return when the running call is over; cancel that one first."""
        self._executor.shutdown(wait=True, cancel_futures=True)
