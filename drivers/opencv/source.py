"""Where frames come from. Each source gives the newest JPEG frame and never makes a caller wait longer than it asks."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from errno import EINPROGRESS, EWOULDBLOCK
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from drivers.context import readable, writable
from drivers.mjpeg import MjpegReader
from drivers.transport import POLL_S, Deadline, check
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NotConnectedError,
    PermissionDeniedError,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

if TYPE_CHECKING:
    import cv2


# Picture sizes that a camera of the kernel offers, asked by V4L2 without starting it, and the one to use.
#
# Source: Linux kernel, `include/uapi/linux/videodev2.h` (VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES).

WANTED_PX = (1920, 1080)  # a paper can be read on it, and 30 frames a second of it fit through USB 2 when compressed
# The frame of a portrait is 480 px high at the 90 px between the eyes that ISO/IEC 19794-5 asks for. It may take two
# thirds of the picture: a person before a camera moves.
LEAST_LINES = 720
LEAST_WORDS = "1280 × 720"

_ENUM_FORMAT, _FORMAT = 0xC0405602, struct.Struct("=III32s4sI12x")
_ENUM_SIZE, _SIZE = 0xC02C564A, struct.Struct("=I4sI6I8x")
_CAPTURE, _DISCRETE = 1, 1
_MOST = 64  # formats of a camera, and sizes of a format: a driver that never ends its list is not followed for ever
_COMPRESSED = ("MJPG", "JPEG")
_PLAIN = ("YUYV", "UYVY", "NV12", "YU12", "BGR3", "RGB3", "GREY")  # what OpenCV turns into pixels

Ioctl = Callable[[int, bytearray], object]


@dataclass(frozen=True, slots=True)
class Mode:
    """Size in px and the four letters of the format; "" for what the camera gives by itself."""

    width: int
    height: int
    fourcc: str = ""

    def __str__(self) -> str:
        return f"{self.width} × {self.height} {self.fourcc}".strip()

    @property
    def lines(self) -> int:
        """The shorter side: a camera may be turned."""
        return min(self.width, self.height)

    @property
    def is_enough(self) -> bool:
        """Whether a portrait can be cut out of it."""
        return self.lines >= LEAST_LINES

    @property
    def is_compressed(self) -> bool:
        """Whether 30 frames a second of it fit through USB 2."""
        return self.fourcc in _COMPRESSED


FALLBACKS = (Mode(*WANTED_PX, "MJPG"), Mode(1280, 720, "MJPG"))
"""Tried one after the other where the system does not tell what a camera offers."""


def offered_modes(path: str) -> tuple[Mode, ...]:
    """Return what the camera at a path offers; nothing where only opening it tells (other systems, no access)."""
    if sys.platform != "linux":
        return ()
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        return tuple(read_modes(lambda request, asked: fcntl.ioctl(descriptor, request, asked)))
    finally:
        os.close(descriptor)


def read_modes(ioctl: Ioctl) -> Iterator[Mode]:
    """Yield the sizes of each format that pictures can be made of. `ioctl(request, asked)` fills `asked` in place."""
    for *_, fourcc, _ in _filled(
        ioctl, _ENUM_FORMAT, lambda index: _FORMAT.pack(index, _CAPTURE, 0, b"", b"", 0), _FORMAT
    ):
        name = fourcc.decode("latin-1")
        if name not in (*_COMPRESSED, *_PLAIN):
            continue
        asked = _asked_size(fourcc)
        for _, _, kind, *numbers in _filled(ioctl, _ENUM_SIZE, asked, _SIZE):
            if kind == _DISCRETE:
                yield Mode(numbers[0], numbers[1], name)
                continue
            yield from _in_range(numbers, name)
            break


def best_of(modes: Iterable[Mode]) -> Mode | None:
    """Return the mode to use, None when nothing is offered.

    Enough for a portrait first, then compressed, then the largest up to `WANTED_PX`. Of plain pictures that are enough
    the smallest: the larger ones come a few times a second only.
    """
    return max(modes, key=_worth, default=None)


def _worth(mode: Mode) -> tuple[bool, bool, bool, int]:
    area, most = mode.width * mode.height, WANTED_PX[0] * WANTED_PX[1]
    is_larger_better = area <= most and (mode.is_compressed or not mode.is_enough)
    return mode.is_enough, mode.is_compressed, area <= most, area if is_larger_better else -area


def _asked_size(fourcc: bytes) -> Callable[[int], bytes]:
    return lambda index: _SIZE.pack(index, fourcc, 0, 0, 0, 0, 0, 0, 0)


def _filled(
    ioctl: Ioctl, request: int, asked: Callable[[int], bytes], form: struct.Struct
) -> Iterator[tuple[Any, ...]]:
    """Yield the fields of each entry of a list; the kernel refuses the number after the last."""
    for index in range(_MOST):
        entry = bytearray(asked(index))
        try:
            ioctl(request, entry)
        except OSError:
            return
        yield form.unpack(entry)


def _in_range(numbers: list[int], name: str) -> Iterator[Mode]:
    """Yield of a camera that scales (stepwise or continuous) its largest size, and ours where they lie within."""
    least_width, most_width, _, least_height, most_height, _ = numbers
    yield Mode(most_width, most_height, name)
    for mode in FALLBACKS:
        if least_width <= mode.width <= most_width and least_height <= mode.height <= most_height:
            yield Mode(mode.width, mode.height, name)


# UVC cameras and video files through OpenCV: the newest frame wins, and of a camera's modes the best is asked for.

CONNECT_TIMEOUT_S = 10.0
STALL_S = 5.0


class VideoSource:
    """A camera or a film; OpenCV's reads block, so a thread grabs."""

    def __init__(self, address: str, least_lines: int = 0) -> None:
        self._address = address
        self._least_lines = least_lines
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._fresh = threading.Event()
        self._frame: bytes | None = None
        self._failure: DeviceError | None = None
        self._frame_at = 0.0

    def start(self, cancel: Cancel) -> None:
        """Open the camera on its own thread and wait for the first frame."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop, self._fresh = threading.Event(), threading.Event()
        self._frame = self._failure = None
        self._frame_at = time.monotonic()
        name = f"grab:{self._address}"
        self._thread = threading.Thread(target=self._grab, args=(self._stop,), name=name, daemon=True)
        self._thread.start()
        deadline = Deadline(CONNECT_TIMEOUT_S)
        while not self._fresh.wait(POLL_S):
            if cancel.is_cancelled() or deadline.is_over:
                self.stop()
                check(cancel)
                raise TimedOutError("device.timed_out", address=self._address)
        if self._frame is None and self._failure is not None:
            raise self._failure

    def latest(self) -> bytes | None:
        """Return the frame grabbed last, once."""
        self._fresh.wait(POLL_S)
        frame, self._frame = self._frame, None
        if frame is not None:
            if self._failure is None:
                self._fresh.clear()
            self._frame_at = time.monotonic()
            return frame
        if self._failure is not None:
            raise self._failure
        if self._thread is None:
            raise NotConnectedError("device.not_connected", address=self._address)
        if time.monotonic() - self._frame_at > STALL_S:
            raise TimedOutError("device.timed_out", address=self._address)
        return None

    def stop(self) -> None:
        """Ask the thread to end; a read that hangs in the camera's driver is not waited for."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=0.2)
        self._thread = None

    def _grab(self, stop: threading.Event) -> None:
        import cv2

        camera = cv2.VideoCapture(int(self._address) if self._address.isdecimal() else self._address)
        try:
            if not camera.isOpened():
                self._fail(NotConnectedError("device.not_connected", address=self._address))
                return
            camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            mode = self._negotiate(camera, cv2) if is_camera(self._address) else None
            if mode is not None and mode.lines < self._least_lines:
                self._fail(too_small(mode))
                return
            while not stop.is_set():
                is_read, image = camera.read()
                if not is_read:
                    self._fail(TransportBrokenError("device.transport_broken", address=self._address))
                    return
                self._frame = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 95))[1].tobytes()
                self._fresh.set()
        finally:
            camera.release()

    def _negotiate(self, camera: cv2.VideoCapture, cv: ModuleType) -> Mode | None:
        """Ask for the best mode and return what comes, None when no frame does. Unasked OpenCV takes 640 × 480."""
        best = best_of(offered_modes(node_of(self._address)))
        got: Mode | None = None
        for wanted in (best,) if best is not None else FALLBACKS:
            camera.set(cv.CAP_PROP_FOURCC, cv.VideoWriter.fourcc(*wanted.fourcc))
            camera.set(cv.CAP_PROP_FRAME_WIDTH, wanted.width)
            camera.set(cv.CAP_PROP_FRAME_HEIGHT, wanted.height)
            is_read, image = camera.read()
            got = Mode(image.shape[1], image.shape[0]) if is_read else None
            if got is not None and got.lines >= LEAST_LINES:
                break
        return got

    def _fail(self, error: DeviceError) -> None:
        self._failure = error
        self._fresh.set()


