"""The adapters that `devices.toml` names: `[vendor.NAME]` with the command that starts one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from drivers.context import DriverContext
from drivers.transport import Deadline, check
from drivers.vendor.host import Fields, VendorHost, VendorProgram
from drivers.vendor.messages import NOTHING, PPI, Listed, Picture, frame_of, pictures_of, raise_told
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import FINGERS, Position
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
    GreyImage,
    NotConnectedError,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
    SampleFault,
)

# A device behind an adapter: it brings pictures, and the kit judges them as it judges those of every other device.

OPEN_S = 15.0  # libraries and cameras take their time to begin
CAPTURE_MARGIN_S = 5.0
STALL_S = 5.0


class VendorDevice:
    """Implements `BiometricCaptureDevice` over one adapter."""

    def __init__(self, host: VendorHost, listed: Listed, context: DriverContext) -> None:
        self._host, self._listed, self._context = host, listed, context

    @property
    def identity(self) -> DeviceIdentity:
        """Who the device says it is, through its adapter."""
        return self._listed.identity

    @property
    def capabilities(self) -> Capabilities:
        """What the adapter tells; unsigned. A scanner below 500 ppi unlocks and verifies only."""
        told = self._listed
        is_fit = told.kind is not DeviceKind.FINGERPRINT or told.ppi in PPI
        return Capabilities(
            kind=told.kind,
            positions=told.positions,
            may_preview=told.may_preview,
            may_capture_slaps=told.takes_slaps,
            may_enrol=is_fit,
            resolution_ppi=told.ppi,
        )

    def open(self, cancel: Cancel) -> None:
        """See that the adapter runs and lets it claim the device."""
        check(cancel)
        for listed in self._host.start(cancel).devices:
            if listed.device_id == self._listed.device_id and listed.state is not DeviceState.ABSENT:
                self._listed = listed
                break
        else:
            raise NotConnectedError("device.not_connected", address=self._host.name)
        with self._host.working(cancel) as program:
            number = program.send("open", device=self._listed.device_id)
            self._answer(program, number, Deadline(OPEN_S, self._context.monotonic), cancel)

    def health(self) -> DeviceState:
        """Ask the adapter, unless it is at work."""
        seen = self._host.look()
        if seen.problem is not None:
            return seen.state
        state = next((d.state for d in seen.devices if d.device_id == self._listed.device_id), None)
        return DeviceState.ABSENT if state is None else state

    def close(self) -> None:
        """Let go of the device; an adapter that does not answer is ended."""
        self._host.let_go(self._listed.device_id)

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        """Show what the adapter sends until cancelled."""
        with self._host.working(cancel) as program:
            number = program.send("preview", device=self._listed.device_id, positions=list(positions))
            try:
                while True:
                    message = program.receive(number, Deadline(STALL_S, self._context.monotonic), cancel)
                    if message is None:
                        if self._listed.may_preview:
                            raise self._host.silent()
                        continue
                    raise_told(message, self._host.name)
                    if frame := frame_of(message, self._host.name):
                        preview.offer(_shown(frame))
            except DeviceError:
                if not cancel.is_cancelled():
                    raise
                program.stop(number)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Capture what is wanted in one go; of several pictures of a position the best by our judgement is kept."""
        wanted = tuple(p for p in request.positions if p not in request.exceptions)
        if not wanted or not self._listed.positions.issuperset(wanted):
            raise ProtocolError("device.position", positions=", ".join(wanted or request.positions))
        with self._host.working(cancel) as program:
            number = program.send(
                "capture",
                device=self._listed.device_id,
                positions=list(wanted),
                exceptions=list(request.exceptions),
                threshold=request.threshold,
                timeout_ms=request.timeout_ms,
            )
            patience = Deadline(request.timeout_ms / 1000 + CAPTURE_MARGIN_S, self._context.monotonic)
            while True:
                answer = self._answer(program, number, patience, cancel, request)
                frame = frame_of(answer, self._host.name)
                if frame is None:
                    taken = pictures_of(answer, wanted, self._host.name)
                    break
                preview.offer(_shown(frame))
        nothing = NOTHING[request.modality]
        best = {position: self._best(taken[position], request) for position in wanted if position in taken}
        samples = tuple(sample for sample in best.values() if sample is not None)
        if not samples:
            raise NothingPresentedError(nothing)
        faults = tuple(SampleFault(p, nothing) for p in wanted if best.get(p) is None)
        return CaptureResult(samples, faults, request.previous_hash)

    def _answer(
        self,
        program: VendorProgram,
        number: int,
        patience: Deadline,
        cancel: Cancel,
        request: CaptureRequest | None = None,
    ) -> Fields:
        try:
            answer = program.receive(number, patience, cancel)
        except DeviceError:
            if cancel.is_cancelled():
                program.stop(number)
            raise
        if answer is None:
            raise self._host.silent()
        raise_told(answer, self._host.name, request.modality if request else None)
        return answer

    def _best(self, pictures: Sequence[Picture], request: CaptureRequest) -> Sample | None:
        """Return the sample that our judge likes best, with the vendor's score beside ours; None when none shows it."""
        samples = [sample for picture in pictures if (sample := self._sample(picture, request)) is not None]
        return max(samples, key=lambda sample: sample.quality.value, default=None)

    def _sample(self, picture: Picture, request: CaptureRequest) -> Sample | None:
        image, position, context = picture.image, picture.position, self._context
        try:
            if isinstance(image, GreyImage) and position in FINGERS:
                sample = context.finger_encoder.encode(image, position, request.at)
            else:
                encoder = context.face_encoder if position is Position.PORTRAIT else context.iris_encoder
                content = image if isinstance(image, bytes) else _coded(image, ".png")
                sample = encoder.encode(content, position, request.at)
        except ValueError:  # no eye, no face or no finger is on it
            return None
        return replace(sample, device_quality=picture.score)


