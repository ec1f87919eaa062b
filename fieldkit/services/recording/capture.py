"""Ask the right device for the right positions. Runs on the device's executor, never in a transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.recording.biodata import background_for
from fieldkit.domain.recording.capture import CAPTURED_AT, Sample, StepKind
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    CaptureResult,
    Device,
    DeviceError,
    DeviceKind,
    DeviceState,
    FrameScorer,
    IrisScorer,
    LiveScore,
    NothingPresentedError,
    PortraitScorer,
    PreviewSink,
    Registry,
    SignaturePad,
    StrokeSink,
)
from fieldkit.ports.recording import (
    FingerSeen,
    Hand,
    LiveJudges,
    MarkSink,
    SampleInspector,
    SignatureCodec,
    SlapFinder,
    SlapSeen,
)

# Watches live frames on their way to the screen: what they show is told, and when everything rests it is captured.

REST_S = 0.5
STRAYS = 15  # thousandths of the picture by which a finger at rest may move
STEADY_LOOKS = 2  # at a face or at eyes, one after the other
HOLD_S = 0.8  # a reason can be read before the next one takes its place

Look = Callable[[bytes], bool]  # at a frame; tells whether anybody is in it


@dataclass(frozen=True, slots=True)
class Pace:
    """How often frames are looked at: a share of the time, not before `every_s`, or `empty_s` when nobody is there."""

    share: float
    every_s: float = 0.0
    empty_s: float = 0.0

    def rest_s(self, took_s: float, *, is_empty: bool) -> float:
        """Return how long to rest after a look that took so long."""
        least = (self.empty_s if is_empty else self.every_s) - took_s
        return max(least, took_s * (1 - self.share) / self.share)


FACES = Pace(0.1, every_s=0.2, empty_s=0.5)  # a person moves slowly, and the laptop runs on its battery
EYES = Pace(0.7)


class Rest:
    """Knows when the wanted number of fingers rests; says so once, and again only after they were lifted."""

    def __init__(
        self,
        wanted: int,
        *,
        must_lift: bool = False,
        other: Hand = Hand.UNKNOWN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`must_lift`: what lies there already was captured. `other` is the hand that is not asked for."""
        self._wanted, self._is_spent, self._other, self._monotonic = wanted, must_lift, other, monotonic
        self._since = 0.0
        self._at: tuple[tuple[float, float], ...] = ()

    def is_reached(self, seen: SlapSeen) -> bool:
        """Return whether with this frame the fingers have rested long enough."""
        is_other = self._other is not Hand.UNKNOWN and seen.hand is self._other
        if seen.count != self._wanted or is_other:
            self._is_spent = self._is_spent and seen.count >= self._wanted
            self._at = ()
            return False
        at = tuple((finger.left + finger.width / 2, finger.top + finger.height / 2) for finger in seen.fingers)
        if (
            not at
            or len(at) != len(self._at)
            or any(abs(x - x0) > STRAYS or abs(y - y0) > STRAYS for (x, y), (x0, y0) in zip(at, self._at, strict=True))
        ):
            self._since, self._at = self._monotonic(), at
            return False
        if self._is_spent or self._monotonic() - self._since < REST_S:
            return False
        self._is_spent = True
        return True


