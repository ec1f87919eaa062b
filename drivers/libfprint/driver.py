"""Readers that libfprint lists, and its virtual reader at a given address (`virtual:/path/of/socket`)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from drivers.context import DriverContext
from drivers.libfprint.answers import Reader
from drivers.libfprint.device import LibfprintReader
from drivers.libfprint.process import PYTHON, list_readers
from fieldkit.ports.devices import (
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    SdkMissingError,
)

VIRTUAL = "virtual:"
VIRTUAL_READER = Reader("virtual_image", "0", "Virtual image device", may_capture=True)
USB = Path("/dev/bus/usb")
LOOK_AGAIN_S = 60.0  # packages may have been installed meanwhile


class LibfprintDriver:
    """Asks the library only when something was plugged in or out: each asking is a process of its own."""

    name = "libfprint"

    def __init__(self, context: DriverContext, python: Path = PYTHON, usb: Path = USB) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._python, self._usb = python, usb
        self._readers: dict[str, Reader] = {}
        self._missing: SdkMissingError | None = None
        self._seen: tuple[str, ...] | None = None
        self._looked_at = 0.0

    def scan(self) -> Sequence[DeviceStatus]:
        """List given and found readers; a missing library is one line with the packages to install."""
        given = self._context.given(self.name)
        if not sys.platform.startswith("linux") or not (given or self._context.may_search(self.name)):
            return []
        self._look()
        if self._missing is not None:
            problem = self._missing.problem
            return [self._status(self.name, None, DeviceState.SDK_MISSING, problem.code, dict(problem.params))]
        found = self._readers if self._context.may_search(self.name) else {}
        return [self._listed(address) for address in (*given, *(a for a in found if a not in given))]

    def connect(self, status: DeviceStatus) -> LibfprintReader:
        """Return the reader behind a status."""
        address = status.address
        reader = self._reader_at(address) or VIRTUAL_READER
        return LibfprintReader(
            address, reader, self._context.finger_encoder, lambda: self._state(address), _socket_of(address)
        )

    def _look(self) -> None:
        seen = tuple(sorted(str(node) for node in self._usb.glob("*/*")))
        now = self._context.monotonic()
        if seen == self._seen and now - self._looked_at < LOOK_AGAIN_S:
            return
        self._seen, self._looked_at = seen, now
        try:
            readers = list_readers(python=self._python)
            self._missing = None
        except SdkMissingError as error:
            readers, self._missing = [], error
        except DeviceError:  # the library crashed over somebody's reader: nothing is usable
            readers = []
        self._readers = {f"{reader.driver}:{reader.device_id}": reader for reader in readers}

    def _reader_at(self, address: str) -> Reader | None:
        return VIRTUAL_READER if address.startswith(VIRTUAL) else self._readers.get(address)

    def _state(self, address: str) -> DeviceState:
        self._look()
        if self._missing is not None:
            return DeviceState.SDK_MISSING
        if address.startswith(VIRTUAL):
            is_there = Path(_socket_of(address)).parent.is_dir()
        else:
            is_there = address in self._readers
        return DeviceState.READY if is_there else DeviceState.ABSENT

    def _listed(self, address: str) -> DeviceStatus:
        state = self._state(address)
        if state is DeviceState.READY:
            return self._status(address, self._reader_at(address), state, "device.libfprint.not_for_recording", {})
        return self._status(address, self._reader_at(address), state, "device.not_connected", {"address": address})

    def _status(
        self,
        address: str,
        reader: Reader | None,
        state: DeviceState,
        detail: str,
        params: dict[str, str | int],
    ) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.FINGERPRINT,
            state=state,
            identity=DeviceIdentity("libfprint", reader.name, address) if reader else None,
            detail=detail,
            params=params,
            is_simulated=address in self._context.simulated,
            may_enrol=False,
        )


def _socket_of(address: str) -> str:
    return address.removeprefix(VIRTUAL) if address.startswith(VIRTUAL) else ""
