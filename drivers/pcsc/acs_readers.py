"""Readers of ACS on USB that the PC/SC service does not list, with the reason (Linux; elsewhere none are found).

The kernel's NFC driver `pn533_usb` takes an ACR122U before pcscd can; and several models, with firmware that libccid
refuses, need the maker's own driver, the Debian package libacsccid1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
