from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from support.clock import HandClock
from support.kept import CountedIds
from support.recording import TakesAll
from support.samples import captured

from fieldkit.domain.recording.capture_policy import CapturePolicy
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    PreviewSink,
    SampleFault,
    TransportBrokenError,
)
from fieldkit.services.devices.capture_alone import CaptureAlone, CapturedAlone

INDEX, MIDDLE, RING, LITTLE = RIGHT_FOUR
SCANNER, WHO = Capabilities(DeviceKind.FINGERPRINT), DeviceIdentity("Acme", "Turns", "SN-1")


@dataclass
class Turns:
    """A device whose answers the test has written down; after the last it gives what is asked, well."""

    answers: list[CaptureResult | Exception] = field(default_factory=list)
    asked: list[CaptureRequest] = field(default_factory=list)
    opened: int = 0
    capabilities: Capabilities = SCANNER
    identity: DeviceIdentity = WHO

    def open(self, cancel: Cancel) -> None:
        self.opened += 1

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.asked.append(request)
        number = len(self.asked)
        answer = (
            self.answers.pop(0) if self.answers else captured(dict.fromkeys(request.positions, 80), number, "F" * 64)
        )
        if isinstance(answer, Exception):
            raise answer
        return answer


class Nobody:
    def offer(self, jpeg: bytes) -> None: ...

    def is_cancelled(self) -> bool:
        return False


def run(
    device: Turns,
    wanted: tuple[Position, ...],
    exceptions: tuple[Position, ...] = (),
    modality: Modality = Modality.FINGER,
    previous: str = "",
) -> CapturedAlone:
    alone = CaptureAlone(device, TakesAll(), CapturePolicy("uji"), HandClock(), CountedIds())  # type: ignore[arg-type]  # half a device
    return alone.run(modality, wanted, exceptions, previous, Nobody(), Nobody())


def test_a_reader_for_verification_only_gives_one_finger_at_a_time() -> None:
    device = Turns(capabilities=Capabilities(DeviceKind.FINGERPRINT, may_enrol=False))
    with pytest.raises(DeviceError) as caught:
        run(device, FINGERS)
    assert caught.value.code == "device.not_for_enrolment"
    assert device.opened == 0
    assert len(run(device, (INDEX,)).samples) == 1


def test_what_is_broken_is_asked_for_again() -> None:
    class RefusesFirst(TakesAll):
        seen = 0

        def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
            self.seen += 1
            if self.seen > 1:
                return result
            return CaptureResult((), tuple(SampleFault(s.position, "sample.broken", s) for s in result.samples), "A")

    device = Turns()
    alone = CaptureAlone(device, RefusesFirst(), CapturePolicy("uji"), HandClock(), CountedIds())  # type: ignore[arg-type]
    got = alone.run(Modality.FINGER, (INDEX,), (), "", Nobody(), Nobody())
    assert ([s.position for s in got.samples], got.captures, got.faults) == ([INDEX], 2, ())


def test_ten_fingers_are_three_slaps() -> None:
    device = Turns()
    got = run(device, FINGERS)
    assert [request.positions for request in device.asked] == [RIGHT_FOUR, LEFT_FOUR, THUMBS]
    assert [s.position for s in got.samples] == list(FINGERS)
    assert (got.faults, got.captures, got.last_hash, device.opened) == ((), 3, "F" * 64, 1)


def test_what_the_subject_lacks_is_told_to_the_device() -> None:
    device = Turns()
    run(device, FINGERS, (RING, *THUMBS))
    assert [(request.positions, request.exceptions) for request in device.asked] == [
        ((INDEX, MIDDLE, LITTLE), (RING,)),
        (LEFT_FOUR, ()),
    ]


