from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from drivers.libfprint.answers import Reader
from drivers.libfprint.device import LibfprintReader
from drivers.libfprint.driver import VIRTUAL_READER
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
from fieldkit.quality.finger import PrintEncoder

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
