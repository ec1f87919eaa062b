from __future__ import annotations

import os
import threading
import tty

import pytest
from support.waits import FactClock, never

from drivers.simulators.stage import Fault
from drivers.zfm.dialogue import learn_finger, take_print
from drivers.zfm.line import Line
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    PermissionDeniedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)


@pytest.fixture
def line(module, clock, flag):
    opened = Line(module.address, clock)
    opened.open(0, flag())
    yield opened
    opened.close()


@pytest.mark.parametrize(("baud", "wrong"), [(57_600, 0), (115_200, 1), (9_600, 2), (19_200, 3)])
def test_the_speed_is_found(module_at, clock_of, flag, baud, wrong):
    module = module_at(baud=baud)
    clock = clock_of(module)
    line = Line(module.address, clock)
    assert line.open(0, flag()).baud == baud
    assert clock.unheard == wrong
    line.open(0, flag())
    assert clock.unheard == wrong, "the next time it is known"
    line.close()


def test_a_password_opens_and_a_wrong_one_does_not(module_at, clock_of, flag):
    module = module_at(password=0xBEEF)
    line = Line(module.address, clock_of(module))
    with pytest.raises(PermissionDeniedError) as caught:
        line.open(0, flag())
    assert caught.value.code == "device.zfm.password"
    assert not line.is_open
    line.open(0xBEEF, flag())
    assert line.is_open
    line.close()


@pytest.mark.usefixtures("quick_polls")
def test_a_port_on_which_nobody_answers(flag):
    master, slave = os.openpty()
    tty.setraw(slave)
    clock = FactClock()
    line = Line(os.ttyname(slave), clock)
    with pytest.raises(NotConnectedError) as caught:
        line.open(0, flag(), bauds=(57_600, 9_600))
    assert caught.value.code == "device.zfm.silent"
    clock.runs, cancel = never, flag(after=100)
    with pytest.raises(DeviceError) as caught:
        line.open(0, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    os.close(slave)
    os.close(master)


def test_a_port_that_is_not_there_or_taken(line, module, flag):
    with pytest.raises(NotConnectedError):
        Line("/dev/pts/does-not-exist").open(0, flag())
    with pytest.raises(DeviceBusyError):
        Line(module.address).open(0, flag())


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.WRONG_CHECKSUM, Fault.SLOW])
def test_what_was_damaged_or_slow_is_made_good(line, stage, flag, fault):
    whole = line.carry_out(take_print(never), flag())
    stage.arm(fault, 2)
    assert len(line.carry_out(take_print(never), flag()).pixels) == len(whole.pixels)
    assert len(line.carry_out(learn_finger(never), flag())) == 512


def test_damage_without_end_is_said(line, stage, flag):
    stage.arm(Fault.WRONG_CHECKSUM, 3)
    with pytest.raises(ProtocolError) as caught:
        line.carry_out(take_print(never), flag())
    assert caught.value.code == "device.zfm.damaged"
    assert line.carry_out(take_print(never), flag())


def test_a_module_that_hangs_is_given_up(line, stage, flag):
    stage.arm(Fault.HANG)
    with pytest.raises(TimedOutError):
        line.carry_out(take_print(never), flag())
    assert line.carry_out(take_print(never), flag())


def test_unplugged_in_the_middle_of_an_image(line, module, stage, flag):
    stage.arm(Fault.UNPLUG)
    with pytest.raises(TransportBrokenError):
        line.carry_out(take_print(never), flag())
    assert not line.is_open
    module.plug()
    line.open(0, flag())
    assert line.carry_out(take_print(never), flag())


def test_an_image_that_was_given_up_does_not_disturb_the_next_act(module, clock, flag, monkeypatch):
    monkeypatch.setattr("drivers.serial_line.POLL_S", 0.5)  # how long a busy machine may pause within the rest
    line = Line(module.address, clock)
    line.open(0, flag())
    write, may_go_on, sent = module._write, threading.Event(), []

    def halting(content: bytes) -> None:
        if len(sent) == 20:
            may_go_on.wait()
        sent.append(content)
        write(content)

    module._write = halting
    cancel = flag(once=lambda: len(sent) == 20)
    try:
        with pytest.raises(DeviceError) as caught:
            line.carry_out(take_print(never), cancel)
        assert caught.value.code == "device.cancelled"
        assert cancel.was_heeded
        assert len(sent) == 20, "given up in the midst of the image"
    finally:
        may_go_on.set()
    assert len(line.carry_out(learn_finger(never), flag())) == 512  # after the rest of the image has run out
    assert len(sent) > 250
    line.close()


@pytest.mark.parametrize("begins", ["at once", "when it is asked"])
def test_a_line_that_talks_without_end_is_left(flag, begins):
    master, slave = os.openpty()
    tty.setraw(slave)
    is_over = threading.Event()

    def talk() -> None:
        if begins == "when it is asked":
            os.read(master, 1)
        while not is_over.wait(0.01):
            os.write(master, b"$GPGGA,")

    talking = threading.Thread(target=talk)
    talking.start()
    line = Line(os.ttyname(slave), FactClock(never))  # for a silence it would wait for minutes
    try:
        with pytest.raises(NotConnectedError):
            line.open(0, flag(), drain_s=0.02)
    finally:
        is_over.set()
        talking.join()
    os.close(slave)
    os.close(master)