def test_a_poor_finger_is_taken_again_and_the_best_is_kept() -> None:
    device = Turns(
        [
            captured({INDEX: 90, MIDDLE: 39, RING: 50, LITTLE: 50}, 1, "A" * 64),
            captured({INDEX: 70, MIDDLE: 55, RING: 45, LITTLE: 80}, 2, "B" * 64),
        ]
    )
    got = run(device, RIGHT_FOUR)
    assert {s.position: s.quality.value for s in got.samples} == {INDEX: 90, MIDDLE: 55, RING: 50, LITTLE: 80}
    assert (got.captures, got.last_hash, got.poor) == (2, "B" * 64, ())


def test_of_two_that_are_as_good_the_first_is_kept() -> None:
    first, *others = (captured({INDEX: 30}, turn) for turn in range(1, 5))
    assert run(Turns([first, *others]), (INDEX,)).samples == first.samples


def test_the_chain_goes_on_from_what_came_before() -> None:
    device = Turns([captured({INDEX: 10}, 1, "A" * 64), captured({INDEX: 20}, 2, "")])
    got = run(device, (INDEX,), previous="0" * 64)
    assert [request.previous_hash for request in device.asked] == ["0" * 64, "A" * 64, "A" * 64]
    assert got.last_hash == "F" * 64


def test_attempts_end_and_the_poor_best_still_comes() -> None:
    device = Turns([captured({INDEX: score}, turn) for turn, score in enumerate((10, 30, 20, 25), 1)])
    got = run(device, (INDEX,))
    assert (got.captures, [s.quality.value for s in got.samples], got.faults) == (4, [30], ())
    assert got.poor == (INDEX,)


def test_what_never_came_is_missing_with_the_reason_that_the_device_gave() -> None:
    fault = SampleFault(RING, "device.sbi.730")
    device = Turns([captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80), faults=[fault]) for _ in range(4)])
    assert run(device, RIGHT_FOUR).faults == (fault,)
    assert run(Turns([captured({INDEX: 80}, faults=[fault])]), (INDEX,)).faults == ()  # nobody asked for that one


def test_what_a_device_passes_over_in_silence_is_missing_too() -> None:
    device = Turns([captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80)) for _ in range(4)])
    assert run(device, RIGHT_FOUR).faults == (SampleFault(RING, "device.not_seen"),)


def test_what_came_in_the_end_is_not_missing() -> None:
    device = Turns([captured({EYES[0]: 80}, faults=[SampleFault(EYES[1], "device.sbi.730")])])
    got = run(device, EYES, modality=Modality.IRIS)
    assert ([s.position for s in got.samples], got.faults, got.captures) == (list(EYES), (), 2)


def test_a_position_nobody_asked_for_is_left_out() -> None:
    device = Turns([captured(dict.fromkeys(RIGHT_FOUR, 80))])
    assert [s.position for s in run(device, (INDEX,)).samples] == [INDEX]


def test_a_broken_wire_is_an_error() -> None:
    with pytest.raises(TransportBrokenError):
        run(Turns([TransportBrokenError("device.gone")]), FINGERS)


def test_what_was_taken_before_the_wire_broke_is_kept() -> None:
    device = Turns([captured(dict.fromkeys(RIGHT_FOUR, 80)), TransportBrokenError("device.transport_broken")])
    got = run(device, FINGERS, (THUMBS[0],))
    assert [s.position for s in got.samples] == list(RIGHT_FOUR)
    assert got.stopped_by is not None
    assert got.stopped_by.code == "device.transport_broken"
    assert {f.position for f in got.faults} == {*LEFT_FOUR, THUMBS[1]}
    assert len(device.asked) == 2


def test_what_the_device_said_before_stays_the_reason() -> None:
    poor = captured(dict.fromkeys((INDEX, MIDDLE, LITTLE), 80), faults=[SampleFault(RING, "device.sbi.730")])
    got = run(Turns([poor, TransportBrokenError("device.transport_broken")]), RIGHT_FOUR)
    assert got.faults == (SampleFault(RING, "device.sbi.730"),)
