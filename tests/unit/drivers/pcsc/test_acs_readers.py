"""A bus laid out as the kernel shows it: which readers of ACS cannot be used, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.pcsc import acs_readers, resource_manager
from drivers.pcsc.driver import PcscDriver
from fieldkit.ports.devices import DeviceState

LISTED = "ACS ACR122U PICC Interface 00 00"


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(acs_readers, "USB", tmp_path / "devices")
    monkeypatch.setattr(acs_readers, "BUNDLE", tmp_path / "ifd-acsccid.bundle")
    return tmp_path


def plug(bus: Path, vendor: str = "072f", driver: str = "usbfs", product: str = "ACR122U PICC Interface") -> None:
    """Connect a reader at 1-2, held by a driver of the kernel."""
    device, held = bus / "devices" / "1-2", bus / "drivers" / driver
    (device / "1-2:1.0").mkdir(parents=True)
    held.mkdir(parents=True)
    (device / "1-2:1.0" / "driver").symlink_to(held)
    (device / "idVendor").write_text(f"{vendor}\n")
    if product:
        (device / "product").write_text(f"{product}\n")
    (bus / "devices" / "usb1").mkdir()


@pytest.mark.parametrize(
    ("vendor", "driver", "names", "has_bundle", "detail"),
    [
        ("072f", "pn533_usb", [], False, "device.pcsc.kernel_nfc"),
        ("072f", "pn533_usb", [LISTED], True, "device.pcsc.kernel_nfc"),
        ("072f", "usbfs", [], False, "device.pcsc.no_acs_driver"),
        ("072f", "usbfs", ["HID Omnikey 5022"], False, "device.pcsc.no_acs_driver"),
        ("072f", "usbfs", [LISTED], False, ""),
        ("072f", "usbfs", [], True, ""),  # its driver is there: it comes in a moment
        ("054c", "pn533_usb", [], False, ""),  # of another maker: nothing is known
    ],
)
def test_why_a_reader_is_not_listed(
    bus: Path, vendor: str, driver: str, names: list[str], has_bundle: bool, detail: str
) -> None:
    plug(bus, vendor, driver)
    if has_bundle:
        acs_readers.BUNDLE.mkdir()
    found = [(each.address, each.model, each.detail) for each in acs_readers.unlisted(names)]
    assert found == ([("usb:1-2", "ACR122U PICC Interface", detail)] if detail else [])


def test_a_reader_without_a_name_is_named_by_its_maker(bus: Path) -> None:
    plug(bus, product="")
    assert [each.model for each in acs_readers.unlisted([])] == ["ACS"]


def test_without_a_bus_nothing_is_said(bus: Path) -> None:
    assert not (bus / "devices").exists()
    assert list(acs_readers.unlisted([])) == []


def test_the_device_list_says_it_unless_only_given_readers_are_asked(context_for, bus, monkeypatch) -> None:
    monkeypatch.setattr(resource_manager, "readers", list)
    plug(bus, driver="pn533_usb")
    (status,) = PcscDriver(context_for()).scan()
    assert (status.address, status.state, status.detail) == ("usb:1-2", DeviceState.NOT_READY, "device.pcsc.kernel_nfc")
    assert status.params == {"reader": "ACR122U PICC Interface"}
    assert PcscDriver(context_for(only_given=frozenset({"pcsc"}))).scan() == []
