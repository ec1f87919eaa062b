"""Which device a kit uses where it has several of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from fieldkit.ports.devices import DeviceKind, DeviceStatus, WatchedRegistry


@dataclass(frozen=True, slots=True)
class Choice:
    """The device that this kit uses for a kind; kept by whoever keeps settings."""

    driver: str
    address: str
    serial: str = ""

    def is_of(self, status: DeviceStatus) -> bool:
        """Return whether a status is of the chosen device; a known serial number finds it on another port.

        Where the place stood for the serial number, the place decides: the device may have told its number since.
        """
        if status.driver != self.driver:
            return False
        if self.serial and status.identity and not self.address.startswith(self.serial):
            return status.identity.serial == self.serial
        return status.address == self.address


def choice_of(status: DeviceStatus) -> Choice:
    """Return the choice that a status stands for."""
    return Choice(status.driver, status.address, status.identity.serial if status.identity else "")


class ChoosingRegistry(WatchedRegistry, Protocol):
    """A registry that can be told which device to use."""

    def choose(self, status: DeviceStatus) -> None:
        """Use this device for its kind from now on."""
        ...

    def choices(self) -> Mapping[DeviceKind, Choice]:
        """Return what is chosen, to be kept."""
        ...

    def restore(self, choices: Mapping[DeviceKind, Choice]) -> None:
        """Choose again what was kept."""
        ...
