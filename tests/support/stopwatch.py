"""Real seconds of this thread, without those in which it waited for a processor that other programs had."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

_SCHEDULED = Path("/proc/thread-self/schedstat")  # ns on a processor, ns waiting for one, turns


@dataclass(frozen=True, slots=True)
class Took(Generic[T]):
    """What some work gave and how long it took; `real` counts reading and writing of files, but no queueing."""

    result: T
    wall: float
    real: float


def timed(work: Callable[[], T]) -> Took[T]:
    """Do some work and tell its seconds; where the system does not tell the waiting, all of them count."""
    waited, begun = _waited(), time.perf_counter()
    result = work()
    wall = time.perf_counter() - begun
    return Took(result, wall, wall - (_waited() - waited))


def _waited() -> float:
    return int(_SCHEDULED.read_text().split()[1]) / 1e9 if _SCHEDULED.exists() else 0.0
