"""Waiting until files and sockets can be read or written, whatever the number of their descriptors.

`select.select` refuses descriptors above 1,023; a process with many connections or files open has such ones.
"""

from __future__ import annotations

import selectors
import sys
from collections.abc import Iterable
from typing import Protocol, TypeVar


class HasFileno(Protocol):
    """What the system can wait for."""

    def fileno(self) -> int:
        """Return its descriptor."""
        ...


End = TypeVar("End", bound=int | HasFileno)


def readable(ends: Iterable[End], seconds: float) -> list[End]:
    """Return which of them hold bytes, a connection or an end, waiting up to `seconds` for the first."""
    return _ready(ends, selectors.EVENT_READ, seconds)


def writable(ends: Iterable[End], seconds: float) -> list[End]:
    """Return which of them take bytes or have failed, waiting up to `seconds` for the first."""
    return _ready(ends, selectors.EVENT_WRITE, seconds)


def _ready(ends: Iterable[End], event: int, seconds: float) -> list[End]:
    waited_for = list(ends)
    with _selector() as selector:
        for end in waited_for:
            selector.register(end, event)
        ready = {key.fd for key, _ in selector.select(seconds)} if waited_for else set()
        return [end for end in waited_for if selector.get_key(end).fd in ready]


def _selector() -> selectors.BaseSelector:
    # Windows has no poll(); there `select` counts sockets instead of looking at their numbers.
    return selectors.SelectSelector() if sys.platform == "win32" else selectors.PollSelector()