def is_camera(address: str) -> bool:
    """Return whether an address is that of a camera of the system, by path or by index."""
    return address.isdecimal() or address.startswith("/dev/video")


def node_of(address: str) -> str:
    """Return the path of a camera that is given by path or by index."""
    return f"/dev/video{address}" if address.isdecimal() else address


def too_small(mode: Mode) -> DeviceError:
    """Return the error of a photo camera whose best mode is below what a portrait needs."""
    return DeviceError("device.camera_small", width=mode.width, height=mode.height, least=LEAST_WORDS)


MAX_FILE_BYTES = 32 * 1024 * 1024
_MAX_HEAD_BYTES = 16 * 1024
_STALE_AFTER_S = 1.0


class FrameSource(Protocol):
    """A camera seen as a row of JPEG frames."""

    def start(self, cancel: Cancel) -> None:
        """Be live: connect, or connect again when what waits would be stale. Raise a `DeviceError`."""
        ...

    def latest(self) -> bytes | None:
        """Return the newest frame, or None when none came within a poll. Raise a `DeviceError`."""
        ...

    def stop(self) -> None:
        """Let go of the camera; idempotent."""
        ...


def source_for(address: str, least_lines: int = 0, monotonic: Callable[[], float] = time.monotonic) -> FrameSource:
    """Return the source for a URL, a camera index, a video device or a file.

    A camera of the system with fewer lines than `least_lines` in its best mode is refused when it starts.
    """
    if address.startswith("http://"):
        return MjpegSource(address, monotonic)
    if Path(address).suffix.lower() in (".jpg", ".jpeg", ".png"):
        return StillSource(address)
    return VideoSource(address, least_lines)


