"""What the core asks of a device. Calls block; each device works on its own named thread (executor).

Drivers touch no UI, database, clock or file: what they need comes with the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from fieldkit.domain.errors import KnownError, Recovery
from fieldkit.domain.recording.biodata import Background
from fieldkit.domain.recording.capture import DeviceLink, Sample
from fieldkit.domain.recording.positions import Modality, Position


class DeviceError(KnownError):
    """Base of everything a driver may raise. Low quality is a result, not an error."""

    recovery = Recovery.CHECK_DEVICE


class NotConnectedError(DeviceError):
    """No device answers at this address."""


class DeviceBusyError(DeviceError):
    """The device serves somebody else or has not finished."""


class PermissionDeniedError(DeviceError):
    """The operating system refuses access; the remedy is in the parameters."""


class SdkMissingError(DeviceError):
    """A library or service of the vendor is not installed."""


class TimedOutError(DeviceError):
    """The device did not answer in time."""


class NothingPresentedError(DeviceError):
    """No finger, eye, face, pen or card came within the time."""


class TransportBrokenError(DeviceError):
    """The wire broke in the middle: cable, service or port gone."""


class ProtocolError(DeviceError):
    """An answer that is not what the protocol says, or whose signature, chain or transaction does not hold."""


class SpoofSuspectedError(DeviceError):
    """The device suspects an artefact instead of a living characteristic."""


class DeviceKind(StrEnum):
    """A class of device, as the lights of the status bar name them."""

    FINGERPRINT = "fingerprint"
    IRIS = "iris"
    CAMERA = "camera"
    SIGNATURE_PAD = "signature_pad"
    CARD_READER = "card_reader"
    UNKNOWN = "unknown"  # of a driver that failed before it listed anything


class DeviceState(StrEnum):
    """What is known of a device without opening it."""

    READY = "ready"
    BUSY = "busy"
    NOT_READY = "not_ready"
    ABSENT = "absent"
    SDK_MISSING = "sdk_missing"
    PERMISSION_DENIED = "permission_denied"
    NOT_REGISTERED = "not_registered"


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Who the device says it is."""

    vendor: str
    model: str
    serial: str
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a device can do; the recording screen and the conformance suite choose by these flags."""

    kind: DeviceKind
    positions: frozenset[Position] = frozenset()
    may_preview: bool = False
    may_capture_slaps: bool = False
    may_sign_samples: bool = False
    may_enrol: bool = True  # False for 16-grey-level modules: unlock and verification only
    resolution_ppi: int = 0


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One line of the device list. `detail` is a message key, `params` fill it (the exact remedy included)."""

    driver: str
    address: str  # where the driver finds it: URL, serial port, reader name
    kind: DeviceKind
    state: DeviceState
    identity: DeviceIdentity | None = None
    detail: str = ""
    params: dict[str, str | int] = field(default_factory=dict)
    is_simulated: bool = False
    may_enrol: bool = True  # False: it does not replace a device of its kind for recording
    mode: str = ""  # how a camera will work ("1920 × 1080 MJPG"), as far as it can be told without opening it


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """One capture. `positions` are what is still wanted, `exceptions` what the subject cannot give.

    `previous_hash` is the last chain hash of this subject, "" for the first capture; `timeout_ms` is the device's own.
    """

    transaction_id: str
    at: datetime
    modality: Modality
    positions: tuple[Position, ...]
    exceptions: tuple[Position, ...] = ()
    threshold: int = 60
    timeout_ms: int = 10_000
    previous_hash: str = ""


@dataclass(frozen=True, slots=True)
class SampleFault:
    """A position that did not come, with the reason as a message key; `refused` is what came and is no sample."""

    position: Position
    code: str
    refused: Sample | None = None


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """What came: a slap gives up to four samples. `last_hash` continues the device chain, `links` are new in it."""

    samples: tuple[Sample, ...]
    faults: tuple[SampleFault, ...] = ()
    last_hash: str = ""
    links: tuple[DeviceLink, ...] = ()


@runtime_checkable
class Cancel(Protocol):
    """Asked by a driver between two steps and in every wait of its own."""

    def is_cancelled(self) -> bool:
        """Return whether the person gave up waiting."""
        ...