class SlapSink:
    """A `PreviewSink` that passes every frame on and tells which fingers lie there, once two frames agree."""

    def __init__(
        self,
        inner: PreviewSink,
        finder: SlapFinder,
        tell: Callable[[SlapSeen], None],
        rest: Rest | None = None,
        rested: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner, self._finder, self._tell, self._rest, self._rested = inner, finder, tell, rest, rested
        self._last: SlapSeen | None = None
        self._told: SlapSeen | None = None

    def offer(self, jpeg: bytes) -> None:
        """Show the frame, then look at it."""
        self._inner.offer(jpeg)
        try:
            seen = self._finder.look(jpeg)
        except InputError:  # the next frame is looked at
            return
        _mark(self._inner, seen.fingers)
        if seen == self._last and seen != self._told:
            self._told = seen
            self._tell(seen)
        self._last = seen
        if self._rest is not None and self._rest.is_reached(seen):
            self._rested()


class AsideSink:
    """A `PreviewSink` whose looks take their time: they happen beside it, at the newest frame, while it is entered."""

    def __init__(
        self, inner: PreviewSink, look: Look, pace: Pace = EYES, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner, self._look, self._pace, self._monotonic = inner, look, pace, monotonic
        self._room = threading.Condition()
        self._frame: bytes | None = None
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="live-look", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._room:
            self._is_open = False
            self._room.notify()
        self._thread.join()

    def offer(self, jpeg: bytes) -> None:
        """Show the frame at once; it is looked at when there is time."""
        self._inner.offer(jpeg)
        with self._room:
            self._frame = jpeg
            self._room.notify()

    def _run(self) -> None:
        while True:
            with self._room:
                self._room.wait_for(lambda: self._frame is not None or not self._is_open)
                if not self._is_open:
                    return
                frame, self._frame = self._frame, None
            assert frame is not None  # or it would be closed
            begun, is_empty = self._monotonic(), False
            with suppress(ValueError, InputError):  # a torn frame: the next one comes; damage is told by the capture
                is_empty = not self._look(frame)
            rest = self._pace.rest_s(self._monotonic() - begun, is_empty=is_empty)
            with self._room:  # drawing needs the processor too
                self._room.wait_for(lambda: not self._is_open, timeout=rest)


class Steady:
    """Looks at faces or eyes: tells the first hint once looks in a row agree, and once when they are good.

    What was told stands for a while: a reason that comes and goes with each frame cannot be read.
    """

    def __init__(
        self,
        judge: Callable[[bytes], tuple[bool, LiveScore]],
        tell: Callable[[LiveScore], None],
        rested: Callable[[], None],
        *,
        must_leave: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`must_leave`: what is seen already was captured, and fires only after it was gone or was not good."""
        self._judge, self._tell, self._rested, self._is_spent = judge, tell, rested, must_leave
        self._monotonic = monotonic
        self._good = self._alike = 0
        self._last: tuple[str, ...] | None = None
        self._told: tuple[str, ...] | None = None
        self._told_at = 0.0

    def look(self, jpeg: bytes) -> bool:
        """Judge a frame and return whether anybody is in it. Raise `ValueError` when it is no image."""
        is_good, live = self._judge(jpeg)
        hint = live.hints[:1]
        self._alike, self._last = (self._alike + 1 if hint == self._last else 1), hint
        if hint != self._told and self._alike >= STEADY_LOOKS and self._may_change():
            self._told, self._told_at = hint, self._monotonic()
            self._tell(live)
        self._good = self._good + 1 if is_good else 0
        self._is_spent = self._is_spent and is_good
        if self._good >= STEADY_LOOKS and not self._is_spent:
            self._is_spent = True
            self._rested()
        return live.quality > 0

    def _may_change(self) -> bool:
        return self._told is None or self._monotonic() - self._told_at >= HOLD_S


def face_judge(scorer: FrameScorer, threshold: int) -> Callable[[bytes], tuple[bool, LiveScore]]:
    """Return what says of a frame whether its face is good enough."""

    def judge(jpeg: bytes) -> tuple[bool, LiveScore]:
        live = scorer.score(jpeg)
        return live.quality >= threshold, live

    return judge


def eyes_judge(scorer: IrisScorer, wanted: Sequence[Position]) -> Callable[[bytes], tuple[bool, LiveScore]]:
    """Return what says of a frame whether all wanted eyes are open in it: how good they are, the camera knows."""

    def judge(jpeg: bytes) -> tuple[bool, LiveScore]:
        seen = scorer.score_eyes(jpeg, wanted)
        worst = min(seen.values(), key=lambda live: live.quality, default=LiveScore(0))
        is_whole = all(position in seen for position in wanted)
        return is_whole, worst if is_whole else LiveScore(0, ("rekam.eye_not_open",))

    return judge


def _mark(sink: PreviewSink, fingers: tuple[FingerSeen, ...]) -> None:
    if isinstance(sink, MarkSink):
        sink.mark(fingers)


DEVICE_FOR: dict[Modality, DeviceKind] = {
    Modality.FINGER: DeviceKind.FINGERPRINT,
    Modality.IRIS: DeviceKind.IRIS,
    Modality.FACE: DeviceKind.CAMERA,
    Modality.SIGNATURE: DeviceKind.SIGNATURE_PAD,
}

FINGER_STEPS = (StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS)
KNOWN_STEPS = {Modality.FINGER: FINGER_STEPS, Modality.IRIS: (StepKind.IRIS,)}
OTHER_HAND = {StepKind.RIGHT_FOUR: Hand.LEFT, StepKind.LEFT_FOUR: Hand.RIGHT}
SIGN_IDLE_MS = 1_500
_TAIL = 12  # a device takes 50 characters, the id of a recording has 36
SIGN_TIMEOUT_MS = 60_000
SETTLED_FRAMES = 10
LOOK_AGAIN_MS = 3_000  # while the screen stands in for a pad: is one plugged in by now?


@dataclass(frozen=True, slots=True)
class Captured:
    """What one capture brought, with who delivered it and what was asked."""

    step: StepKind
    device: str
    asked: tuple[Position, ...]
    result: CaptureResult
    firmware: str = ""


class Capture:
    """Captures for a session through the devices of this kit."""

    def __init__(
        self,
        registry: Registry,
        portraits: PortraitScorer,
        inspector: SampleInspector,
        signatures: SignatureCodec,
        clock: Clock,
        ids: Ids,
        read_sample: Callable[[str], Sample] | None = None,
        live: LiveJudges | None = None,
    ) -> None:
        self._registry, self._portraits, self._inspector = registry, portraits, inspector
        self._signatures, self._clock, self._ids = signatures, clock, ids
        self._live = live
        self._read_sample = read_sample  # kept samples by their id; without it a finger or eye given twice goes unseen

    def wake(self, step: StepKind, cancel: Cancel, screen: SignaturePad | None = None) -> None:
        """Open the device of a step, so that it is known to be there. Raise a `DeviceError`."""
        if CAPTURED_AT[step][0].modality is Modality.SIGNATURE:
            self._pad_or(screen, cancel)
        else:
            self._enroller(step).open(cancel)

    def preview(
        self,
        session: CaptureSession,
        step: StepKind,
        preview: PreviewSink,
        cancel: Cancel,
        seen: Callable[[SlapSeen | LiveScore], None] | None = None,
        rested: Callable[[], None] = lambda: None,
    ) -> None:
        """Show live frames for a step until cancelled, tell `seen` what they show and `rested` when all is at rest.

        After an attempt it rests only once the fingers were lifted, or the face or the eyes were gone. Raise a
        `DeviceError`.
        """
        self._expect(session)
        self._inspector.prepare()
        device = self._opened(step, cancel)
        if seen is None or self._live is None:
            device.stream(CAPTURED_AT[step], preview, cancel)
            return
        captured = session.step(step)
        is_again = bool(captured.attempts)
        if step in FINGER_STEPS:
            rest = Rest(len(captured.wanted), must_lift=is_again, other=OTHER_HAND.get(step, Hand.UNKNOWN))
            device.stream(CAPTURED_AT[step], SlapSink(preview, self._live.slaps, seen, rest, rested), cancel)
            return
        judge = None
        if step is StepKind.IRIS and self._live.eyes is not None:
            judge = eyes_judge(self._live.eyes, captured.wanted)
        elif step is StepKind.PHOTO and self._live.judges_faces:
            judge = face_judge(self._portraits, session.policy.thresholds(Modality.FACE).good)
        if judge is None:
            device.stream(CAPTURED_AT[step], preview, cancel)
            return
        pace = FACES if step is StepKind.PHOTO else EYES
        with AsideSink(preview, Steady(judge, seen, rested, must_leave=is_again).look, pace) as aside:
            device.stream(CAPTURED_AT[step], aside, cancel)

    def take(
        self, session: CaptureSession, step: StepKind, preview: PreviewSink, cancel: Cancel, timeout_ms: int = 10_000
    ) -> Captured:
        """Capture what the step still wants. Raise a `DeviceError`; the attempts before stay as they are."""
        asked = session.step(step).wanted
        if not asked:
            raise RuleError("session.nothing_wanted")
        self._expect(session)
        device = self._opened(step, cancel)
        modality = asked[0].modality
        request = CaptureRequest(
            transaction_id=transaction_of(session.session_id, self._ids),
            at=self._clock.now(),
            modality=modality,
            positions=asked,
            exceptions=session.step(step).excepted,
            threshold=session.policy.thresholds(modality).good,
            timeout_ms=timeout_ms,
            previous_hash=session.device_hash,
        )
        result = device.capture(request, preview, cancel)
        result = self._inspector.inspect(result, self._known(session, modality))
        return Captured(step, _name(device), asked, result, device.identity.firmware)

    def probe(
        self, position: Position, preview: PreviewSink, cancel: Cancel, timeout_ms: int = 10_000
    ) -> CaptureResult:
        """Capture one finger only to compare it with a kept one; a reader that may not enrol is good enough."""
        device = self._registry.device_for(DEVICE_FOR[position.modality])
        assert isinstance(device, BiometricCaptureDevice)
        device.open(cancel)
        request = CaptureRequest(
            self._ids.new(), self._clock.now(), position.modality, (position,), timeout_ms=timeout_ms
        )
        return device.capture(request, preview, cancel)

    def photograph(
        self, cancel: Cancel, preview: PreviewSink | None = None, is_wanted: Callable[[], bool] = lambda: True
    ) -> bytes:
        """Return what the photo camera sees (JPEG) once its light has settled and it `is_wanted`; show it until then.

        Raise a `DeviceError`.
        """
        device = self._registry.device_for(DeviceKind.CAMERA)
        assert isinstance(device, BiometricCaptureDevice)
        device.open(cancel)
        settling = _Settling(cancel, preview, is_wanted)
        device.stream((Position.PORTRAIT,), settling, settling)
        if not settling.jpeg:
            raise NothingPresentedError("sarpras.no_frame")
        return settling.jpeg

    def sign(self, step: StepKind, ink: StrokeSink, cancel: Cancel, screen: SignaturePad | None = None) -> Captured:
        """Let the subject sign on the pad of this kit, or on the screen while no pad is ready. Raise `DeviceError`."""
        pad = self._pad_or(screen, cancel)
        while pad is screen:
            try:
                return self._signed(pad, step, ink, cancel, LOOK_AGAIN_MS)
            except NothingPresentedError:
                if cancel.is_cancelled():
                    raise
            if self._pad_is_listed():
                pad = self._pad_or(screen, cancel)
        return self._signed(pad, step, ink, cancel, SIGN_TIMEOUT_MS)

    def sign_on(self, pad: SignaturePad, step: StepKind, ink: StrokeSink, cancel: Cancel) -> Captured:
        """Let the subject sign on a pad that somebody chose. Raise a `DeviceError`."""
        pad.open(cancel)
        return self._signed(pad, step, ink, cancel, SIGN_TIMEOUT_MS)

    def _signed(self, pad: SignaturePad, step: StepKind, ink: StrokeSink, cancel: Cancel, timeout_ms: int) -> Captured:
        sample = self._signatures.to_sample(pad.sign(ink, cancel, SIGN_IDLE_MS, timeout_ms))
        return Captured(step, _name(pad), CAPTURED_AT[step], CaptureResult((sample,)), pad.identity.firmware)

    def _known(self, session: CaptureSession, modality: Modality) -> tuple[Sample, ...]:
        """Return what this person gave so far of a modality in which one thing may be given for another."""
        if self._read_sample is None or modality not in KNOWN_STEPS:
            return ()
        steps = (session.step(kind) for kind in KNOWN_STEPS[modality])
        best = (step.best(position) for step in steps for position in step.outcomes)
        return tuple(self._read_sample(ref.sample_id) for ref in best if ref is not None)

    def _expect(self, session: CaptureSession) -> None:
        who = session.biodata
        self._portraits.expected = background_for(who.birth_date, who.citizenship) if who is not None else None
        self._portraits.may_be_shut = any(step.excepted for step in session.steps if step.kind is StepKind.IRIS)

    def _opened(self, step: StepKind, cancel: Cancel) -> BiometricCaptureDevice:
        device = self._enroller(step)
        assert isinstance(device, BiometricCaptureDevice)
        device.open(cancel)
        return device

    def _enroller(self, step: StepKind) -> Device:
        """Return the device of a step. Raise `DeviceError` for one that serves verification only."""
        device = self._registry.device_for(DEVICE_FOR[CAPTURED_AT[step][0].modality])
        if not device.capabilities.may_enrol:
            raise DeviceError("device.not_for_enrolment", model=device.identity.model)
        return device

    def _pad_or(self, screen: SignaturePad | None, cancel: Cancel) -> SignaturePad:
        try:
            return self._signature_pad(cancel)
        except DeviceError:
            if screen is None or cancel.is_cancelled():
                raise
            screen.open(cancel)
            return screen

    def _pad_is_listed(self) -> bool:
        statuses = self._registry.statuses()
        return any(s.kind is DeviceKind.SIGNATURE_PAD and s.state is DeviceState.READY for s in statuses)

    def _signature_pad(self, cancel: Cancel) -> SignaturePad:
        pad = self._registry.device_for(DeviceKind.SIGNATURE_PAD)
        assert isinstance(pad, SignaturePad)
        pad.open(cancel)
        return pad


class _Settling:
    """A `PreviewSink` that is its own `Cancel`: it has seen enough when the exposure follows the scene."""

    def __init__(self, cancel: Cancel, preview: PreviewSink | None, is_wanted: Callable[[], bool]) -> None:
        self._cancel, self._preview, self._is_wanted = cancel, preview, is_wanted
        self._frames, self.jpeg = 0, b""

    def offer(self, jpeg: bytes) -> None:
        self._frames, self.jpeg = self._frames + 1, jpeg or self.jpeg
        if self._preview is not None:
            self._preview.offer(jpeg)

    def is_cancelled(self) -> bool:
        return (self._frames >= SETTLED_FRAMES and self._is_wanted()) or self._cancel.is_cancelled()


def transaction_of(session_id: str, ids: Ids) -> str:
    """Return a new transaction of a recording: devices sign it, so no sample of another recording takes its place."""
    return f"{session_id}-{ids.new()[-_TAIL:]}"


def _name(device: Device) -> str:
    who = device.identity
    return f"{who.vendor} {who.model} {who.serial}"