def _shown(frame: bytes | GreyImage) -> bytes:
    return frame if isinstance(frame, bytes) else _coded(frame, ".jpg")


def _coded(image: GreyImage, coding: str) -> bytes:
    pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
    return cv2.imencode(coding, pixels)[1].tobytes()


class VendorDriver:
    """One adapter a name; it searches for nothing by itself."""

    name = "vendor"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self._hosts = {name: VendorHost(name, command, context.monotonic) for name, command in context.commands.items()}

    def scan(self) -> Sequence[DeviceStatus]:
        """List what each adapter lists; an adapter that fails is a line with the reason."""
        return [status for host in self._hosts.values() for status in self._statuses(host)]

    def connect(self, status: DeviceStatus) -> VendorDevice:
        """Return the device behind a status."""
        name, _, device_id = status.address.partition("/")
        host = self._hosts[name]
        listed = next((d for d in host.look().devices if d.device_id == device_id), None)
        if listed is None:
            raise NotConnectedError("device.not_connected", address=status.address)
        return VendorDevice(host, listed, self._context)

    def close(self) -> None:
        """End every adapter."""
        for host in self._hosts.values():
            host.close()

    def _statuses(self, host: VendorHost) -> Sequence[DeviceStatus]:
        seen = host.look()
        detail, params = (seen.problem.code, dict(seen.problem.params)) if seen.problem else ("", {})
        if not seen.devices:
            state = seen.state if seen.problem else DeviceState.ABSENT
            told = "device.vendor.waited_for" if host.is_waiting else "device.vendor.none"
            unknown = detail or told, params or {"name": host.name}
            return [DeviceStatus(self.name, host.name, DeviceKind.FINGERPRINT, state, None, *unknown)]
        return [self._status(host, listed, seen.state, detail, params) for listed in seen.devices]

    def _status(
        self, host: VendorHost, listed: Listed, state: DeviceState, detail: str, params: dict[str, str | int]
    ) -> DeviceStatus:
        address = f"{host.name}/{listed.device_id}"
        if not detail:
            state = listed.state
        if not detail and state is DeviceState.ABSENT:
            detail, params = "device.not_connected", {"address": address}
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=listed.kind,
            state=state,
            identity=listed.identity,
            detail=detail,
            params=params,
            is_simulated=host.name in self._context.simulated,
            may_enrol=listed.kind is not DeviceKind.FINGERPRINT or listed.ppi in PPI,
        )
