"""An event loop whose time is made by waiting: whatever is waited for is there at once, at exactly its moment."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Told = TypeVar("_Told")


class _NoWait(selectors.DefaultSelector):
    """Lets the time of its loop pass instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "somebody waits for ever"
            self.now += max(timeout, 0.0)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._waits = _NoWait()
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.now


def run(work: Coroutine[Any, Any, _Told]) -> _Told:
    """Run a coroutine that uses neither threads nor sockets."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
