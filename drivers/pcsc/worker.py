"""A thread for what lasts as long as a card likes."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from drivers.transport import POLL_S, check
from fieldkit.ports.devices import Cancel

T = TypeVar("T")


class Worker(Thread):
    """Makes calls one after another. Who gives up waiting leaves it: it ends when the call comes back."""

    def __init__(self) -> None:
        super().__init__(name="pcsc-card", daemon=True)
        self.is_left = self.is_owing = False
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self.start()

    def carry_out(self, call: Callable[[], T], cancel: Cancel) -> T:
        """Return what the call returns; raise what it raises, or the error of a call that was given up."""
        self.is_owing = True  # an answer that nobody took yet
        self._calls.put(call)
        while True:
            try:
                answer, error = self._answers.get(timeout=POLL_S)
            except Empty:
                check(cancel)
                continue
            self.is_owing = False
            if error is not None:
                raise error
            result: T = answer
            return result

    def leave(self, last: Callable[[], object] | None = None) -> None:
        """Let the thread end after the call under way, and after `last`."""
        self.is_left = True
        if last is not None:
            self._calls.put(last)
        self._calls.put(None)

    def run(self) -> None:
        """Make each call."""
        while (call := self._calls.get()) is not None:
            try:
                self._answers.put((call(), None))
            except Exception as error:  # noqa: BLE001 – raised where the answer is awaited
                self._answers.put((None, error))
