from __future__ import annotations

import pytest
from support.waits import FactClock

from drivers.stu.driver import StuDriver, StuPad
from fieldkit.ports.devices import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)


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


@pytest.fixture
def pad(usb, flag):
    opened = StuPad(usb, usb.pads()[0], FactClock(lambda: usb.is_read))
    opened.open(flag())
    yield opened
    opened.close()
    assert usb.open_links == 0


def test_reports_become_strokes_in_um(usb, pad, reports, mailbox, flag):
    pen, timed = reports
    usb.says = [pen(100, 200, 511), timed(110, 210, 8), pen(110, 210, 0, down=False), pen(9600, 6000)]
    signature = pad.sign(mailbox, flag(), idle_ms=200, timeout_ms=2000)
    first, second = signature.strokes
    assert [(p.x_um, p.y_um) for p in (*first, *second)] == [(1000, 2000), (1100, 2100), (96_000, 60_000)]
    assert [p.pressure for p in first] == [pytest.approx(0.5, abs=0.001), 1.0]
    assert (signature.width_um, signature.height_um) == (96_000, 60_000)
    assert mailbox.signatures[-1] == signature


def test_the_screen_is_clear_before_and_after(usb, pad, reports, mailbox, flag):
    pen, _ = reports
    usb.play(pen(1, 1), pen(2, 2))  # somebody played with the pen
    usb.says = [pen(300, 300)]
    signature = pad.sign(mailbox, flag(), 150, 2000)
    assert [(p.x_um, p.y_um) for p in signature.strokes[0]] == [(3000, 3000)]
    before = [b"\x93" + bytes(12), b"\x20\x00", b"\x0e\x00", b"\x32\x03", b"\x21\x01"]
    assert usb.set == [*before, b"\x21\x00", b"\x20\x00", b"\x32\x00"]


def test_a_pad_of_one_mode_signs_too(usb, pad, reports, mailbox, flag):
    usb.knows_modes = False
    usb.says = [reports[0](5, 5)]
    assert pad.sign(mailbox, flag(), 150, 2000).strokes


def test_no_ink_giving_up_and_a_pulled_cable(usb, pad, mailbox, flag):
    with pytest.raises(NothingPresentedError):
        pad.sign(mailbox, flag(), 100, 100)
    usb.waits.clear()
    cancel = flag(after=3)
    with pytest.raises(DeviceError) as caught:
        pad.sign(mailbox, cancel, 100, 9000)
    assert caught.value.code == "device.cancelled"
    assert usb.waits == [0, *[50] * 4], "one look for what is old, then the person is asked after each short wait"
    assert cancel.was_heeded
    with pytest.raises(TransportBrokenError):
        pad.sign(mailbox, flag(once=usb.unplug), 100, 3000)
    assert pad.health() is DeviceState.ABSENT
    with pytest.raises(NotConnectedError):
        pad.sign(mailbox, flag(), 100, 100)
    with pytest.raises(NotConnectedError):
        pad.open(flag())
    usb.is_plugged = True
    pad.open(flag())


def test_a_closed_door_names_the_rule(usb, flag):
    usb.may_open = False
    with pytest.raises(PermissionDeniedError) as caught:
        StuPad(usb, usb.pads()[0]).open(flag())
    assert caught.value.code == "device.stu.no_permission"


def test_a_pad_that_does_not_tell_its_size(usb, flag):
    usb.capability = b"\x09" + bytes(16)
    with pytest.raises(ProtocolError):
        StuPad(usb, usb.pads()[0]).open(flag())
    assert usb.open_links == 0


def test_who_it_is(usb, pad, flag):
    assert (pad.identity.vendor, pad.identity.model, pad.identity.serial) == ("Wacom", "STU-430", "5JZQS00032")
    assert pad.capabilities.kind is DeviceKind.SIGNATURE_PAD
    pad.open(flag())
    pad.close()
    pad.close()
    pad.open(flag())
    assert pad.health() is DeviceState.READY
    assert usb.open_links == 1
