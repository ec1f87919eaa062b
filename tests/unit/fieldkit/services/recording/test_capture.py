from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from support.kept import biodata
from support.recording import TakesAll
from support.room import Room
from support.samples import INK, captured

from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.biodata import Background, Citizenship
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, THUMBS, ExceptionReason, Position
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    Device,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    LiveScore,
    NotConnectedError,
    NothingPresentedError,
    PenPoint,
    PreviewSink,
    Signature,
    StrokeSink,
)
from fieldkit.quality.inspection import score_signature
from fieldkit.services.recording.capture import LOOK_AGAIN_MS, SETTLED_FRAMES, SIGN_IDLE_MS, SIGN_TIMEOUT_MS, Capture


@dataclass
class ScriptedDevice:
    """A device that notes what it was asked and gives a good sample of each position."""

    kind: DeviceKind
    asked: list[CaptureRequest] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    @property
    def identity(self) -> DeviceIdentity:
        return DeviceIdentity("Acme", self.kind.value, "SN-1")

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self.kind)

    def open(self, cancel: Cancel) -> None:
        self.units.append("open")

    def health(self) -> DeviceState:
        return DeviceState.READY

    def close(self) -> None: ...

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        self.units.append(f"stream {' '.join(positions)}")

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.asked.append(request)
        return captured(dict.fromkeys(request.positions, 80), last_hash="A" * 64)


