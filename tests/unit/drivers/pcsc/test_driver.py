from __future__ import annotations

import sys

import pytest

from drivers.pcsc import resource_manager
from drivers.pcsc.driver import PcscDriver
from fieldkit.ports.devices import DeviceKind, DeviceState, SdkMissingError


def test_a_missing_service_is_a_line(context_for):
    try:
        resource_manager.readers()
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
    monkeypatch.setattr(resource_manager, "readers", lambda: ["Virtual PCD 00 00", "ACS ACR39U"])
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
