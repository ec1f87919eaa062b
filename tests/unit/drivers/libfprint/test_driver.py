from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from drivers.libfprint.answers import Reader
from drivers.libfprint.driver import VIRTUAL_READER, LibfprintDriver, LibfprintReader
from fieldkit.domain.recording.positions import FINGERS, Modality, Position
from fieldkit.formats.finger import decode_finger_record, print_record
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    CaptureRequest,
    DeviceState,
    FingerTemplate,
    FingerVerifier,
    NotConnectedError,
    ProtocolError,
    TransportBrokenError,
)
from fieldkit.quality.finger_estimate import PrintEncoder

# A Python with libfprint and one reader, which notes that it was asked.
PYTHON_WITH_A_READER = """#!/bin/sh
echo asked >> {asked}
echo '{{"number": 0, "ready": true}}'
read request
echo '{{"number": 1, "devices": [{{"driver": "goodixmoc", "id": "0", "name": "Goodix MOC", "may_capture": false}}]}}'
read request
"""


def test_a_missing_library_is_one_line_with_the_packages(context_for):
    (status,) = LibfprintDriver(context_for(), python=Path(sys.executable)).scan()
    assert (status.state, status.detail) == (DeviceState.SDK_MISSING, "device.libfprint.missing")
    assert status.params == {"package": "libfprint-2-2 gir1.2-fprint-2.0 python3-gi"}
    assert not status.may_enrol


@pytest.mark.usefixtures("_library")
def test_the_virtual_reader_is_given_and_says_what_it_is_not_for(context_for, tmp_path):
    there, gone = f"virtual:{tmp_path}/reader", f"virtual:{tmp_path}/gone/reader"
    context = context_for(
        addresses={"libfprint": (there, gone)}, only_given=frozenset({"libfprint"}), simulated=frozenset({there})
    )
    driver = LibfprintDriver(context)
    first, second = driver.scan()
    assert (first.state, first.detail) == (DeviceState.READY, "device.libfprint.not_for_recording")
    assert first.is_simulated
    assert not first.may_enrol
    assert (second.state, second.detail) == (DeviceState.ABSENT, "device.not_connected")
    device = driver.connect(first)
    assert device.identity == first.identity
    assert (device.health(), driver.connect(second).health()) == (DeviceState.READY, DeviceState.ABSENT)


def test_the_library_is_asked_only_when_something_was_plugged(context_for, tmp_path):
    usb, asked = tmp_path / "usb", tmp_path / "asked"
    (usb / "001").mkdir(parents=True)
    python = tmp_path / "python3"
    python.write_text(PYTHON_WITH_A_READER.format(asked=asked))
    python.chmod(0o755)
    now = [0.0]
    driver = LibfprintDriver(context_for(monotonic=lambda: now[0]), python, usb)
    assert [(s.address, s.identity.model) for s in driver.scan()] == [("goodixmoc:0", "Goodix MOC")]
    driver.scan()
    assert asked.read_text() == "asked\n"
    (usb / "001" / "007").touch()
    driver.scan()
    assert asked.read_text() == "asked\n" * 2
    now[0] = 61.0
    (status,) = driver.scan()
    assert asked.read_text() == "asked\n" * 3
    assert driver.connect(status).health() is DeviceState.READY


def test_a_library_that_crashes_lists_nothing(context_for, tmp_path):
    assert LibfprintDriver(context_for(), python=Path("/bin/true"), usb=tmp_path).scan() == []


def test_nothing_is_asked_where_nothing_is_wanted(context_for):
    assert LibfprintDriver(context_for(only_given=frozenset({"libfprint"}))).scan() == []


AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
PLENTY_MS = 120_000
INDEX, THUMB = Position.RIGHT_INDEX, Position.RIGHT_THUMB


def asked(*positions: Position) -> CaptureRequest:
    return CaptureRequest("t-1", AT, Modality.FINGER, positions, timeout_ms=PLENTY_MS)


def made(reader: Reader, path: str = "") -> LibfprintReader:
    return LibfprintReader("virtual", reader, PrintEncoder(print_record), lambda: DeviceState.READY, path)


@pytest.fixture
def reader(finger, flag):
    opened = made(VIRTUAL_READER, str(finger.path))
    opened.open(flag())
    yield opened
    opened.close()


def test_it_is_both_a_reader_and_a_verifier_but_enrols_nobody(reader):
    assert isinstance(reader, BiometricCaptureDevice)
    assert isinstance(reader, FingerVerifier)
    assert reader.capabilities.positions == set(FINGERS)
    assert not reader.capabilities.may_enrol
    assert reader.health() is DeviceState.READY


def test_a_print_becomes_a_record(reader, finger, stage, mailbox, flag):
    finger.lay()
    (sample,) = reader.capture(asked(INDEX), mailbox, flag()).samples
    record = decode_finger_record(sample.data)
    assert (record.position, record.ppi) == (INDEX, 500)
    assert np.array_equal(record.pixels(), stage.subject.finger(INDEX))
    assert len(mailbox.frames) == 1


def test_the_library_itself_knows_the_learnt_finger_and_no_other(reader, finger, flag):
    finger.lay(times=5)
    template = reader.learn_finger(flag(), PLENTY_MS)
    assert template.kind == "libfprint:virtual_image"
    finger.ask_again()
    finger.lay()
    assert reader.is_finger_of(template, flag(), PLENTY_MS)
    finger.lay(THUMB)
    assert not reader.is_finger_of(template, flag(), PLENTY_MS)
    reader.close()
    reader.open(flag())
    finger.lay()
    assert reader.is_finger_of(template, flag(), PLENTY_MS)


def test_what_is_not_its_own_is_refused(reader, mailbox, flag):
    for template in (FingerTemplate("zfm", b"x"), FingerTemplate("libfprint:virtual_image", b"no print")):
        with pytest.raises(ProtocolError):
            reader.is_finger_of(template, flag(), PLENTY_MS)
    with pytest.raises(ProtocolError) as caught:
        reader.capture(asked(INDEX, THUMB), mailbox, flag())
    assert caught.value.code == "device.position"


def test_one_that_compares_inside_gives_no_image(mailbox, flag):
    reader = made(Reader("goodixmoc", "0", "Goodix", may_capture=False))
    assert reader.capabilities.positions == frozenset()
    with pytest.raises(ProtocolError) as caught:
        reader.capture(asked(INDEX), mailbox, flag())
    assert caught.value.code == "device.libfprint.no_image"
    with pytest.raises(NotConnectedError):
        reader.learn_finger(flag(), 100)


@pytest.mark.usefixtures("quick_polls")
def test_a_dead_process_is_noticed_and_replaced(reader, finger, mailbox, flag):
    cancel = flag(after=100)
    reader.stream((INDEX,), mailbox, cancel)
    assert cancel.was_heeded
    reader._process._process.kill()
    reader._process._process.wait()
    with pytest.raises(TransportBrokenError):
        reader.stream((INDEX,), mailbox, flag())
    reader.open(flag())
    finger.lay()
    assert reader.capture(asked(INDEX), mailbox, flag()).samples
    reader.close()
    reader.close()


@pytest.mark.usefixtures("_library")
def test_a_reader_that_is_not_there(flag):
    absent = made(Reader("synaptics", "0", "Synaptics", may_capture=False))
    with pytest.raises(NotConnectedError):
        absent.open(flag())
