from __future__ import annotations

import os
import tty

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.zfm.dialogue import take_print
from drivers.zfm.driver import ZfmDriver, parse_address
from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import DeviceState, PermissionDeniedError


def adapter(device: str, vid: int = 0x1A86, pid: int = 0x7523) -> ListPortInfo:
    found = ListPortInfo(device)
    found.vid, found.pid, found.location = vid, pid, "1-1"
    return found


@pytest.fixture
def ports(monkeypatch):
    plugged: list[ListPortInfo] = []
    monkeypatch.setattr(list_ports, "comports", lambda: plugged)
    return plugged


def test_addresses_name_the_password():
    assert parse_address("/dev/ttyUSB0") == ("/dev/ttyUSB0", 0, 0xFFFFFFFF)
    assert parse_address("COM3#0000beef") == ("COM3", 0xBEEF, 0xFFFFFFFF)
    assert parse_address("COM3#@12345678") == ("COM3", 0, 0x12345678)
    assert parse_address("COM3#7@0") == ("COM3", 7, 0)
    for wrong in ("COM3#secret", "COM3#1FFFFFFFF", "COM3#-1", "COM3#0@here", "COM3#0@1FFFFFFFF"):
        with pytest.raises(InputError):
            parse_address(wrong)


def test_given_ports_say_plainly_what_they_are_not_for(context_for, module, clock, tmp_path, flag):
    addresses = (f"{module.path}#0", str(tmp_path / "gone"))
    context = context_for(
        addresses={"zfm": addresses},
        only_given=frozenset({"zfm"}),
        simulated=frozenset({str(module.path)}),
        monotonic=clock,
    )
    driver = ZfmDriver(context)
    there, gone = driver.scan()
    assert (there.state, there.detail, there.may_enrol) == (DeviceState.READY, "device.zfm.grey16", False)
    assert there.is_simulated
    assert (gone.state, gone.detail) == (DeviceState.ABSENT, "device.not_connected")
    device = driver.connect(there)
    assert device.identity == there.identity
    device.open(flag())
    device.close()


def test_an_adapter_is_listed_when_a_module_answers_behind_it(context_for, module, clock, ports):
    master, slave = os.openpty()
    tty.setraw(slave)
    ports += [adapter(str(module.path)), adapter(os.ttyname(slave)), adapter("/dev/pts/none", 0x0403, 0x6001)]
    driver = ZfmDriver(context_for(monotonic=clock))
    assert [s.address for s in driver.scan()] == [str(module.path)]
    asked = os.read(master, 4096)
    assert asked.startswith(b"\xef\x01")
    os.set_blocking(master, False)
    assert [s.address for s in driver.scan()] == [str(module.path)]
    with pytest.raises(BlockingIOError):  # nobody is asked twice
        os.read(master, 4096)
    ports.clear()
    assert driver.scan() == []
    os.close(master)
    os.close(slave)


def test_a_module_with_a_password_is_listed_and_a_busy_port_asked_later(context_for, module_at, clock_of, ports, flag):
    module = module_at(password=7)
    ports.append(adapter(str(module.path)))
    context = context_for(monotonic=clock_of(module))
    driver = ZfmDriver(context)
    holding = ZfmDriver(context).connect(driver._status(f"{module.path}#7"))
    holding.open(flag())
    assert driver.scan() == []
    holding.close()
    assert [s.address for s in driver.scan()] == [str(module.path)]


def test_a_module_with_an_address_of_its_own(context_for, module_at, clock_of, ports, flag):
    module = module_at(password=7, address=0x12345678, size=(160, 160))
    ports.append(adapter(str(module.path)))
    driver = ZfmDriver(context_for(monotonic=clock_of(module)))
    (found,) = driver.scan()  # it says that it is one, and that it is called otherwise
    with pytest.raises(PermissionDeniedError) as caught:
        driver.connect(found).open(flag())
    assert caught.value.code == "device.zfm.other_address"
    device = driver.connect(driver._status(f"{module.path}#7@12345678"))
    device.open(flag())
    template = device.learn_finger(flag(), 60_000)
    assert device.is_finger_of(template, flag(), 60_000)
    assert device._line.carry_out(take_print(lambda: False), flag()).width == 160
    device.close()


def test_ports_of_other_drivers_are_left_alone(context_for, module, ports):
    ports.append(adapter(str(module.path)))
    context = context_for(addresses={"topaz": (f"{module.path}#clipgem",)})
    assert ZfmDriver(context).scan() == []


def test_a_wrong_password_hides_no_other_module(context_for, module):
    addresses = ("/dev/ttyUSB0#secret", str(module.path))
    driver = ZfmDriver(context_for(addresses={"zfm": addresses}, only_given=frozenset({"zfm"})))
    wrong, there = driver.scan()
    assert (wrong.state, wrong.detail) == (DeviceState.NOT_READY, "device.zfm.address")
    assert there.state is DeviceState.READY