@runtime_checkable
class CancelTeller(Cancel, Protocol):
    """A `Cancel` that calls whoever waits, so that nobody notices it only at the next look."""

    def when_cancelled(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call once it is given up, on any thread, at once if it was; `call` blocks nothing. Return the way out."""
        ...


class PreviewSink(Protocol):
    """A mailbox in which the latest frame wins; never a queue."""

    def offer(self, jpeg: bytes) -> None:
        """Put a JPEG frame; an older unread frame is forgotten."""
        ...


class Device(Protocol):
    """Common to all devices. `close` is idempotent; `open` after `close` works again."""

    @property
    def identity(self) -> DeviceIdentity: ...  # noqa: D102

    @property
    def capabilities(self) -> Capabilities: ...  # noqa: D102

    def open(self, cancel: Cancel) -> None:
        """Make the device ready. Raise a `DeviceError`."""
        ...

    def health(self) -> DeviceState:
        """Ask the device how it is; never raises."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


@runtime_checkable
class BiometricCaptureDevice(Device, Protocol):
    """A device that delivers samples."""

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        """Show live frames until cancelled. Raise a `DeviceError` when the wire breaks."""
        ...

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Capture once. Raise a `DeviceError`; a poor finger is a sample with a low score."""
        ...


@dataclass(frozen=True, slots=True)
class PenPoint:
    """A point of a stroke: µm from the pad's upper left corner, pressure 0–1, ms since the first point."""

    x_um: int
    y_um: int
    pressure: float
    t_ms: int


@dataclass(frozen=True, slots=True)
class Signature:
    """Strokes (pen down to pen up) and the size of the pad's surface in µm."""

    strokes: tuple[tuple[PenPoint, ...], ...]
    width_um: int
    height_um: int


class StrokeSink(Protocol):
    """Shows ink while it is drawn."""

    def offer_signature(self, signature: Signature) -> None:
        """Put the ink drawn so far; an older unread one is forgotten."""
        ...


@runtime_checkable
class SignaturePad(Device, Protocol):
    """A pad on which the subject signs."""

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        """Return the signature once the pen rested `idle_ms` after a stroke, or when cancelled with ink there.

        Raise `NothingPresentedError` when no stroke began within `timeout_ms`.
        """
        ...


@dataclass(frozen=True, slots=True)
class FingerTemplate:
    """A finger as one kind of reader remembers it; only readers of the same `kind` can compare it."""

    kind: str  # "zfm", "libfprint:<driver>"
    content: bytes = field(repr=False)


@runtime_checkable
class FingerVerifier(Device, Protocol):
    """A reader that compares fingers itself, one to one: for the lock of a running session, never for enrolment."""

    @property
    def template_kind(self) -> str:
        """The kind of its templates."""
        ...

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        """Take one finger, laid on again and again, into a template.

        Raise `NothingPresentedError` when a finger does not come within `timeout_ms`, or the prints do not agree
        (`device.finger_differs`).
        """
        ...

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        """Return whether the finger that is laid on now is the template's. Raise a `DeviceError`."""
        ...


class Driver(Protocol):
    """A family of devices on one protocol, found through the entry-point group `fieldkit.drivers`."""

    name: str

    def scan(self) -> Sequence[DeviceStatus]:
        """List what is there now, fast (well under a second); a missing SDK is a status, not an error."""
        ...

    def connect(self, status: DeviceStatus) -> Device:
        """Return the device behind a status that `scan` gave; nothing is opened yet."""
        ...


class SampleVerifier(Protocol):
    """Verifies what a device signed, against the device providers that this dinas trusts."""

    def verify_jws(self, jws: str) -> tuple[dict[str, object], bytes]:
        """Return payload and leaf certificate (DER). Raise `ProtocolError` when it does not hold."""
        ...


@dataclass(frozen=True, slots=True)
class LiveScore:
    """What a scorer sees in one frame: a score and hints as message keys, best first."""

    quality: int
    hints: tuple[str, ...] = ()


class FrameScorer(Protocol):
    """Judges frames of devices that do not judge themselves (photo and iris cameras)."""

    def score(self, jpeg: bytes) -> LiveScore:
        """Score one frame. Raise `ValueError` when it is no image."""
        ...


class PortraitScorer(FrameScorer, Protocol):
    """A scorer of portraits; both follow from the subject: the colour behind it, and whether eyes may be shut.

    They may where an eye is a biometric exception: then a person is asked, and no attempt fails for it.
    """

    expected: Background | None
    may_be_shut: bool


class IrisScorer(Protocol):
    """Judges frames of infrared cameras eye by eye."""

    def score_eyes(self, jpeg: bytes, positions: Sequence[Position]) -> Mapping[Position, LiveScore]:
        """Score the wanted eyes that a frame shows; a closed one is absent. Raise `ValueError` when it is no image."""
        ...


class FrameEncoder(Protocol):
    """Turns the chosen frame into a sample record (crop, ISO/IEC 19794)."""

    def encode(self, jpeg: bytes, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` when it is no image."""
        ...


@dataclass(frozen=True, slots=True)
class GreyImage:
    """Rows from top to bottom, one byte per pixel, ridges dark."""

    width: int
    height: int
    pixels: bytes = field(repr=False)
    ppi: int = 500


class FingerEncoder(Protocol):
    """Judges a print of a reader that does not judge itself and lays it out as a sample (ISO/IEC 19794-4)."""

    def encode(self, image: GreyImage, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` when pixels and size disagree."""
        ...


class Registry(Protocol):
    """All drivers of this kit together."""

    def scan(self) -> Sequence[DeviceStatus]:
        """List every device of every driver, chosen ones first."""
        ...

    def device(self, status: DeviceStatus) -> Device:
        """Return the device behind a status; the same object for the same device."""
        ...

    def device_for(self, kind: DeviceKind) -> Device:
        """Return the device this kit uses for a kind. Raise `NotConnectedError` naming the remedy."""
        ...

    def statuses(self) -> Iterator[DeviceStatus]:
        """Yield the last known status of each device without touching a wire."""
        ...


class WatchedRegistry(Registry, Protocol):
    """A registry that tells when it sees something else."""

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        """Call on any thread when a status changed; return what ends it."""
        ...
