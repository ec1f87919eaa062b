"""What a driver gets from the house: judges, encoders and the addresses it may use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
