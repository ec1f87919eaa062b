from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from drivers.simulators.stage import Fault
from drivers.simulators.subject import SyntheticSubject, quality
from drivers.zfm.device import ZfmReader
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
    ProtocolError,
    TransportBrokenError,
)
from fieldkit.quality.finger import PrintEncoder

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
PLENTY_MS = 60_000
INDEX, THUMB = Position.RIGHT_INDEX, Position.RIGHT_THUMB


def asked(*positions: Position, **options) -> CaptureRequest:
    return CaptureRequest("t-1", AT, Modality.FINGER, positions, **{"timeout_ms": PLENTY_MS, **options})


@pytest.fixture
def reader(module, clock, flag):
    opened = ZfmReader(str(module.path), 0, PrintEncoder(print_record), clock)
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
