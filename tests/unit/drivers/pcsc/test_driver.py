from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drivers.pcsc import reader
from drivers.pcsc.driver import PcscDriver
from fieldkit.ports.devices import DeviceKind, DeviceState, SdkMissingError


def test_a_missing_service_is_a_line(context_for):
    try:
        reader.readers()
    except SdkMissingError:
        (status,) = PcscDriver(context_for()).scan()
        assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.pcsc.no_service")
    else:
        pytest.skip("a PC/SC service runs here")


def test_readers_are_listed(virtual_reader, context_for):
    driver = PcscDriver(context_for(simulated=frozenset({virtual_reader})))
    status = next(s for s in driver.scan() if s.address == virtual_reader)
    assert (status.kind, status.state, status.is_simulated) == (DeviceKind.CARD_READER, DeviceState.READY, True)
    assert driver.connect(status).identity.model == virtual_reader


def test_the_reader_of_the_demo_is_no_reader_of_a_kit(context_for, monkeypatch):
    monkeypatch.setattr(reader, "readers", lambda: ["Virtual PCD 00 00", "ACS ACR39U"])
    virtual, real = PcscDriver(context_for()).scan()
    assert (virtual.state, virtual.detail, virtual.is_simulated) == (DeviceState.NOT_READY, "device.pcsc.virtual", True)
    assert (real.state, real.detail, real.is_simulated) == (DeviceState.READY, "", False)
    (in_the_demo, _) = PcscDriver(context_for(simulated=frozenset({"Virtual PCD 00 00"}))).scan()
    assert (in_the_demo.state, in_the_demo.detail, in_the_demo.is_simulated) == (DeviceState.READY, "", True)


def test_only_given_readers_when_so_told(virtual_reader, context_for):
    options = {"only_given": frozenset({"pcsc"})}
    assert PcscDriver(context_for(**options)).scan() == []
    context = context_for(addresses={"pcsc": (virtual_reader,)}, **options)
    assert [s.address for s in PcscDriver(context).scan()] == [virtual_reader]


def test_a_given_reader_that_is_not_there_is_absent(virtual_reader, context_for):
    context = context_for(addresses={"pcsc": ("ACS ACR122U 00 00", "SAM box#sam")}, only_given=frozenset({"pcsc"}))
    (status,) = PcscDriver(context).scan()
    assert (status.address, status.state, status.detail) == (
        "ACS ACR122U 00 00",
        DeviceState.ABSENT,
        "device.not_connected",
    )


def test_a_missing_library_is_a_line(context_for, monkeypatch):
    monkeypatch.setitem(sys.modules, "smartcard", None)
    (status,) = PcscDriver(context_for()).scan()
    assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.pcsc.no_library")


acs_readers = sys.modules[PcscDriver.__module__]  # `drivers.pcsc.driver` is the function of that name
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
    monkeypatch.setattr(reader, "readers", list)
    plug(bus, driver="pn533_usb")
    (status,) = PcscDriver(context_for()).scan()
    assert (status.address, status.state, status.detail) == ("usb:1-2", DeviceState.NOT_READY, "device.pcsc.kernel_nfc")
    assert status.params == {"reader": "ACR122U PICC Interface"}
    assert PcscDriver(context_for(only_given=frozenset({"pcsc"}))).scan() == []
