"""UVC cameras and video files through OpenCV: the newest frame wins, and of a camera's modes the best is asked for."""

from __future__ import annotations

import threading
import time
from types import ModuleType
from typing import TYPE_CHECKING

from drivers.opencv.modes import FALLBACKS, LEAST_LINES, LEAST_WORDS, Mode, best_of, offered_modes
from drivers.transport import POLL_S, Deadline, check
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NotConnectedError,
    TimedOutError,
    TransportBrokenError,
)

if TYPE_CHECKING:
    import cv2

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
