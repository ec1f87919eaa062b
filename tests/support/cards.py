"""A card reader without a wire: the simulated chip lies on it, or nothing does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from drivers.simulators.vpcd import Chip
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NothingPresentedError,
)
from fieldkit.ports.repositories import CardChange

T = TypeVar("T")


class Tray:
    """Implements `CardReader`."""

    def __init__(self) -> None:
        self.chip: Chip | None = None
        self.is_open = False

    @property
    def identity(self) -> DeviceIdentity:
        return DeviceIdentity("Test", "Tray", "T1")

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(DeviceKind.CARD_READER)

    def open(self, cancel: Cancel) -> None:
        self.is_open = True

    def health(self) -> DeviceState:
        return DeviceState.READY

    def close(self) -> None:
        self.is_open = False

    def wait_for_card(self, cancel: Cancel, timeout_ms: int) -> bytes:
        assert self.is_open
        if self.chip is None:
            raise NothingPresentedError("device.pcsc.no_card", address="Tray")
        return self.chip.atr

    def transceive(self, apdu: bytes) -> bytes:
        assert self.is_open
        assert self.chip is not None
        return self.chip.answer(apdu)

    def converse(self, act: Callable[[], T]) -> T:
        return act()

    def changes(self, cancel: Cancel) -> Iterator[CardChange]:
        yield CardChange(self.chip is not None)
