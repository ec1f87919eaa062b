from __future__ import annotations

import pytest

from drivers.stu.driver import StuDriver
from fieldkit.ports.devices import DeviceState, SdkMissingError


def test_plugged_pads_are_listed(usb, context_for):
    driver = StuDriver(context_for(), lambda: usb)
    (found,) = driver.scan()
    assert (found.address, found.state, found.identity.model) == ("/dev/hidraw3", DeviceState.READY, "STU-430")
    assert driver.connect(found).identity == found.identity
    usb.is_plugged = False
    assert driver.scan() == []


def test_a_given_pad_is_absent_when_it_is_not_there(usb, context_for):
    given = {"addresses": {"stu": ("/dev/hidraw3",)}, "only_given": frozenset({"stu"})}
    driver = StuDriver(context_for(**given, simulated=frozenset({"/dev/hidraw3"})), lambda: usb)
    (found,) = driver.scan()
    assert (found.state, found.is_simulated) == (DeviceState.READY, True)
    usb.is_plugged = False
    (gone,) = driver.scan()
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    assert driver.connect(gone).identity.serial == "/dev/hidraw3"


def test_without_the_library_the_remedy_is_named(context_for, usb):
    driver = StuDriver(context_for(), lambda: None)
    (missing,) = driver.scan()
    assert missing.state is DeviceState.SDK_MISSING
    assert (missing.detail, missing.params) == ("device.stu.no_library", {"package": "hidapi"})
    with pytest.raises(SdkMissingError):
        driver.connect(missing)


def test_a_kit_that_searches_nothing_says_nothing(context_for):
    assert StuDriver(context_for(only_given=frozenset({"stu"})), lambda: None).scan() == []
