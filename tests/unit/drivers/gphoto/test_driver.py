from __future__ import annotations

import os

import pytest

from drivers.gphoto import library
from drivers.gphoto.driver import GphotoDriver
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus, TransportBrokenError

PORT = "usb:001,004"


class Cameras:
    """The cameras of a bus, as the library lists them, and the nodes that the system has for them."""

    def __init__(self, bus):
        self.looks = 0
        self._node, self._listed = bus / "001" / "004", [("Canon EOS 250D", PORT)]
        self._node.parent.mkdir()
        self._node.touch()

    def look(self):
        self.looks += 1
        return list(self._listed)

    def clear(self):
        self._node.unlink()
        self._listed.clear()


@pytest.fixture
def usb(monkeypatch, tmp_path):
    """A bus whose cameras are listed in a row that the test changes."""
    cameras = Cameras(tmp_path)
    monkeypatch.setattr(library, "connected", cameras.look)
    return cameras


@pytest.fixture
def driver(context_for, tmp_path):
    return GphotoDriver(context_for(), usb=tmp_path, is_installed=lambda: True)


def test_without_the_extra_the_remedy_is_said(context_for):
    (status,) = GphotoDriver(context_for(), is_installed=lambda: False).scan()
    assert (status.kind, status.state) == (DeviceKind.CAMERA, DeviceState.SDK_MISSING)
    assert (status.detail, status.params) == ("device.sdk_missing.gphoto", {"package": "fieldkit[dslr]"})


def test_cameras_on_the_bus_are_listed(usb, driver):
    (status,) = driver.scan()
    assert status == DeviceStatus(
        "gphoto", PORT, DeviceKind.CAMERA, DeviceState.READY, DeviceIdentity("Canon", "Canon EOS 250D", PORT)
    )
    device = driver.connect(status)
    assert device.identity == status.identity
    assert device.health() is DeviceState.READY
    usb.clear()
    assert driver.scan() == []
    assert device.health() is DeviceState.ABSENT


def test_the_library_looks_only_where_something_was_plugged_in_or_out(usb, driver, tmp_path):
    for _ in range(3):
        assert len(driver.scan()) == 1
    assert usb.looks == 1
    (tmp_path / "001" / "005").touch()
    driver.scan()
    driver.scan()
    assert usb.looks == 2


def test_while_the_library_works_the_last_list_holds(usb, driver):
    (status,) = driver.scan()
    usb.clear()
    with library.in_use:
        assert driver.scan() == [status]
        assert driver.connect(status).health() is DeviceState.BUSY


def test_a_node_that_may_not_be_opened_names_the_group(usb, driver, tmp_path, monkeypatch):
    node = tmp_path / "001" / "004"
    monkeypatch.setattr(os, "access", lambda path, mode: path != node)
    (status,) = driver.scan()
    assert status.state is DeviceState.PERMISSION_DENIED
    assert status.params == {"address": PORT, "group": "plugdev"}


def test_a_broken_bus_is_absent(driver, monkeypatch):
    def broken():
        raise TransportBrokenError("device.transport_broken", address="usb")

    monkeypatch.setattr(library, "connected", broken)
    status = DeviceStatus("gphoto", PORT, DeviceKind.CAMERA, DeviceState.READY)
    assert driver.connect(status).health() is DeviceState.ABSENT


def test_who_names_other_drivers_only_sees_no_usb(context_for, usb):
    assert GphotoDriver(context_for(only_given=frozenset({"gphoto"}))).scan() == []
