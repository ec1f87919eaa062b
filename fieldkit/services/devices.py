"""Acts on single devices: choose, try out, capture alone, photograph, self-test, the trusted providers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, runtime_checkable

from fieldkit.domain.delivery import FILE, FILES, STATE_KEPT
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.capture import CAPTURED_AT, CapturePolicy, DeviceLink, Sample, StepKind, Verdict
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.sarpras import CheckIn, CheckOut, ItemLine, SarprasKind, SelfTestNote, TestResult
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.devices import (
    BiometricCaptureDevice,
    Cancel,
    CaptureRequest,
    Device,
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerVerifier,
    NothingPresentedError,
    PreviewSink,
    Registry,
    SampleFault,
    Signature,
    SignaturePad,
    TimedOutError,
)
from fieldkit.ports.recording import SampleInspector, SamplePictures
from fieldkit.ports.repositories import CardReader, Choice, ChoosingRegistry, choice_of
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import Provider, TrustedProviders
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# Capture from one device without a session: for trying a device out and for checks of a service.
STEPS_OF: dict[Modality, tuple[StepKind, ...]] = {
    Modality.FINGER: (StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS),
    Modality.IRIS: (StepKind.IRIS,),
    Modality.FACE: (StepKind.PHOTO,),
}


@dataclass(frozen=True, slots=True)
class CapturedAlone:
    """The best sample of each position, what never came, how many captures it took, the device's last hash.

    `poor` are positions whose best sample is still to be repeated by the policy; `stopped_by` is what a device did
    wrong after some samples were there.
    """

    samples: tuple[Sample, ...]
    faults: tuple[SampleFault, ...]
    captures: int
    last_hash: str
    poor: tuple[Position, ...] = ()
    stopped_by: Problem | None = None
    links: tuple[DeviceLink, ...] = ()  # of the device's hash chain, also of what was discarded


class CaptureAlone:
    """Captures positions with one device, repeating what is too poor."""

    def __init__(
        self,
        device: BiometricCaptureDevice,
        inspector: SampleInspector,
        policy: CapturePolicy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._device, self._inspector, self._policy = device, inspector, policy
        self._clock, self._ids = clock, ids

    def run(
        self,
        modality: Modality,
        wanted: Sequence[Position],
        exceptions: Sequence[Position],
        previous_hash: str,
        preview: PreviewSink,
        cancel: Cancel,
        timeout_ms: int = 10_000,
    ) -> CapturedAlone:
        """Capture `wanted` but for `exceptions`, slap by slap. Raise a `DeviceError` when no sample came before it.

        A device that may not enrol gives one position at a time, to compare it with another.
        """
        if len(wanted) > 1 and not self._device.capabilities.may_enrol:
            raise DeviceError("device.not_for_enrolment", model=self._device.identity.model)
        best: dict[Position, Sample] = {}
        faults: dict[Position, SampleFault] = {}
        captures, last_hash = 0, previous_hash
        links: list[DeviceLink] = []
        self._inspector.prepare()
        self._device.open(cancel)
        stopped_by: Problem | None = None
        try:
            for step in STEPS_OF[modality]:
                positions = [p for p in CAPTURED_AT[step] if p in wanted and p not in exceptions]
                excepted = tuple(p for p in CAPTURED_AT[step] if p in exceptions)
                for _ in range(self._policy.max_attempts):
                    lacking = [p for p in positions if p not in best or self._is_poor(best[p])]
                    if not lacking:
                        break
                    request = CaptureRequest(
                        transaction_id=self._ids.new(),
                        at=self._clock.now(),
                        modality=modality,
                        positions=tuple(positions),
                        exceptions=excepted,
                        threshold=self._policy.thresholds(modality).good,
                        timeout_ms=timeout_ms,
                        previous_hash=last_hash,
                    )
                    result = self._device.capture(request, preview, cancel)
                    result = self._inspector.inspect(result, tuple(best.values()))
                    captures, last_hash = captures + 1, result.last_hash or last_hash
                    links += result.links
                    for sample in result.samples:
                        before = best.get(sample.position)
                        if sample.position in positions and (
                            before is None or sample.quality.value > before.quality.value
                        ):
                            best[sample.position] = sample
                    faults |= {position: SampleFault(position, "device.not_seen") for position in lacking}
                    faults |= {fault.position: fault for fault in result.faults if fault.position in positions}
        except DeviceError as error:
            if not best:
                raise
            # What was taken before the wire broke is good and stays; the subject need not lay those fingers on again.
            stopped_by = error.problem
            faults = {p: SampleFault(p, error.code) for p in wanted if p not in exceptions} | faults
        missing = tuple(fault for position, fault in faults.items() if position not in best)
        samples = tuple(best[p] for p in Position if p in best)
        poor = tuple(sample.position for sample in samples if self._is_poor(sample))
        return CapturedAlone(samples, missing, captures, last_hash, poor, stopped_by, tuple(links))

    def _is_poor(self, sample: Sample) -> bool:
        return self._policy.verdict(sample.position, sample.quality.value) is Verdict.REPEAT


# Choose among devices of one kind, and remember it for this kit.

_SETTING = "chosen_devices"


class ChooseDevice:
    """Keeps the choices in the settings of the kit."""

    def __init__(self, registry: ChoosingRegistry, store: Store, clock: Clock, user: User) -> None:
        self._registry, self._store, self._clock, self._user = registry, store, clock, user

    def recall(self) -> None:
        """Choose again what was chosen on another day; a kind of device unknown today is passed over."""
        with self._store.read() as unit:
            kept = unit.settings.get(_SETTING) or {}
        known = {kind.value: kind for kind in DeviceKind}
        self._registry.restore({known[name]: Choice(**choice) for name, choice in kept.items() if name in known})

    def choose(self, status: DeviceStatus) -> None:
        """Use this device for its kind from now on, also after the next start."""
        kept = {**self._registry.choices(), status.kind: choice_of(status)}
        with self._store.write() as unit:
            unit.settings.put(_SETTING, {kind.value: asdict(choice) for kind, choice in kept.items()})
            payload = {"driver": status.driver, "serial": kept[status.kind].serial}
            unit.events.append("device_chosen", status.kind.value, payload, self._user.user_id, self._clock.now())
        self._registry.choose(status)

    def chosen(self) -> Mapping[DeviceKind, Choice]:
        """Return what this kit uses where somebody chose."""
        return self._registry.choices()


# Providers of devices: whose certificates the dinas believes. The drivers read them when somebody signs in.


class KeepProviders:
    """The keeper of the profile adds and takes away; each act is logged with the fingerprint.

    `files` returns the digests of the files that the audit watches, by their path within the home: what an act changes
    among them is noted with it, so that at the next sign-in nobody takes it for a change from outside.
    """

    def __init__(
        self, units: UnitsOfWork, providers: TrustedProviders, files: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._units, self._providers, self._files = units, providers, files

    def listed(self) -> Sequence[Provider]:
        """Return whom this kit trusts."""
        return self._providers.listed()

    def look(self, content: bytes) -> Sequence[Provider]:
        """Return whose certificates a file holds; nobody is trusted by it. Raise `InputError`."""
        return self._providers.look(content)

    def trust(self, content: bytes) -> Sequence[Provider]:
        """Trust the certificates of a file. Raise `InputError`, `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        before = self._files()
        added = self._providers.add(content)
        with self._noting(before) as work:
            for provider in added:
                work.note("provider_trusted", provider.fingerprint.replace(":", "")[:32], name=provider.name)
        return added

    def distrust(self, fingerprint: str) -> None:
        """Trust a certificate no longer. Raise `RuleError`."""
        self._units.demand(Permission.KEEP_PROFILE)
        before = self._files()
        self._providers.remove(fingerprint)
        with self._noting(before) as work:
            work.note("provider_distrusted", fingerprint.replace(":", "")[:32])

    @contextmanager
    def _noting(self, before: Mapping[str, str]) -> Iterator[UnitOfWork]:
        """Write down what becomes of the files too, only of those that are otherwise than before."""
        after = self._files()
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        with self._units.write(Permission.KEEP_PROFILE) as work:
            yield work
            if changed:
                kept = {f"{FILE}/{name}": after.get(name, "") for name in sorted(changed)}
                work.unit.events.append(STATE_KEPT, FILES, {"kept": kept}, work.user.user_id, work.at)


# Try a device out: open it, ask who it is, let it capture, close it, and say how that went.

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


# The self-test of the devices fills its own lines: in every list that is open, and in those that open the same day.

DEVICE_OF: dict[SarprasKind, DeviceKind] = {
    SarprasKind.FINGERPRINT_SCANNER: DeviceKind.FINGERPRINT,
    SarprasKind.IRIS_CAMERA: DeviceKind.IRIS,
    SarprasKind.PHOTO_CAMERA: DeviceKind.CAMERA,
    SarprasKind.SIGNATURE_PAD: DeviceKind.SIGNATURE_PAD,
    SarprasKind.CARD_READER: DeviceKind.CARD_READER,
}
"""Which device stands behind a line; everything else is looked at by people."""

FRESH = timedelta(hours=12)  # a test of this morning need not be run again

L = TypeVar("L", CheckOut, CheckIn)
Results = Sequence[tuple[str, TestResult]]


def to_test(statuses: Iterable[DeviceStatus]) -> tuple[DeviceStatus, ...]:
    """Return what is worth a test: what can be used and, of a kind without that, one that says why not."""
    found = tuple(statuses)
    usable = tuple(status for status in found if status.state in _USABLE)
    served = {status.kind for status in usable}
    lacking: dict[DeviceKind, DeviceStatus] = {}
    for status in found:
        if status.kind not in served:
            lacking.setdefault(status.kind, status)
    return (*usable, *lacking.values())


def filled(lines: Sequence[ItemLine], results: Results) -> tuple[ItemLine, ...]:
    """Return the lines with the results of their own devices: the same serial first, then whichever answers."""
    if not results:
        return tuple(lines)
    left = {kind: [result for of, result in results if of == kind] for kind in {kind for kind, _ in results}}
    at = max(result.at for _, result in results)
    matched: dict[str, TestResult] = {}
    for line in lines:
        mine = left.get(_device_of(line), [])
        same = next((r for r in mine if line.serial and r.serial.casefold() == line.serial.casefold()), None)
        if same is not None:
            mine.remove(same)
            matched[line.item_id] = same
    for line in lines:
        kind = _device_of(line)
        if kind not in left or line.item_id in matched:
            continue
        mine = sorted(left[kind], key=lambda result: not result.is_ok)
        matched[line.item_id] = mine[0] if mine else _absent(at)
        if mine:
            left[kind].remove(mine[0])
    return tuple(replace(line, test=matched[line.item_id]) if line.item_id in matched else line for line in lines)


def _device_of(line: ItemLine) -> str:
    kind = DEVICE_OF.get(line.kind)
    return kind.value if kind is not None else ""


def _absent(at: datetime) -> TestResult:
    return TestResult(False, 0, at, "", "", "sarpras.no_device")


def newest_results(unit: Unit, now: datetime) -> Results:
    """Return what the last run said, nothing when that was too long ago."""
    notes = unit.repository(SelfTestNote).search(limit=1)
    return notes[0].results if notes and now - notes[0].at <= FRESH else ()


class NoteSelfTests:
    """Keeps runs of the self-test."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def keep(self, verdicts: Iterable[DeviceVerdict]) -> SelfTestNote:
        """Keep a run and fill the lines of every open list. Raise `RuleError("role.not_yours")`."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            results = [(verdict.status.kind.value, _result(verdict, work.at)) for verdict in verdicts]
            tested = {kind for kind, _ in results}
            results += [(k.value, _absent(work.at)) for k in DEVICE_OF.values() if k.value not in tested]
            note = SelfTestNote(self._units.ids.new(), work.at, tuple(results), self._units.user.user_id)
            failed = sum(not result.is_ok for _, result in results)
            work.keep(note, "devices_tested", tested=len(results), failed=failed)
            _feed(work, CheckOut, note)
            _feed(work, CheckIn, note)
        return note


def _feed(work: UnitOfWork, kind: type[L], note: SelfTestNote) -> None:
    """Fill the open lists of one direction."""
    lists: Sequence[L] = work.unit.repository(kind).search()
    for found in lists:
        lines = filled(found.checklist.lines, note.results)
        if not found.is_closed and lines != found.checklist.lines:
            fed = replace(found, checklist=found.checklist.with_tests(lines))
            work.keep(fed, "sarpras_tested", note=note.thing_id)


def _result(verdict: DeviceVerdict, at: datetime) -> TestResult:
    status, who = verdict.status, verdict.status.identity
    device = f"{who.vendor} {who.model}" if who else f"{status.driver} {status.address}".strip()
    detail = verdict.detail
    return TestResult(
        is_ok=verdict.is_ok,
        ms=verdict.ms,
        at=at,
        device=device,
        # Devices without a number of their own are known by where they are plugged in, which is no serial.
        serial=who.serial if who and who.serial not in status.address else "",
        code=detail.code if detail else "",
        params=dict(detail.params) if detail else {},
    )


# A photo of a thing: with the camera of the kit, or from a file that somebody copied here.

MOST_BYTES = 25_000_000
MOST_PX = 1_280  # enough to see a scratch, small enough for hundreds of photos
PAPER_PX = 2_000  # a page stays readable


@runtime_checkable
class StillCamera(Protocol):
    """A camera whose pictures are larger than its live frames."""

    def shoot(self, cancel: Cancel) -> bytes:
        """Take one picture as it is, JPEG. Raise a `DeviceError`."""
        ...


class TakePhoto:
    """Gives photos as JPEG without what a telephone hides in its files (place, owner)."""

    def __init__(self, registry: Registry, pictures: SamplePictures) -> None:
        self._registry, self._pictures = registry, pictures

    def look(
        self,
        preview: PreviewSink,
        cancel: Cancel,
        most_px: int = MOST_PX,
        is_wanted: Callable[[], bool] = lambda: False,
    ) -> bytes:
        """Show live frames until cancelled and return the last one, JPEG. Raise a `DeviceError`.

        When it `is_wanted` then, a camera with a shutter takes a picture: its live frames are too small to be read.
        """
        device = self._registry.device_for(DeviceKind.CAMERA)
        assert isinstance(device, BiometricCaptureDevice)
        device.open(cancel)
        last = _Last(preview)
        device.stream((Position.PORTRAIT,), last, cancel)
        jpeg = device.shoot(_ToTheEnd()) if isinstance(device, StillCamera) and is_wanted() else last.jpeg
        if not jpeg:
            raise NothingPresentedError("sarpras.no_frame")
        return self._pictures.photo(jpeg, most_px)

    def clean(self, name: str, content: bytes) -> bytes:
        """Return the photo in a file. Raise `InputError("sarpras.photo_unreadable")`."""
        try:
            if len(content) > MOST_BYTES:
                raise InputError("sarpras.photo_unreadable", name=name)
            return self._pictures.photo(content, MOST_PX)
        except (ValueError, InputError) as damage:
            raise InputError("sarpras.photo_unreadable", name=name) from damage


class _ToTheEnd:
    """Lets a shot that was released come home: the cancel of the live picture is what asked for it."""

    def is_cancelled(self) -> bool:
        return False


class _Last:
    """Passes frames on and remembers the last one."""

    def __init__(self, preview: PreviewSink) -> None:
        self._preview, self.jpeg = preview, b""

    def offer(self, jpeg: bytes) -> None:
        self.jpeg = jpeg or self.jpeg
        self._preview.offer(jpeg)
