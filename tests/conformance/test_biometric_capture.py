"""What every device that delivers samples does."""

from __future__ import annotations

import hashlib
import threading

import pytest
from support.standstill import wait_until
from support.tries import some_of

from drivers.simulators.stage import Fault
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import RIGHT_FOUR, Modality, Position
from fieldkit.ports.devices import (
    CaptureResult,
    DeviceBusyError,
    DeviceError,
    NothingPresentedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

MAGIC = {
    Modality.FINGER: (SampleFormat.ISO_19794_4, b"FIR\0"),
    Modality.IRIS: (SampleFormat.ISO_19794_6, b"IIR\0"),
    Modality.FACE: (SampleFormat.ISO_19794_5, b"FAC\0"),
}
JPEG = b"\xff\xd8"


@pytest.mark.days
def test_everything_it_offers_is_captured(capturing, mailbox, patience):
    for positions in capturing.steps:
        result = capturing.device.capture(capturing.request(positions), mailbox, patience())
        assert isinstance(result, CaptureResult)
        assert {s.position for s in result.samples} == set(positions)
        assert not result.faults
        for sample in result.samples:
            sample_format, magic = MAGIC[sample.position.modality]
            assert sample.format is sample_format
            assert sample.data.startswith(magic)
            assert sample.quality.algorithm
    assert all(f.startswith(JPEG) for f in mailbox.frames)


@pytest.mark.days
def test_the_preview_shows_frames_and_ends_quickly(previewing, mailbox, patience):
    enough = patience(once=lambda: len(mailbox.frames) >= 3)
    previewing.device.stream(previewing.steps[0], mailbox, enough)
    assert enough.was_heeded
    assert all(f.startswith(JPEG) for f in mailbox.frames)


@pytest.mark.days
def test_stream_then_capture_then_stream(capturing, mailbox, patience):
    for positions in capturing.steps:
        capturing.device.stream(positions, mailbox, patience(after=5))
        assert capturing.device.capture(capturing.request(positions), mailbox, patience()).samples
    capturing.device.stream(capturing.steps[0], mailbox, patience(after=5))


def test_nobody_there(capturing, person, mailbox, patience):
    capturing.kit.present(None)
    if capturing.device.capabilities.may_preview:  # a camera's last frames still show the person
        gone = patience(once=lambda: len(mailbox.frames) >= 5)
        capturing.device.stream(capturing.steps[0], mailbox, gone)
    try:
        with pytest.raises((NothingPresentedError, TimedOutError)):
            capturing.device.capture(capturing.request(capturing.steps[0], timeout_ms=600), mailbox, patience())
    finally:
        capturing.kit.present(person)
    assert capturing.device.capture(capturing.request(capturing.steps[0]), mailbox, patience()).samples


CAMERAS = ("camera", "infrared")  # they send frames and never an answer in which something could go wrong


@pytest.mark.days
def test_the_wire_breaks_in_the_middle_and_heals(capturing, mailbox, patience):
    pulling = threading.Thread(
        target=lambda: (wait_until(lambda: mailbox.frames), capturing.kit.unplug(capturing.name))
    )
    if capturing.name in CAMERAS:
        pulling.start()
    else:
        capturing.kit.arm(Fault.UNPLUG)
    try:
        with pytest.raises(TransportBrokenError):
            capturing.device.capture(capturing.request(capturing.steps[0], threshold=100), mailbox, patience())
    finally:
        if capturing.name in CAMERAS:
            pulling.join()
        capturing.kit.plug(capturing.name)
    capturing.device.open(patience())
    assert capturing.device.capture(capturing.request(capturing.steps[0]), mailbox, patience()).samples


@pytest.mark.days
def test_a_capture_can_be_left_at_once(capturing, mailbox, patience):
    capturing.kit.arm(Fault.HANG)
    request = capturing.request(capturing.steps[0], timeout_ms=600_000, threshold=100)
    is_camera = capturing.name in CAMERAS
    cancel = patience(once=lambda: len(mailbox.frames) >= 3 if is_camera else capturing.has_met(Fault.HANG))
    with pytest.raises(DeviceError) as caught:
        capturing.device.capture(request, mailbox, cancel)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    capturing.device.open(patience())
    assert capturing.device.capture(capturing.request(capturing.steps[0]), mailbox, patience()).samples


@pytest.mark.days
def test_the_chain_runs_from_capture_to_capture(signing, mailbox, patience):
    last, digest = "", hashlib.sha256(b"").digest()
    for positions in signing.steps:
        result = signing.device.capture(signing.request(positions, previous_hash=last), mailbox, patience())
        for sample in result.samples:
            digest = hashlib.sha256(digest + hashlib.sha256(sample.data).digest()).digest()
            assert sample.evidence.chain_hash == digest.hex().upper()
            assert sample.evidence.jws.count(".") == 2
            assert sample.evidence.certificate_der
        last = result.last_hash
        assert last == digest.hex().upper()


@pytest.mark.days
@pytest.mark.parametrize("fault", some_of([Fault.WRONG_SIGNATURE, Fault.BROKEN_CHAIN, Fault.WRONG_TRANSACTION], 1))
def test_what_does_not_hold_is_refused(signing, mailbox, patience, fault):
    signing.kit.arm(fault)
    with pytest.raises(ProtocolError):
        signing.device.capture(signing.request(signing.steps[0]), mailbox, patience())
    assert signing.device.capture(signing.request(signing.steps[0]), mailbox, patience()).samples


@pytest.mark.days
def test_busy_passes_or_is_said(signing, mailbox, patience):
    signing.kit.arm(Fault.BUSY)
    assert signing.device.capture(signing.request(signing.steps[0]), mailbox, patience()).samples
    signing.kit.arm(Fault.BUSY, 50)
    with pytest.raises(DeviceBusyError):
        signing.device.capture(signing.request(signing.steps[0]), mailbox, patience())
    signing.kit.arm(Fault.BUSY, 0)


def test_three_of_four_are_noticed(slaps, mailbox, patience):
    slaps.kit.arm(Fault.THREE_OF_FOUR)
    result = slaps.device.capture(slaps.request(RIGHT_FOUR), mailbox, patience())
    assert len(result.samples) == 3
    assert len(result.faults) == 1
    assert result.faults[0].position not in {s.position for s in result.samples}


def test_exceptions_are_left_out(multiple, mailbox, patience):
    first, *others = multiple.steps[0]
    request = multiple.request(multiple.steps[0], exceptions=(first,))
    result = multiple.device.capture(request, mailbox, patience())
    assert {s.position for s in result.samples} == set(others)
    assert not result.faults


def test_one_position_is_captured_again(multiple, mailbox, patience):
    wanted: Position = multiple.steps[0][1]
    result = multiple.device.capture(multiple.request((wanted,)), mailbox, patience())
    assert wanted in {s.position for s in result.samples}