class MjpegSource:
    """MJPEG over HTTP on a plain socket.

    Not through OpenCV: its ffmpeg reads without bound and cannot be interrupted when the network stalls. HTTP/1.0,
    so that a server may not answer in chunks.
    """

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._reader: MjpegReader | None = None
        self._read_at = self._frame_at = 0.0

    def start(self, cancel: Cancel) -> None:
        """Connect and read the head of the answer."""
        if self._socket is not None and self._monotonic() - self._read_at < _STALE_AFTER_S:
            return
        self.stop()
        try:
            parts = urlsplit(self._url)
            self._socket = _connect(parts.hostname or "", parts.port or 80, cancel)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = parts.netloc.rpartition("@")[2]
            self._socket.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: multipart/*\r\n\r\n".encode())
            head, rest = self._read_head(self._socket, cancel)
            self._reader = MjpegReader(_content_type(head))
            self._reader.feed(rest)
            self._read_at = self._frame_at = self._monotonic()
        except (OSError, ValueError) as error:
            self.stop()
            raise NotConnectedError("device.not_connected", address=self._url) from error
        except DeviceError:
            self.stop()
            raise

    def latest(self) -> bytes | None:
        """Read all that waits and return its last frame."""
        if self._socket is None or self._reader is None:
            raise NotConnectedError("device.not_connected", address=self._url)
        newest = None
        for _ in range(64):  # a sender faster than this loop does not hold it for ever
            received = _receive(self._socket, POLL_S if newest is None else 0.0, self._url)
            if received is None:
                break
            for frame in self._reader.feed(received):
                newest = frame
        self._read_at = self._monotonic()
        if newest is not None:
            self._frame_at = self._read_at
        elif self._read_at - self._frame_at > STALL_S:
            raise TimedOutError("device.timed_out", address=self._url)
        return newest

    def stop(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
        self._socket = self._reader = None

    def _read_head(self, connection: socket.socket, cancel: Cancel) -> tuple[bytes, bytes]:
        received = b""
        deadline = Deadline(STALL_S, self._monotonic)
        while b"\r\n\r\n" not in received:
            check(cancel)
            if deadline.is_over:
                raise TimedOutError("device.timed_out", address=self._url)
            if len(received) > _MAX_HEAD_BYTES:
                raise ProtocolError("device.stream_head")
            received += _receive(connection, POLL_S, self._url) or b""
        head, _, rest = received.partition(b"\r\n\r\n")
        return head, rest


class StillSource:
    """An image file shown again and again, for offices that only have a photo."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._jpeg: bytes | None = None

    def start(self, cancel: Cancel) -> None:
        """Read the file."""
        check(cancel)
        try:
            if self._path.stat().st_size > MAX_FILE_BYTES:
                raise ProtocolError("device.stream_too_big", limit=MAX_FILE_BYTES)
            content = self._path.read_bytes()
        except PermissionError as error:
            raise PermissionDeniedError("device.permission_denied", address=str(self._path), group="") from error
        except OSError as error:
            raise NotConnectedError("device.not_connected", address=str(self._path)) from error
        self._jpeg = content if content.startswith(b"\xff\xd8") else _to_jpeg(content)

    def latest(self) -> bytes | None:
        """Return the image."""
        time.sleep(POLL_S)
        if self._jpeg is None:
            raise NotConnectedError("device.not_connected", address=str(self._path))
        return self._jpeg

    def stop(self) -> None:
        """Forget the image."""
        self._jpeg = None


def is_listening(url: str, timeout_s: float = 0.3) -> bool:
    """Return whether something answers at the host and port of a URL."""
    try:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout_s):
            return True
    except (OSError, ValueError):
        return False


def _connect(host: str, port: int, cancel: Cancel) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        code = connection.connect_ex(address)
        deadline = Deadline(CONNECT_TIMEOUT_S)
        while code in (EINPROGRESS, EWOULDBLOCK) and not writable([connection], POLL_S):
            check(cancel)
            if deadline.is_over:
                raise TimeoutError(host)
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, host)
        connection.settimeout(CONNECT_TIMEOUT_S)
    except BaseException:  # whatever ends the attempt, the descriptor goes with it
        connection.close()
        raise
    return connection


def _receive(connection: socket.socket, wait_s: float, url: str) -> bytes | None:
    """Return what arrived, None when nothing did. Raise `TransportBrokenError` at the end of the stream."""
    try:
        if not readable([connection], wait_s):
            return None
        received = connection.recv(256 * 1024)
    except OSError as error:
        raise TransportBrokenError("device.transport_broken", address=url) from error
    if not received:
        raise TransportBrokenError("device.transport_broken", address=url)
    return received


def _content_type(head: bytes) -> str:
    lines = head.decode("latin-1").split("\r\n")
    if len(lines[0].split()) < 2 or lines[0].split()[1] != "200":
        raise ProtocolError("device.stream_type", content_type=lines[0][:80])
    headers = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
    return next((v.strip() for k, v in headers.items() if k.strip().lower() == "content-type"), "")


def _to_jpeg(content: bytes) -> bytes:
    import cv2
    import numpy as np

    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None:
        raise ProtocolError("device.stream_not_jpeg")
    return cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 98))[1].tobytes()
