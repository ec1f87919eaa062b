"""Cameras at given addresses and those the kernel lists.

An address that begins with `ir:` is that of an infrared camera for irises (`ir:/dev/video2`, `ir:http://…`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from drivers.context import DriverContext
from drivers.opencv.iris_camera import IrisCamera
from drivers.opencv.live import LiveCamera
from drivers.opencv.source import (
    LEAST_LINES,
    FrameSource,
    Mode,
    best_of,
    is_camera,
    is_listening,
    node_of,
    offered_modes,
    source_for,
    too_small,
)
from drivers.transport import split_url
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FrameEncoder,
    FrameScorer,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
)

# A camera that does not judge: frames are scored while they come and the best one is kept.


class PhotoCamera(LiveCamera):
    """Captures the portrait from a `FrameSource`."""

    def __init__(
        self,
        source: FrameSource,
        identity: DeviceIdentity,
        scorer: FrameScorer,
        encoder: FrameEncoder,
        look: Callable[[], DeviceState],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source, identity, look, (Position.PORTRAIT,), monotonic)
        self._scorer = scorer
        self._encoder = encoder

    @property
    def capabilities(self) -> Capabilities:
        """Portraits with preview, unsigned."""
        return Capabilities(DeviceKind.CAMERA, self._positions, may_preview=True)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Return the first frame that reaches the threshold, or the best usable one when the time is up."""
        self._expect(request.positions)
        best = self._best_frame(request, preview, cancel)
        try:
            sample = self._encoder.encode(best, Position.PORTRAIT, request.at)
        except ValueError as error:
            raise ProtocolError("device.stream_not_jpeg") from error
        return CaptureResult((sample,), last_hash=request.previous_hash)

    def _best_frame(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> bytes:
        best, best_quality = b"", 0
        for frame in self._frames(request, preview, cancel):
            quality = self._quality(frame)
            if quality > best_quality:
                best, best_quality = frame, quality
            if best_quality >= request.threshold:
                break
        if not best:
            self._source.stop()
            raise NothingPresentedError("device.no_face")
        return best

    def _quality(self, frame: bytes) -> int:
        try:
            return self._scorer.score(frame).quality
        except ValueError:  # a torn frame: the next one comes
            return 0


INFRARED = "ir:"
SYSFS = Path("/sys/class/video4linux")


class OpenCvDriver:
    """Photo and infrared cameras that speak MJPEG over HTTP or UVC."""

    name = "opencv"

    def __init__(
        self,
        context: DriverContext,
        sysfs: Path = SYSFS,
        offered: Callable[[str], Iterable[Mode]] = offered_modes,
    ) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._sysfs = sysfs
        self._offered = offered
        self._best: dict[str, tuple[int, Mode | None]] = {}  # of each camera, asked for once when it is plugged in

    def scan(self) -> Sequence[DeviceStatus]:
        """List given addresses, then the first node of each camera of the kernel."""
        addresses = dict.fromkeys(self._context.given(self.name))
        if self._context.may_search(self.name):
            nodes = sorted(n for n in self._sysfs.glob("video*") if _is_first_node(n))
            infrared = {bare(address) for address in addresses if is_infrared(address)}
            addresses |= dict.fromkeys(path for n in nodes if (path := f"/dev/{n.name}") not in infrared)
        return [self._status(address) for address in addresses]

    def connect(self, status: DeviceStatus) -> PhotoCamera | IrisCamera:
        """Return the camera behind a status."""
        identity = status.identity or self._identity(status.address)
        least = LEAST_LINES if status.kind is DeviceKind.CAMERA else 0
        context, place = self._context, bare(status.address)
        source, look = source_for(place, least, context.monotonic), partial(_state, place)
        if status.kind is DeviceKind.IRIS:
            return IrisCamera(source, identity, context.iris_scorer, context.iris_encoder, look, context.monotonic)
        return PhotoCamera(source, identity, context.face_scorer, context.face_encoder, look, context.monotonic)

    def _status(self, address: str) -> DeviceStatus:
        place = bare(address)
        try:
            split_url(place)
        except InputError as error:
            kind = DeviceKind.IRIS if is_infrared(address) else DeviceKind.CAMERA
            params = dict(error.problem.params)
            return DeviceStatus(self.name, address, kind, DeviceState.NOT_READY, None, error.code, params)
        kind = DeviceKind.IRIS if is_infrared(address) else DeviceKind.CAMERA
        state, mode = _state(place), None
        detail, params = "", {}
        if state is DeviceState.ABSENT:
            detail, params = "device.not_connected", {"address": place}
        if state is DeviceState.PERMISSION_DENIED:
            detail, params = "device.permission_denied", {"address": place, "group": "video"}
        if state is DeviceState.READY and is_camera(place):
            mode = self._best_mode(node_of(place))
        if mode is not None and kind is DeviceKind.CAMERA and not mode.is_enough:
            refused = too_small(mode)
            state, detail, params = DeviceState.NOT_READY, refused.code, dict(refused.problem.params)
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=kind,
            state=state,
            identity=self._identity(place),
            detail=detail,
            params={**params},
            is_simulated=place in self._context.simulated,
            mode="" if mode is None else str(mode),
        )

    def _best_mode(self, node: str) -> Mode | None:
        try:
            plugged_in_at = Path(node).stat().st_ctime_ns
        except OSError:
            return None
        if self._best.get(node, (0, None))[0] != plugged_in_at:
            self._best[node] = plugged_in_at, best_of(self._offered(node))
        return self._best[node][1]

    def _identity(self, address: str) -> DeviceIdentity:
        if address.startswith("http://"):
            return DeviceIdentity("MJPEG", urlsplit(address).netloc.rpartition("@")[2], address)
        node = self._sysfs / Path(address).name / "name"
        if address.startswith("/dev/") and node.is_file():
            return DeviceIdentity("UVC", node.read_text(errors="replace").strip(), address)
        return DeviceIdentity("UVC" if address.isdecimal() else "File", Path(address).name, address)


def is_infrared(address: str) -> bool:
    """Return whether an address is that of a camera for irises."""
    return address.startswith(INFRARED)


def bare(address: str) -> str:
    """Return where the camera is, without what it is for."""
    return address.removeprefix(INFRARED)


def _is_first_node(node: Path) -> bool:
    """A camera has a node for pictures (index 0) and others for metadata."""
    try:
        return (node / "index").read_text().strip() == "0"
    except OSError:
        return False


def _state(address: str) -> DeviceState:
    if address.startswith("http://"):
        return DeviceState.READY if is_listening(address) else DeviceState.ABSENT
    path = Path(f"/dev/video{address}" if address.isdecimal() and os.name == "posix" else address)
    if address.isdecimal() and os.name != "posix":
        return DeviceState.READY  # an index can only be tried there by opening the camera
    if not path.exists():
        return DeviceState.ABSENT
    return DeviceState.READY if os.access(path, os.R_OK) else DeviceState.PERMISSION_DENIED
