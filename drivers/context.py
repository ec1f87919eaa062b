"""What a driver gets from the house: judges, encoders and the addresses it may use."""

from __future__ import annotations

import selectors
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from fieldkit.ports.devices import FingerEncoder, FrameEncoder, FrameScorer, IrisScorer, SampleVerifier


@dataclass(frozen=True, slots=True)
class DriverContext:
    """Given to each driver's factory.

    `addresses` names, per driver, addresses besides those a scan finds: URLs, camera indices, files, serial ports
    (`/dev/ttyUSB0#siglite-1x5`). A driver named in `only_given` looks nowhere else.
    `wait_s` is how long a scan may wait for a service that is slow to answer; asked on, it is shown by a later scan.
    `monotonic` gives seconds for waits.
    """

    verifier: SampleVerifier
    face_scorer: FrameScorer
    face_encoder: FrameEncoder
    iris_scorer: IrisScorer
    iris_encoder: FrameEncoder
    finger_encoder: FingerEncoder
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_given: frozenset[str] = frozenset()
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # that start the adapters of vendors, by name
    simulated: frozenset[str] = frozenset()  # addresses behind which a simulator answers
    wait_s: float = 12.0
    monotonic: Callable[[], float] = time.monotonic

    def given(self, driver: str) -> tuple[str, ...]:
        """Return the addresses configured for a driver."""
        return self.addresses.get(driver, ())

    def may_search(self, driver: str) -> bool:
        """Return whether a driver may look beyond its configured addresses."""
        return driver not in self.only_given

    def is_plugged(self, driver: str) -> bool:
        """Return whether all that a driver is told to use are nodes of the kernel, which says when they come and go."""
        return all(address.startswith("/dev/") for address in self.given(driver))


# Waiting until files and sockets can be read or written, whatever the number of their descriptors.
#
# `select.select` refuses descriptors above 1,023; a process with many connections or files open has such ones.


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
