"""What the core asks of the place where the kit stands; a kit without a receiver works as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fieldkit.domain.sarpras.checklist import LaptopReading
from fieldkit.ports.devices import Cancel


@dataclass(frozen=True, slots=True)
class Fix:
    """A position in degrees (WGS 84; north and east positive) with the satellites' UTC time of it."""

    latitude: float
    longitude: float
    at: datetime
    accuracy_m: float | None = None  # about two of three positions lie within; None when the receiver does not say


class Whereabouts(Protocol):
    """A satellite receiver."""

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        """Wait for a position. Raise `NotConnectedError` without a receiver, `NothingPresentedError` without a view of
        the sky, another `DeviceError` when the wire breaks.
        """
        ...


class Laptop(Protocol):
    """The machine on which the kit runs."""

    def read(self) -> LaptopReading:
        """Measure power, disk and clock now; what this machine cannot tell is None."""
        ...
