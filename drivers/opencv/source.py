"""Where frames come from. Each source gives the newest JPEG frame and never makes a caller wait longer than it asks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from errno import EINPROGRESS, EWOULDBLOCK
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from drivers.mjpeg import MjpegReader
from drivers.opencv.video import CONNECT_TIMEOUT_S, STALL_S, VideoSource
from drivers.readiness import readable, writable
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
