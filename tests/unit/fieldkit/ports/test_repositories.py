from __future__ import annotations

from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus
from fieldkit.ports.repositories import Choice, choice_of


def pad(driver: str, address: str, serial: str) -> DeviceStatus:
    return DeviceStatus(driver, address, DeviceKind.SIGNATURE_PAD, DeviceState.READY, DeviceIdentity("V", "M", serial))


def test_a_chosen_device_is_known_by_its_serial_on_another_port() -> None:
    choice = choice_of(pad("topaz", "ttyUSB0", "SN7"))
    assert choice.is_of(pad("topaz", "ttyUSB3", "SN7"))
    assert not choice.is_of(pad("topaz", "ttyUSB0", "SN8"))
    assert not choice.is_of(pad("isdv4", "ttyUSB0", "SN7"))


def test_a_device_without_identity_is_known_by_its_address() -> None:
    unknown = DeviceStatus("topaz", "ttyUSB0", DeviceKind.SIGNATURE_PAD, DeviceState.READY)
    assert choice_of(unknown) == Choice("topaz", "ttyUSB0")
    assert choice_of(unknown).is_of(unknown)
    assert not Choice("topaz", "ttyUSB1").is_of(unknown)
