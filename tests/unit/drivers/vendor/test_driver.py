from __future__ import annotations

import pytest

from drivers.registry import HoldingDriver
from drivers.vendor import host
from drivers.vendor.driver import VendorDriver
from fieldkit.ports.devices import DeviceKind, DeviceState, NotConnectedError

ANSWER = """
import time
while True:
    request = asked()
    say(request["number"], devices={devices})
"""


@pytest.fixture
def driver_of(context_for, command):
    built: list[VendorDriver] = []

    def build(devices: object = (), **options) -> VendorDriver:
        script = ANSWER.format(devices=list(devices))
        built.append(VendorDriver(context_for(commands={"slap": command(script)}, **options)))
        return built[-1]

    yield build
    for one in built:
        one.close()


def test_without_a_table_nothing_runs(context_for):
    driver = VendorDriver(context_for())
    assert driver.scan() == []
    assert isinstance(driver, HoldingDriver)


def test_its_devices_stand_in_the_list(driver_of, scanner):
    (status,) = driver_of([scanner], simulated=frozenset({"slap"})).scan()
    assert (status.driver, status.address, status.state) == ("vendor", "slap/S1", DeviceState.READY)
    assert status.identity.model == "Ten"
    assert status.is_simulated
    assert status.may_enrol


def test_a_scanner_below_500_ppi_does_not_record(driver_of, scanner):
    driver = driver_of([scanner | {"ppi": 300}])
    (status,) = driver.scan()
    assert not status.may_enrol
    assert not driver.connect(status).capabilities.may_enrol


def test_an_adapter_without_a_device_is_one_line(driver_of):
    (status,) = driver_of().scan()
    assert (status.state, status.detail, status.kind) == (
        DeviceState.ABSENT,
        "device.vendor.none",
        DeviceKind.FINGERPRINT,
    )
    with pytest.raises(NotConnectedError):
        driver_of().connect(status)


def test_an_adapter_that_has_not_answered_yet_is_not_said_to_see_no_device(context_for, monkeypatch):
    monkeypatch.setattr(host, "FIRST_LOOK_S", 0.05)
    driver = VendorDriver(context_for(commands={"slow": ("/bin/sleep", "30")}))
    try:
        (status,) = driver.scan()
        assert (status.state, status.detail) == (DeviceState.ABSENT, "device.vendor.waited_for")
    finally:
        driver.close()


def test_an_adapter_that_cannot_start_is_one_line_with_the_reason(context_for):
    (status,) = VendorDriver(context_for(commands={"slap": ("/does/not/exist",)})).scan()
    assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.vendor.not_started")
    assert status.params["name"] == "slap"


def test_a_device_that_is_told_absent_is_not_connected(driver_of, scanner):
    (status,) = driver_of([scanner | {"state": "absent"}]).scan()
    assert (status.state, status.detail) == (DeviceState.ABSENT, "device.not_connected")
