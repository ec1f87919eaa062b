from __future__ import annotations

import os
import tty
from datetime import UTC, datetime

import numpy as np
import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.simulators.stage import Fault
from drivers.simulators.subject import SyntheticSubject, quality
from drivers.zfm.dialogue import take_print
from drivers.zfm.driver import ZfmDriver, ZfmReader, parse_address
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Modality, Position
from fieldkit.formats.finger import decode_finger_record, print_record
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    CaptureRequest,
    DeviceState,
    FingerTemplate,
    FingerVerifier,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    TransportBrokenError,
)
from fieldkit.quality.finger_estimate import PrintEncoder


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
    addresses = (f"{module.address}#0", str(tmp_path / "gone"))
    context = context_for(
        addresses={"zfm": addresses},
        only_given=frozenset({"zfm"}),
        simulated=frozenset({module.address}),
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
    ports += [adapter(module.address), adapter(os.ttyname(slave)), adapter("/dev/pts/none", 0x0403, 0x6001)]
    driver = ZfmDriver(context_for(monotonic=clock))
    assert [s.address for s in driver.scan()] == [module.address]
    asked = os.read(master, 4096)
    assert asked.startswith(b"\xef\x01")
    os.set_blocking(master, False)
    assert [s.address for s in driver.scan()] == [module.address]
    with pytest.raises(BlockingIOError):  # nobody is asked twice
        os.read(master, 4096)
    ports.clear()
    assert driver.scan() == []
    os.close(master)
    os.close(slave)


def test_a_module_with_a_password_is_listed_and_a_busy_port_asked_later(context_for, module_at, clock_of, ports, flag):
    module = module_at(password=7)
    ports.append(adapter(module.address))
    context = context_for(monotonic=clock_of(module))
    driver = ZfmDriver(context)
    holding = ZfmDriver(context).connect(driver._status(f"{module.address}#7"))
    holding.open(flag())
    assert driver.scan() == []
    holding.close()
    assert [s.address for s in driver.scan()] == [module.address]


def test_a_module_with_an_address_of_its_own(context_for, module_at, clock_of, ports, flag):
    module = module_at(password=7, address=0x12345678, size=(160, 160))
    ports.append(adapter(module.address))
    driver = ZfmDriver(context_for(monotonic=clock_of(module)))
    (found,) = driver.scan()  # it says that it is one, and that it is called otherwise
    with pytest.raises(PermissionDeniedError) as caught:
        driver.connect(found).open(flag())
    assert caught.value.code == "device.zfm.other_address"
    device = driver.connect(driver._status(f"{module.address}#7@12345678"))
    device.open(flag())
    template = device.learn_finger(flag(), 60_000)
    assert device.is_finger_of(template, flag(), 60_000)
    assert device._line.carry_out(take_print(lambda: False), flag()).width == 160
    device.close()


def test_ports_of_other_drivers_are_left_alone(context_for, module, ports):
    ports.append(adapter(module.address))
    context = context_for(addresses={"topaz": (f"{module.address}#clipgem",)})
    assert ZfmDriver(context).scan() == []


def test_a_wrong_password_hides_no_other_module(context_for, module):
    addresses = ("/dev/ttyUSB0#secret", module.address)
    driver = ZfmDriver(context_for(addresses={"zfm": addresses}, only_given=frozenset({"zfm"})))
    wrong, there = driver.scan()
    assert (wrong.state, wrong.detail) == (DeviceState.NOT_READY, "device.zfm.address")
    assert there.state is DeviceState.READY


AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
PLENTY_MS = 60_000
INDEX, THUMB = Position.RIGHT_INDEX, Position.RIGHT_THUMB


def asked(*positions: Position, **options) -> CaptureRequest:
    return CaptureRequest("t-1", AT, Modality.FINGER, positions, **{"timeout_ms": PLENTY_MS, **options})


@pytest.fixture
def reader(module, clock, flag):
    opened = ZfmReader(module.address, 0, PrintEncoder(print_record), clock)
    opened.open(flag())
    yield opened
    opened.close()


def test_it_is_both_a_reader_and_a_verifier_but_enrols_nobody(reader):
    assert isinstance(reader, BiometricCaptureDevice)
    assert isinstance(reader, FingerVerifier)
    can = reader.capabilities
    assert (can.may_enrol, can.may_preview, can.may_capture_slaps, can.may_sign_samples) == (False,) * 4
    assert can.positions == set(FINGERS)


def test_one_finger_becomes_a_record_of_sixteen_grey_levels(reader, mailbox, flag):
    result = reader.capture(asked(INDEX, previous_hash="AB"), mailbox, flag())
    (sample,) = result.samples
    record = decode_finger_record(sample.data)
    assert (record.position, record.width, record.height, record.captured_at) == (INDEX, 256, 288, AT)
    assert set(np.unique(record.pixels())) <= {17 * level for level in range(16)}
    assert sample.quality.value > 55  # of a clean print; 16 grey levels cost some
    assert result.last_hash == "AB"
    assert [f[:2] for f in mailbox.frames] == [b"\xff\xd8"]


@pytest.mark.parametrize("positions", [(INDEX, THUMB), (), (Position.PORTRAIT,)])
def test_anything_but_one_finger_is_refused(reader, mailbox, flag, positions):
    with pytest.raises(ProtocolError) as caught:
        reader.capture(asked(*positions), mailbox, flag())
    assert caught.value.code == "device.position"


def test_no_finger(reader, stage, mailbox, flag):
    stage.present(None)
    with pytest.raises(NothingPresentedError) as caught:
        reader.capture(asked(INDEX, timeout_ms=600), mailbox, flag())
    assert caught.value.code == "device.no_finger"


@pytest.mark.days
def test_the_learnt_finger_is_known_and_no_other(reader, module, flag):
    template = reader.learn_finger(flag(), PLENTY_MS)
    assert (template.kind, len(template.content)) == ("zfm", 512)
    assert reader.is_finger_of(template, flag(), PLENTY_MS)
    module.finger = THUMB
    assert not reader.is_finger_of(template, flag(), PLENTY_MS)


def test_the_same_finger_of_another_person_is_not_known(reader, stage, person, flag):
    template = reader.learn_finger(flag(), PLENTY_MS)
    stage.present(SyntheticSubject(6))
    assert not reader.is_finger_of(template, flag(), PLENTY_MS)
    stage.present(person)
    assert reader.is_finger_of(template, flag(), PLENTY_MS)


def test_an_unclear_print_is_asked_for_again(reader, stage, flag):
    stage.present(SyntheticSubject(5, script={INDEX: (quality(12), quality(30), quality(80))}))
    assert reader.learn_finger(flag(), PLENTY_MS).content
    stage.present(SyntheticSubject(5, script={INDEX: (quality(12),)}))
    with pytest.raises(NothingPresentedError):
        reader.learn_finger(flag(), 400)


def test_templates_of_other_readers_are_refused(reader, flag):
    for template in (FingerTemplate("libfprint:synaptics", b"x"), FingerTemplate("zfm", b"")):
        with pytest.raises(ProtocolError) as caught:
            reader.is_finger_of(template, flag(), 500)
        assert caught.value.code == "device.other_template"


@pytest.mark.usefixtures("quick_polls")
def test_no_live_frames_but_an_unplugged_module_is_noticed(reader, module, mailbox, flag):
    cancel = flag(after=100)
    reader.stream((INDEX,), mailbox, cancel)
    assert cancel.was_heeded
    assert mailbox.frames == []
    module.unplug()
    with pytest.raises(TransportBrokenError):
        reader.stream((INDEX,), mailbox, flag())
    assert reader.health() is DeviceState.ABSENT


def test_pulled_while_capturing_and_plugged_in_again(reader, module, stage, mailbox, flag):
    stage.arm(Fault.UNPLUG)
    with pytest.raises(TransportBrokenError):
        reader.capture(asked(INDEX), mailbox, flag())
    module.plug()
    reader.open(flag())
    assert reader.capture(asked(INDEX), mailbox, flag()).samples


def test_close_twice_and_open_again(reader, mailbox, flag):
    reader.close()
    reader.close()
    with pytest.raises(NotConnectedError) as caught:
        reader.capture(asked(INDEX), mailbox, flag())
    assert caught.value.code == "device.not_open"
    reader.open(flag())
    assert reader.health() is DeviceState.READY
