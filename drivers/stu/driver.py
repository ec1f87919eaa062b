"""Pads that the system lists on USB."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.context import DriverContext
from drivers.stu.device import StuPad
from drivers.stu.transport import FoundPad, HidBus, hidapi_bus
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus, SdkMissingError

PACKAGE = "hidapi"  # on PyPI; the extra `stu` brings it


class StuDriver:
    """Wacom STU-300 to 541. Given addresses are paths on the bus."""

    name = "stu"

    def __init__(self, context: DriverContext, bus: Callable[[], HidBus | None] = hidapi_bus) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._bus = bus

    def scan(self) -> Sequence[DeviceStatus]:
        """List the pads, or say that the library is missing."""
        given = self._context.given(self.name)
        if not given and not self._context.may_search(self.name):
            return []
        bus = self._bus()
        if bus is None:
            return [self._missing()]
        pads = {pad.path: pad for pad in bus.pads()}
        wanted = dict.fromkeys((*given, *(pads if self._context.may_search(self.name) else ())))
        return [self._ready(pads[path]) if path in pads else self._absent(path) for path in wanted]

    def connect(self, status: DeviceStatus) -> StuPad:
        """Return the pad behind a status. Raise `SdkMissingError`."""
        bus = self._bus()
        if bus is None:
            raise SdkMissingError("device.stu.no_library", package=PACKAGE)
        model, serial = ("STU", "") if status.identity is None else (status.identity.model, status.identity.serial)
        return StuPad(bus, FoundPad(status.address, model, serial or status.address), self._context.monotonic)

    def _ready(self, pad: FoundPad) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=pad.path,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.READY,
            identity=DeviceIdentity("Wacom", pad.model, pad.serial),
            is_simulated=pad.path in self._context.simulated,
        )

    def _absent(self, path: str) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=path,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.ABSENT,
            detail="device.not_connected",
            params={"address": path},
            is_simulated=path in self._context.simulated,
        )

    def _missing(self) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address="",
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.SDK_MISSING,
            detail="device.stu.no_library",
            params={"package": PACKAGE},
        )