@dataclass
class VerifyingModule(ScriptedDevice):
    """A device that may not enrol."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self.kind, may_enrol=False)


@dataclass
class ScriptedPad(ScriptedDevice):
    ink: Signature = INK

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        self.units.append(f"sign {idle_ms} {timeout_ms}")
        return self.ink


class Devices:
    """A registry of scripted devices."""

    def __init__(self) -> None:
        self.of: dict[DeviceKind, Device] = {kind: ScriptedDevice(kind) for kind in DeviceKind}
        self.of[DeviceKind.SIGNATURE_PAD] = ScriptedPad(DeviceKind.SIGNATURE_PAD)

    def scan(self) -> Sequence[DeviceStatus]:
        return ()

    def statuses(self) -> Iterator[DeviceStatus]:
        return iter([DeviceStatus("acme", "", kind, DeviceState.READY) for kind in self.of])

    def device(self, status: DeviceStatus) -> Device:
        return self.of[status.kind]

    def device_for(self, kind: DeviceKind) -> Device:
        if kind not in self.of:
            raise NotConnectedError(f"device.none.{kind}", address="")
        return self.of[kind]


class Judge:
    """Judges nothing, but knows which colour is expected."""

    expected: Background | None = None
    may_be_shut = False

    def score(self, jpeg: bytes) -> LiveScore:
        return LiveScore(0)


class Nobody:
    def offer(self, jpeg: bytes) -> None: ...

    def offer_signature(self, signature: Signature) -> None: ...

    def is_cancelled(self) -> bool:
        return False


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def capture(room: Room, devices: Devices, judge: Judge) -> Capture:
    return Capture(devices, judge, TakesAll(), StrokeCodec(score_signature), room.clock, room.ids)


def asked_of(devices: Devices, kind: DeviceKind) -> list[CaptureRequest]:
    device = devices.of[kind]
    assert isinstance(device, ScriptedDevice)
    return device.asked


@pytest.mark.parametrize(
    ("step", "kind", "positions"),
    [
        (StepKind.LEFT_FOUR, DeviceKind.FINGERPRINT, LEFT_FOUR),
        (StepKind.THUMBS, DeviceKind.FINGERPRINT, THUMBS),
        (StepKind.IRIS, DeviceKind.IRIS, EYES),
        (StepKind.PHOTO, DeviceKind.CAMERA, (Position.PORTRAIT,)),
    ],
)
def test_each_step_asks_its_device(
    room: Room,
    capture: Capture,
    devices: Devices,
    step: StepKind,
    kind: DeviceKind,
    positions: tuple[Position, ...],
) -> None:
    got = capture.take(room.begin(), step, Nobody(), Nobody(), timeout_ms=7_000)
    (request,) = asked_of(devices, kind)
    assert (got.step, got.asked, got.device) == (step, positions, f"Acme {kind.value} SN-1")
    assert (request.positions, request.exceptions, request.timeout_ms) == (positions, (), 7_000)
    assert request.threshold == 60


def test_exceptions_and_the_chain_go_along(room: Room, capture: Capture, devices: Devices) -> None:
    session = room.capture(room.begin(), StepKind.IRIS, turn=5)
    session = room.recording.mark_exceptions(
        session.session_id, StepKind.THUMBS, THUMBS[:1], ExceptionReason.BANDAGED, "Pak RT"
    )
    capture.take(session, StepKind.THUMBS, Nobody(), Nobody())
    (request,) = asked_of(devices, DeviceKind.FINGERPRINT)
    assert (request.positions, request.exceptions) == (THUMBS[1:], THUMBS[:1])
    (attempt,) = session.step(StepKind.IRIS).attempts
    assert request.previous_hash == session.device_hash == attempt.samples[-1].chain_hash


def test_each_capture_is_a_transaction_of_its_own(room: Room, capture: Capture, devices: Devices) -> None:
    session = room.begin()
    for _ in range(2):
        capture.take(session, StepKind.IRIS, Nobody(), Nobody())
    first, second = asked_of(devices, DeviceKind.IRIS)
    assert first.transaction_id != second.transaction_id
    assert all(each.transaction_id.startswith(f"{session.session_id}-") for each in (first, second))
    assert all(len(each.transaction_id) <= 50 for each in (first, second))


def test_when_everything_is_excepted_no_device_is_asked(room: Room, capture: Capture, devices: Devices) -> None:
    session = room.begin()
    session = room.recording.mark_exceptions(session.session_id, StepKind.IRIS, EYES, ExceptionReason.BLIND, "Pak RT")
    with pytest.raises(KnownError) as caught:
        capture.take(session, StepKind.IRIS, Nobody(), Nobody())
    assert caught.value.code == "session.nothing_wanted"
    assert asked_of(devices, DeviceKind.IRIS) == []


def test_a_missing_device_is_an_error_with_a_remedy(room: Room, capture: Capture, devices: Devices) -> None:
    del devices.of[DeviceKind.CAMERA]
    with pytest.raises(NotConnectedError):
        capture.take(room.begin(), StepKind.PHOTO, Nobody(), Nobody())
    with pytest.raises(NotConnectedError):
        capture.wake(StepKind.PHOTO, Nobody())


def test_a_reader_for_verification_only_records_nobody_but_gives_a_probe(
    room: Room, capture: Capture, devices: Devices
) -> None:
    module = VerifyingModule(DeviceKind.FINGERPRINT)
    devices.of[DeviceKind.FINGERPRINT] = module
    session = room.begin()
    for act in (
        lambda: capture.wake(StepKind.THUMBS, Nobody()),
        lambda: capture.preview(session, StepKind.THUMBS, Nobody(), Nobody()),
        lambda: capture.take(session, StepKind.THUMBS, Nobody(), Nobody()),
    ):
        with pytest.raises(DeviceError) as caught:
            act()
        assert caught.value.code == "device.not_for_enrolment"
    assert (module.asked, module.units) == ([], [])
    result = capture.probe(Position.RIGHT_INDEX, Nobody(), Nobody())
    assert [s.position for s in result.samples] == [Position.RIGHT_INDEX]
    assert (module.asked[0].positions, module.asked[0].previous_hash) == ((Position.RIGHT_INDEX,), "")
    assert module.units == ["open"]


def test_waking_opens_the_device(capture: Capture, devices: Devices) -> None:
    capture.wake(StepKind.THUMBS, Nobody())
    device = devices.of[DeviceKind.FINGERPRINT]
    assert isinstance(device, ScriptedDevice)
    assert device.units == ["open"]


def test_the_preview_is_of_the_positions_of_the_step(room: Room, capture: Capture, devices: Devices) -> None:
    capture.preview(room.begin(), StepKind.THUMBS, Nobody(), Nobody())
    device = devices.of[DeviceKind.FINGERPRINT]
    assert isinstance(device, ScriptedDevice)
    assert device.units == ["open", "stream RIGHT_THUMB LEFT_THUMB"]


class Frames:
    """A preview that remembers."""

    def __init__(self) -> None:
        self.offered: list[bytes] = []

    def offer(self, jpeg: bytes) -> None:
        self.offered.append(jpeg)


@dataclass
class Camera(ScriptedDevice):
    """A camera whose picture changes from frame to frame, until somebody has seen enough."""

    given: int = 0
    is_dark: bool = False

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        while not cancel.is_cancelled():
            self.given += 1
            preview.offer(b"" if self.is_dark else b"frame %d" % self.given)


def test_a_photo_waits_until_the_camera_has_settled(capture: Capture, devices: Devices) -> None:
    camera = devices.of[DeviceKind.CAMERA] = Camera(DeviceKind.CAMERA)
    assert capture.photograph(Nobody()) == b"frame %d" % SETTLED_FRAMES
    assert (camera.units, camera.asked) == (["open"], [])
    frames, wishes = Frames(), iter([False, False, True])
    assert capture.photograph(Nobody(), frames, lambda: next(wishes)) == frames.offered[-1]
    assert len(frames.offered) == SETTLED_FRAMES + 2, "it is shown until somebody wants it"
    camera.is_dark = True
    with pytest.raises(NothingPresentedError, match=r"sarpras\.no_frame"):
        capture.photograph(Nobody())


def test_the_judge_of_portraits_learns_which_colour_the_subject_needs(
    room: Room, capture: Capture, judge: Judge
) -> None:
    session = room.begin()
    capture.take(session, StepKind.PHOTO, Nobody(), Nobody())
    assert judge.expected == Background.RED  # born 1979
    foreigner = replace(session, biodata=replace(biodata(), citizenship=Citizenship.WNA))
    capture.preview(foreigner, StepKind.PHOTO, Nobody(), Nobody())
    assert judge.expected == Background.ORANGE
    capture.take(replace(session, biodata=None), StepKind.PHOTO, Nobody(), Nobody())
    assert judge.expected is None


def test_a_signature_comes_as_a_sample(capture: Capture, devices: Devices) -> None:
    got = capture.sign(StepKind.CONFIRMATION, Nobody(), Nobody())
    (drawn,) = got.result.samples
    assert (got.step, got.asked, drawn.position) == (
        StepKind.CONFIRMATION,
        (Position.SIGNATURE,),
        Position.SIGNATURE,
    )
    assert StrokeCodec(score_signature).from_sample(drawn) == INK
    pad = devices.of[DeviceKind.SIGNATURE_PAD]
    assert isinstance(pad, ScriptedPad)
    assert pad.units == ["open", f"sign {SIGN_IDLE_MS} {SIGN_TIMEOUT_MS}"]


class Screen(ScriptedPad):
    """A field of the screen that waits in vain until somebody comes."""

    def __init__(self, *rounds: Callable[[], None]) -> None:
        super().__init__(DeviceKind.SIGNATURE_PAD)
        self.rounds = list(rounds)

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        super().sign(preview, cancel, idle_ms, timeout_ms)
        if self.rounds:
            self.rounds.pop(0)()
            raise NothingPresentedError("device.no_ink")
        return INK


class Leaving(Nobody):
    has_left = False

    def is_cancelled(self) -> bool:
        return self.has_left


def test_the_screen_stands_in_for_a_pad_that_is_away(capture: Capture, devices: Devices) -> None:
    screen = Screen(lambda: None)
    assert capture.sign(StepKind.SIGNATURE, Nobody(), Nobody(), screen).device.startswith("Acme signature_pad")
    assert screen.units == []
    devices.of.pop(DeviceKind.SIGNATURE_PAD)
    capture.wake(StepKind.SIGNATURE, Nobody(), screen)
    assert capture.sign(StepKind.SIGNATURE, Nobody(), Nobody(), screen).result.samples
    assert screen.units == ["open", "open", *[f"sign {SIGN_IDLE_MS} {LOOK_AGAIN_MS}"] * 2]
    with pytest.raises(NotConnectedError):
        capture.wake(StepKind.SIGNATURE, Nobody())
    with pytest.raises(NotConnectedError):
        capture.sign(StepKind.SIGNATURE, Nobody(), Nobody())


def test_a_pad_that_is_plugged_in_takes_over(capture: Capture, devices: Devices) -> None:
    pad = devices.of.pop(DeviceKind.SIGNATURE_PAD)
    screen = Screen(lambda: None, lambda: devices.of.update({DeviceKind.SIGNATURE_PAD: pad}))
    capture.sign(StepKind.SIGNATURE, Nobody(), Nobody(), screen)
    assert len(screen.units) == 3
    assert isinstance(pad, ScriptedPad)
    assert pad.units[-1] == f"sign {SIGN_IDLE_MS} {SIGN_TIMEOUT_MS}"


def test_leaving_the_screen_ends_the_waiting(capture: Capture, devices: Devices) -> None:
    devices.of.pop(DeviceKind.SIGNATURE_PAD)
    leaving = Leaving()
    with pytest.raises(NothingPresentedError):
        capture.sign(StepKind.SIGNATURE, Nobody(), leaving, Screen(lambda: setattr(leaving, "has_left", True)))
    with pytest.raises(NotConnectedError):
        capture.wake(StepKind.SIGNATURE, leaving, Screen())


def test_whoever_chooses_the_screen_signs_there(capture: Capture, devices: Devices) -> None:
    screen = Screen()
    capture.sign_on(screen, StepKind.SIGNATURE, Nobody(), Nobody())
    assert screen.units == ["open", f"sign {SIGN_IDLE_MS} {SIGN_TIMEOUT_MS}"]
    assert devices.of[DeviceKind.SIGNATURE_PAD].units == []


def test_a_line_is_a_good_signature(capture: Capture, devices: Devices) -> None:
    line = tuple(PenPoint(10_000 + 1_000 * mm, 20_000, 1.0, 10 * mm) for mm in range(16))
    devices.of[DeviceKind.SIGNATURE_PAD] = ScriptedPad(DeviceKind.SIGNATURE_PAD, ink=Signature((line,), 90_000, 40_000))
    (sample,) = capture.sign(StepKind.SIGNATURE, Nobody(), Nobody()).result.samples
    assert sample.quality.value >= 60


def test_a_pad_that_is_listed_and_not_ready_is_not_waited_for(capture: Capture, devices: Devices) -> None:
    devices.of.pop(DeviceKind.SIGNATURE_PAD)
    away = DeviceStatus("acme", "", DeviceKind.SIGNATURE_PAD, DeviceState.ABSENT)
    devices.statuses = lambda: iter([away, DeviceStatus("acme", "", DeviceKind.IRIS, DeviceState.READY)])  # type: ignore[method-assign]
    screen = Screen(lambda: None, lambda: None)
    assert capture.sign(StepKind.SIGNATURE, Nobody(), Nobody(), screen).result.samples
    assert screen.units.count("open") == 1, "the screen goes on as it was"


def test_an_empty_frame_takes_no_picture_away(capture: Capture, devices: Devices) -> None:
    class Flickers(Camera):
        def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
            preview.offer(b"frame")
            while not cancel.is_cancelled():
                preview.offer(b"")

    devices.of[DeviceKind.CAMERA] = Flickers(DeviceKind.CAMERA)
    assert capture.photograph(Nobody()) == b"frame"
