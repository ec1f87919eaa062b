"""The drivers that are shipped against the simulated devices: two readings of the same protocols must agree."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import pytest
from support.tries import some_of

from drivers.simulators.bench import SimulatedKit
from drivers.simulators.sbi.server import PORTS
from drivers.simulators.stage import Fault
from drivers.simulators.subject import BLUE, Condition, SyntheticSubject
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Modality, Position
from fieldkit.formats.iris import decode_iris_record
from fieldkit.ports.devices import (
    CaptureRequest,
    CaptureResult,
    DeviceKind,
    ProtocolError,
    Registry,
    TimedOutError,
    TransportBrokenError,
)

WORN, BANDAGED = Position.LEFT_RING, Position.LEFT_THUMB


class Clock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class Never:
    def is_cancelled(self) -> bool:
        return False


class Mailbox:
    def __init__(self) -> None:
        self.count = 0

    def offer(self, jpeg: bytes) -> None:
        self.count += jpeg.startswith(b"\xff\xd8")

    def offer_signature(self, signature: object) -> None:
        self.count += 1


@pytest.fixture(scope="module")
def kit() -> Iterator[SimulatedKit]:
    with SimulatedKit(face_ports=PORTS, infrared_ports=(0,)) as kit:
        yield kit


@pytest.fixture
def registry(kit: SimulatedKit) -> Iterator[Registry]:
    marks = dict.fromkeys(FINGERS, Condition.GOOD) | {WORN: Condition.WORN, BANDAGED: Condition.BANDAGED}
    kit.present(SyntheticSubject(3, conditions=marks), BLUE)
    given = {
        "sbi": kit.addresses.sbi_urls[:2],
        "opencv": (kit.addresses.camera_url,),
        "topaz": (f"{kit.addresses.topaz_tty}#siglite-1x5",),
    }
    addresses = Addresses(given=given, only_given=frozenset(given))
    devices = connect_devices(kit.addresses.trust_pem, Clock(), addresses)
    devices.registry.scan()
    yield devices.registry
    devices.close()


def capture(
    registry: Registry, kind: DeviceKind, modality: Modality, positions: tuple[Position, ...], **more: object
) -> CaptureResult:
    device = registry.device_for(kind)
    device.open(Never())
    request = CaptureRequest(uuid.uuid4().hex, Clock().now(), modality, positions, **more)
    return device.capture(request, Mailbox(), Never())


@pytest.mark.days
def test_a_whole_person_in_one_chain(registry: Registry) -> None:
    scores, chain = {}, ""
    for kind, modality, positions, exceptions in (
        (DeviceKind.FINGERPRINT, Modality.FINGER, RIGHT_FOUR, ()),
        (DeviceKind.FINGERPRINT, Modality.FINGER, LEFT_FOUR, ()),
        (DeviceKind.FINGERPRINT, Modality.FINGER, THUMBS[:1], (BANDAGED,)),
        (DeviceKind.IRIS, Modality.IRIS, EYES, ()),
    ):
        result = capture(registry, kind, modality, positions, exceptions=exceptions, previous_hash=chain)
        scores |= {sample.position: sample.quality.value for sample in result.samples}
        chain = result.last_hash
        assert not result.faults
    assert len(scores) == 11
    assert scores[WORN] < 40
    assert all(score >= 60 for position, score in scores.items() if position is not WORN)


def test_a_bandaged_finger_is_a_fault_of_its_own(registry: Registry) -> None:
    result = capture(registry, DeviceKind.FINGERPRINT, Modality.FINGER, THUMBS)
    assert [sample.position for sample in result.samples] == [Position.RIGHT_THUMB]
    assert [fault.position for fault in result.faults] == [BANDAGED]


@pytest.mark.days
def test_portrait_and_signature(registry: Registry, kit: SimulatedKit) -> None:
    result = capture(registry, DeviceKind.CAMERA, Modality.FACE, (Position.PORTRAIT,))
    assert result.samples[0].quality.value >= 60
    pad = registry.device_for(DeviceKind.SIGNATURE_PAD)
    pad.open(Never())
    for _ in range(2):
        signature = pad.sign(Mailbox(), Never(), 600, 5000)
        assert [len(stroke) for stroke in signature.strokes] == [
            len(stroke) for stroke in kit.stage.subject.signature().strokes
        ]


@pytest.mark.days
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.WRONG_SIGNATURE, ProtocolError),
        (Fault.BROKEN_CHAIN, ProtocolError),
        (Fault.WRONG_TRANSACTION, ProtocolError),
        (Fault.HANG, TimedOutError),
        (Fault.UNPLUG, TransportBrokenError),
    ],
)
def test_tampered_and_broken_answers_are_refused(
    registry: Registry, kit: SimulatedKit, fault: Fault, error: type[Exception]
) -> None:
    kit.arm(fault)
    with pytest.raises(error):
        capture(registry, DeviceKind.FINGERPRINT, Modality.FINGER, RIGHT_FOUR, timeout_ms=500)
    kit.plug("finger")
    assert len(capture(registry, DeviceKind.FINGERPRINT, Modality.FINGER, RIGHT_FOUR).samples) == 4


@pytest.mark.days
def test_three_of_four_fingers_are_noticed(registry: Registry, kit: SimulatedKit) -> None:
    kit.arm(Fault.THREE_OF_FOUR)
    result = capture(registry, DeviceKind.FINGERPRINT, Modality.FINGER, RIGHT_FOUR)
    assert len(result.samples) == 3
    assert [fault.position for fault in result.faults] == [Position.RIGHT_LITTLE]


@pytest.mark.days
@pytest.mark.parametrize(("condition", "closed"), some_of([(Condition.BANDAGED, EYES[:1]), (Condition.GOOD, ())], 1))
def test_an_infrared_camera_gives_both_irises(kit: SimulatedKit, condition: Condition, closed: tuple) -> None:
    kit.present(SyntheticSubject(8, conditions={EYES[0]: condition}))
    given = {"opencv": (f"ir:{kit.addresses.infrared_url}",)}
    addresses = Addresses(given=given, only_given=frozenset({"opencv", "sbi", "gphoto"}))
    devices = connect_devices(kit.addresses.trust_pem, Clock(), addresses, is_watching=False)
    try:
        result = capture(devices.registry, DeviceKind.IRIS, Modality.IRIS, EYES, timeout_ms=4000)
    finally:
        devices.close()
    assert [sample.position for sample in result.samples] == [p for p in EYES if p not in closed]
    assert [fault.position for fault in result.faults] == list(closed)
    for sample in result.samples:
        assert sample.quality.value >= 60
        record = decode_iris_record(sample.data)
        assert record.position is sample.position
        assert record.width > 280
