"""Readers that the PC/SC service lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drivers.context import DriverContext
from drivers.pcsc import reader as resource_manager
from drivers.pcsc.ktp_el import SLOT_MARK
from drivers.pcsc.reader import PcscReader
from fieldkit.ports.devices import (
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    PermissionDeniedError,
    SdkMissingError,
)

# Readers of ACS on USB that the PC/SC service does not list, with the reason (Linux; elsewhere none are found).
#
# The kernel's NFC driver `pn533_usb` takes an ACR122U before pcscd can; and several models, with firmware that libccid
# refuses, need the maker's own driver, the Debian package libacsccid1.

USB = Path("/sys/bus/usb/devices")
BUNDLE = Path("/usr/lib/pcsc/drivers/ifd-acsccid.bundle")
_VENDOR, _NAME, _KERNEL_NFC = "072f", "ACS", "pn533_usb"


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A reader that cannot be used: its place on the bus, its model, and why."""

    address: str
    model: str
    detail: str


def unlisted(names: Sequence[str]) -> Iterator[Unlisted]:
    """Yield the readers that do not stand among the names that the service told."""
    if not USB.is_dir():
        return
    for folder in sorted(USB.iterdir()):
        if _text(folder / "idVendor") != _VENDOR:
            continue
        drivers = {(interface / "driver").resolve().name for interface in folder.glob(f"{folder.name}:*")}
        if _KERNEL_NFC in drivers:
            detail = "device.pcsc.kernel_nfc"
        elif BUNDLE.exists() or any(_NAME in name for name in names):
            continue
        else:
            detail = "device.pcsc.no_acs_driver"
        yield Unlisted(f"usb:{folder.name}", _text(folder / "product") or _NAME, detail)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace").strip()
    except OSError:  # an interface, or unplugged since
        return ""


_SAM_SLOT = re.compile(r"\bSAM\b")
_VIRTUAL = "Virtual PCD"  # vsmartcard-vpcd, the card reader of demo and tests


class PcscDriver:
    """Card readers; a missing library or service is one line of the device list."""

    name = "pcsc"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)

    def scan(self) -> Sequence[DeviceStatus]:
        """List the readers; those given by name limit the list when the context says so."""
        given = self._context.given(self.name)
        slots = {address.partition(SLOT_MARK)[0] for address in given if SLOT_MARK in address}
        try:
            names = resource_manager.readers()
        except DeviceError as error:
            is_missing = isinstance(error, SdkMissingError)
            state = DeviceState.SDK_MISSING if is_missing else DeviceState.NOT_READY
            if isinstance(error, PermissionDeniedError):
                state = DeviceState.PERMISSION_DENIED
            params = dict(error.problem.params)
            return [DeviceStatus(self.name, "", DeviceKind.CARD_READER, state, None, error.code, params)]
        missing = [address for address in given if SLOT_MARK not in address and address not in names]
        unusable: list[DeviceStatus] = []
        if self._context.may_search(self.name):
            unusable = [self._unlisted(reader) for reader in unlisted(names)]
        else:
            names = [n for n in names if n in given]
        # A slot that holds a SAM is no place for a resident's card; readers with both show the slot by this word.
        there = [self._status(name) for name in names if name not in slots and not _SAM_SLOT.search(name)]
        return there + [self._absent(name) for name in missing] + unusable

    def connect(self, status: DeviceStatus) -> PcscReader:
        """Return the reader behind a status."""
        return PcscReader(status.address)

    def _absent(self, name: str) -> DeviceStatus:
        return replace(
            self._status(name), state=DeviceState.ABSENT, detail="device.not_connected", params={"address": name}
        )

    def _unlisted(self, reader: Unlisted) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=reader.address,
            kind=DeviceKind.CARD_READER,
            state=DeviceState.NOT_READY,
            identity=DeviceIdentity("ACS", reader.model, ""),
            detail=reader.detail,
            params={"reader": reader.model},
        )

    def _status(self, name: str) -> DeviceStatus:
        is_simulated, is_virtual = name in self._context.simulated, name.startswith(_VIRTUAL)
        # The reader of a test program on a real kit shows whatever card somebody writes: it reads nobody's.
        is_stray = is_virtual and not is_simulated
        return DeviceStatus(
            driver=self.name,
            address=name,
            kind=DeviceKind.CARD_READER,
            state=DeviceState.NOT_READY if is_stray else DeviceState.READY,
            identity=DeviceIdentity("PC/SC", name, name),
            detail="device.pcsc.virtual" if is_stray else "",
            params={"reader": name} if is_stray else {},
            is_simulated=is_simulated or is_virtual,
        )
