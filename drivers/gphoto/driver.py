"""Cameras on USB that libgphoto2 knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from drivers.context import DriverContext
from drivers.gphoto import library
from drivers.gphoto.device import DslrCamera
from fieldkit.ports.devices import DeviceError, DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

USB = Path("/dev/bus/usb")
PACKAGE = "fieldkit[dslr]"


class GphotoDriver:
    """Digital cameras with a shutter; a kit without the extra says what to install."""

    name = "gphoto"

    def __init__(
        self, context: DriverContext, usb: Path = USB, is_installed: Callable[[], bool] = library.is_installed
    ) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._usb = usb
        self._is_installed = is_installed
        self._seen: tuple[tuple[str, str], ...] = ()
        self._seen_on: frozenset[Path] | None = None  # the bus as it was then

    def scan(self) -> Sequence[DeviceStatus]:
        """List the cameras on USB; while one is working, those seen before."""
        if not self._context.may_search(self.name):
            return []
        if not self._is_installed():
            return [_status("", DeviceState.SDK_MISSING, detail="device.sdk_missing.gphoto", package=PACKAGE)]
        self._look()
        return [self._describe(model, port) for model, port in self._seen]

    def connect(self, status: DeviceStatus) -> DslrCamera:
        """Return the camera behind a status."""
        identity = status.identity or DeviceIdentity("PTP", status.address, status.address)
        camera, context = library.PtpCamera(status.address), self._context
        look = partial(self._state_now, status.address)
        return DslrCamera(camera, identity, context.face_scorer, context.face_encoder, look)

    def _look(self) -> tuple[tuple[str, str], ...] | None:
        """Return models and ports; None while the library is at work.

        It is asked only when something was plugged in or out: each time it takes 105 kB that it never gives back.
        """
        if not library.in_use.acquire(blocking=False):
            return None
        try:
            bus = frozenset(self._usb.glob("*/*"))  # whatever is plugged in gets a number of its own
            if bus != self._seen_on:
                self._seen, self._seen_on = tuple(library.connected()), bus
            return self._seen
        finally:
            library.in_use.release()

    def _state_now(self, port: str) -> DeviceState:
        try:
            found = self._look()
        except DeviceError:
            return DeviceState.ABSENT
        if found is None:
            return DeviceState.BUSY
        return self._state(port) if any(port == at for _, at in found) else DeviceState.ABSENT

    def _state(self, port: str) -> DeviceState:
        node = self._usb.joinpath(*port.removeprefix("usb:").split(","))
        is_refused = node.exists() and not os.access(node, os.R_OK | os.W_OK)
        return DeviceState.PERMISSION_DENIED if is_refused else DeviceState.READY

    def _describe(self, model: str, port: str) -> DeviceStatus:
        state, identity = self._state(port), DeviceIdentity(model.split()[0], model, port)
        if state is DeviceState.PERMISSION_DENIED:
            return _status(port, state, identity, "device.permission_denied", address=port, group="plugdev")
        return replace(_status(port, state, identity), is_simulated=port in self._context.simulated)


def _status(
    port: str, state: DeviceState, identity: DeviceIdentity | None = None, detail: str = "", **params: str
) -> DeviceStatus:
    return DeviceStatus("gphoto", port, DeviceKind.CAMERA, state, identity, detail, {**params})
