from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.cards import Tray

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, THUMBS, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerTemplate,
    NothingPresentedError,
    PreviewSink,
    Signature,
    StrokeSink,
    TimedOutError,
    TransportBrokenError,
)
from fieldkit.services.devices.self_test import DeviceVerdict, SelfTest

NEVER = type("Never", (), {"is_cancelled": lambda self: False})()
READY = DeviceStatus("uji", "here", DeviceKind.FINGERPRINT, DeviceState.READY)


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


class Ids:
    def new(self) -> str:
        return "id-0001"


class Plain:
    """A device whose every act the test may make fail; `told` is what it was asked."""

    capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_preview=True)

    def __init__(self, **fails: DeviceError) -> None:
        self.fails = fails
        self.told: list[str] = []
        self.identity = DeviceIdentity("Uji", "Satu", "SN-1")

    def _do(self, name: str) -> None:
        self.told.append(name)
        if name in self.fails:
            raise self.fails[name]

    def open(self, cancel: Cancel) -> None:
        self._do("open")

    def health(self) -> DeviceState:
        return DeviceState.READY

    def close(self) -> None:
        self._do("close")


class Scanner(Plain):
    def __init__(self, frames: Sequence[bytes] = (b"\xff\xd8",), **fails: DeviceError) -> None:
        super().__init__(**fails)
        self.frames = frames
        self.requests: list[CaptureRequest] = []

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        self._do("stream")
        for frame in self.frames:
            preview.offer(frame)
        while not cancel.is_cancelled():
            pass

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        self.requests.append(request)
        self._do("capture")
        return CaptureResult(())


class Pad(Plain):
    capabilities = Capabilities(DeviceKind.SIGNATURE_PAD)

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        self._do("sign")
        return Signature((), 1, 1)


class Discreet(Scanner):
    """A reader that compares inside and gives no pictures."""

    capabilities = Capabilities(DeviceKind.FINGERPRINT, may_enrol=False)
    template_kind = "uji"

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        self._do("learn")
        return FingerTemplate("uji", b"template")

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        return True


class Repository:
    def __init__(self, device: object) -> None:
        self._device = device

    def device(self, status: DeviceStatus) -> object:
        return self._device


def tried(device: object, status: DeviceStatus = READY, cancel: Cancel = NEVER):
    ticks = itertools.count(step=0.25)
    return SelfTest(Repository(device), Clock(), Ids(), lambda: next(ticks)).run(status, cancel)


def test_a_device_is_opened_looked_through_captured_from_and_closed() -> None:
    scanner = Scanner()
    verdict = tried(scanner)
    assert scanner.told == ["open", "stream", "capture", "close"]
    assert (verdict.is_ok, verdict.detail, verdict.status) == (True, None, READY)
    assert verdict.ms == 500  # the stream ends with its first frame
    (request,) = scanner.requests
    assert (request.positions, request.previous_hash) == (RIGHT_FOUR, "")


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        (FINGERS, RIGHT_FOUR),
        (THUMBS, THUMBS),
        (RIGHT_FOUR[:3], RIGHT_FOUR[:1]),
        (EYES, EYES),
    ],
)
def test_a_device_is_asked_for_the_first_step_that_it_serves_whole(
    offered: tuple[Position, ...], asked: tuple[Position, ...]
) -> None:
    scanner = Scanner()
    scanner.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(offered), may_preview=True)
    tried(scanner)
    assert scanner.requests[0].positions == asked


def test_a_pad_is_signed_on_and_a_reader_waits_for_a_card() -> None:
    pad = Pad()
    assert tried(pad, replace(READY, state=DeviceState.BUSY)).is_ok
    assert pad.told == ["open", "sign", "close"]
    other = Plain()
    assert tried(other).is_ok
    assert other.told == ["open", "close"]
    assert tried(Tray()) == DeviceVerdict(READY, True, 250, Problem("device.test.nobody"))


@pytest.mark.parametrize("act", ["open", "stream", "capture", "close"])
def test_whatever_breaks_is_the_verdict_and_the_device_is_closed(act: str) -> None:
    scanner = Scanner(**{act: TransportBrokenError("device.transport_broken", address="here")})
    verdict = tried(scanner)
    assert not verdict.is_ok
    assert (verdict.detail.code, verdict.detail.params) == ("device.transport_broken", {"address": "here"})
    assert scanner.told[-1] == "close"


def test_nobody_there_is_no_fault_of_the_device() -> None:
    for nobody in (NothingPresentedError("device.nothing"), TimedOutError("device.sbi.701", number=701)):
        verdict = tried(Scanner(capture=nobody))
        assert (verdict.is_ok, verdict.detail) == (True, Problem("device.test.nobody"))
    assert not tried(Scanner(capture=TimedOutError("device.timed_out", address="here"))).is_ok


def test_a_device_without_picture_or_name_fails() -> None:
    for frames in ((), (b"",)):
        verdict = tried(Scanner(frames=frames))
        assert (verdict.is_ok, verdict.detail.code) == (False, "device.test.no_picture")
        assert verdict.ms == 4_500  # the stream of four seconds between two looks at the clock
    assert tried(Scanner(frames=(b"\xff\xd8", b""))).is_ok
    for who in (("", "Satu", "SN-1"), ("Uji", "", "SN-1"), ("Uji", "Satu", "")):
        nameless = Scanner()
        nameless.identity = DeviceIdentity(*who)
        assert tried(nameless).detail == Problem("device.test.nameless")
        assert nameless.told == ["open", "close"]


def test_what_is_not_there_is_not_touched() -> None:
    scanner = Scanner()
    away = DeviceStatus("uji", "x", DeviceKind.IRIS, DeviceState.ABSENT, None, "device.not_connected", {"address": "x"})
    verdict = tried(scanner, away)
    assert (verdict.is_ok, verdict.ms, verdict.detail.code) == (False, 0, "device.not_connected")
    unsaid = DeviceStatus("uji", "x", DeviceKind.IRIS, DeviceState.NOT_READY)
    assert tried(scanner, unsaid).detail == Problem("device.test.not_usable")
    assert scanner.told == []


def test_a_module_for_verification_gives_one_finger() -> None:
    module = Scanner()
    module.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_enrol=False)
    assert tried(module).is_ok
    assert module.told == ["open", "capture", "close"]
    assert module.requests[0].positions == (Position.RIGHT_THUMB,)


def test_a_reader_that_gives_no_pictures_learns_a_finger() -> None:
    reader = Discreet()
    assert tried(reader).detail is None
    assert reader.told == ["open", "learn", "close"]
    shown = Discreet()  # one that compares, and gives pictures all the same
    shown.capabilities = Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_enrol=False)
    assert tried(shown).is_ok
    assert shown.told == ["open", "capture", "close"]
    nobody = Discreet(learn=NothingPresentedError("device.no_finger"))
    assert (tried(nobody).is_ok, tried(nobody).detail) == (True, Problem("device.test.nobody"))


def test_giving_up_is_said_as_such() -> None:
    class Impatient:
        def is_cancelled(self) -> bool:
            return True

    for frames in ((b"\xff\xd8",), ()):  # whoever gives up early misses no picture
        scanner = Scanner(frames, capture=NothingPresentedError("device.cancelled"))
        verdict = tried(scanner, cancel=Impatient())
        assert (verdict.is_ok, verdict.detail.code, verdict.ms) == (False, "device.cancelled", 500)
