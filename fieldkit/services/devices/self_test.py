"""Try a device out: open it, ask who it is, let it capture, close it, and say how that went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_policy import CAPTURED_AT
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.cards import CardReader
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    Device,
    DeviceError,
    DeviceState,
    DeviceStatus,
    FingerVerifier,
    NothingPresentedError,
    Registry,
    Signature,
    SignaturePad,
    TimedOutError,
)

PREVIEW_WITHIN_S = 4.0
CAPTURE_MS = 3_000
SIGN_MS = 2_000
CARD_MS = 1_000
_REST_MS = 400
_USABLE = (DeviceState.READY, DeviceState.BUSY)


@dataclass(frozen=True, slots=True)
class DeviceVerdict:
    """How the test of one device went; `detail` says what failed, or what could not be tried."""

    status: DeviceStatus
    is_ok: bool
    ms: int
    detail: Problem | None = None


class SelfTest:
    """Tests the devices of this kit, each on the thread that calls."""

    def __init__(
        self, registry: Registry, clock: Clock, ids: Ids, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._registry, self._clock, self._ids, self._monotonic = registry, clock, ids, monotonic

    def run(self, status: DeviceStatus, cancel: Cancel) -> DeviceVerdict:
        """Test the device behind a status; what it does wrong is in the verdict, never raised."""
        if status.state not in _USABLE:
            said = Problem(status.detail, status.params) if status.detail else Problem("device.test.not_usable")
            return DeviceVerdict(status, False, 0, said)
        started = self._monotonic()
        try:
            device = self._registry.device(status)
            try:
                device.open(cancel)
                is_ok, detail = self._try_out(device, cancel)
            finally:
                device.close()
        except DeviceError as error:
            is_ok, detail = False, error.problem
        return DeviceVerdict(status, is_ok, round((self._monotonic() - started) * 1000), detail)

    def _try_out(self, device: Device, cancel: Cancel) -> tuple[bool, Problem | None]:
        who = device.identity
        if not (who.vendor and who.model and who.serial):
            return False, Problem("device.test.nameless")
        try:
            self._live(device, cancel)
        except (NothingPresentedError, TimedOutError) as error:
            if cancel.is_cancelled():
                raise
            # Nobody laid a finger or a card there: the device waited for it as it should.
            return isinstance(error, NothingPresentedError) or _has_answered(error), Problem("device.test.nobody")
        return True, None

    def _live(self, device: Device, cancel: Cancel) -> None:
        if isinstance(device, FingerVerifier) and not device.capabilities.positions:
            device.learn_finger(cancel, CAPTURE_MS)  # it keeps its pictures to itself; nobody keeps the template
        elif isinstance(device, BiometricCaptureDevice):
            positions = _positions_of(device)
            if device.capabilities.may_preview:
                self._see(device, positions, cancel)
            request = CaptureRequest(
                self._ids.new(), self._clock.now(), positions[0].modality, positions, threshold=0, timeout_ms=CAPTURE_MS
            )
            device.capture(request, _Nowhere(), cancel)
        elif isinstance(device, SignaturePad):
            device.sign(_Nowhere(), cancel, _REST_MS, SIGN_MS)
        elif isinstance(device, CardReader):
            device.wait_for_card(cancel, CARD_MS)

    def _see(self, device: BiometricCaptureDevice, positions: tuple[Position, ...], cancel: Cancel) -> None:
        first = _FirstFrame(cancel, self._monotonic() + PREVIEW_WITHIN_S, self._monotonic)
        device.stream(positions, first, first)
        if not first.has_come and not cancel.is_cancelled():
            raise DeviceError("device.test.no_picture", model=device.identity.model)


def _positions_of(device: BiometricCaptureDevice) -> tuple[Position, ...]:
    """Return what the device takes in one go: the first step of a recording that it serves whole, else one position."""
    offered = device.capabilities.positions
    if not device.capabilities.may_enrol:
        return (min(offered, key=list(Position).index),)
    whole = (positions for positions in CAPTURED_AT.values() if offered.issuperset(positions))
    return next(whole, (min(offered, key=list(Position).index),))


def _has_answered(error: DeviceError) -> bool:
    """Whether it was the device that said the time was up; a silent wire carries no number."""
    return "number" in error.problem.params


class _Nowhere:
    """Takes frames and ink that nobody looks at."""

    def offer(self, jpeg: bytes) -> None: ...

    def offer_signature(self, signature: Signature) -> None: ...


class _FirstFrame:
    """A `PreviewSink` and a `Cancel`: the stream ends with its first frame, in any case after a while."""

    def __init__(self, cancel: Cancel, ends_at: float, monotonic: Callable[[], float]) -> None:
        self._cancel, self._ends_at, self._monotonic = cancel, ends_at, monotonic
        self.has_come = False

    def offer(self, jpeg: bytes) -> None:
        self.has_come = self.has_come or bool(jpeg)

    def is_cancelled(self) -> bool:
        return self.has_come or self._cancel.is_cancelled() or self._monotonic() >= self._ends_at
