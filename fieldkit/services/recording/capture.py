"""Ask the right device for the right positions. Runs on the device's executor, never in a transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldkit.domain.errors import RuleError
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from fieldkit.domain.recording.portrait import background_for
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.codec import SignatureCodec
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    CaptureResult,
    Device,
    DeviceError,
    DeviceKind,
    DeviceState,
    LiveScore,
    NothingPresentedError,
    PortraitScorer,
    PreviewSink,
    Registry,
    SignaturePad,
    StrokeSink,
)
from fieldkit.ports.inspection import Hand, LiveJudges, SampleInspector, SlapSeen
from fieldkit.services.recording.watch_live import (
    EYES,
    FACES,
    AsideSink,
    Rest,
    SlapSink,
    Steady,
    eyes_judge,
    face_judge,
)

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
