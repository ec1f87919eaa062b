"""Preview and ink on their way from a device to the screen: the latest wins, JPEG is decoded on a thread of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Lock, Thread

from PySide6.QtCore import QBuffer, QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from fieldkit.ports.devices import Signature
from fieldkit.ports.recording import FingerSeen

_SPAN_S = 1.0


class PreviewMailbox(QObject):
    """A `PreviewSink`: `offer` from any thread, `take` on the thread of the window after `arrived`."""

    arrived = Signal()

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._monotonic = monotonic
        self._room = Condition()
        self._jpeg: bytes | None = None
        self._image: QImage | None = None
        self._is_open = True
        self._times: deque[float] = deque(maxlen=240)
        self._fit = QSize()
        self._fingers: tuple[FingerSeen, ...] = ()
        self._thread = Thread(target=self._decode, name="preview", daemon=True)
        self._thread.start()

    def offer(self, jpeg: bytes) -> None:
        """Put a JPEG frame; an older unread frame is forgotten."""
        with self._room:
            self._jpeg = jpeg
            self._room.notify()

    def take(self) -> QImage | None:
        """Return the newest decoded frame, once."""
        with self._room:
            image, self._image = self._image, None
            return image

    def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
        """Put the fingers of the newest frame."""
        with self._room:
            self._fingers = fingers

    def fingers(self) -> tuple[FingerSeen, ...]:
        """Return the fingers of the newest frame."""
        with self._room:
            return self._fingers

    def fit(self, size: QSize) -> None:
        """Decode to no more than this size in device pixels; smaller frames stay as they are."""
        with self._room:
            self._fit = QSize(size)

    def fps(self) -> int:
        """Return how many frames came in the last second."""
        with self._room:
            now = self._monotonic()
            return sum(1 for at in self._times if now - at <= _SPAN_S)

    def close(self) -> None:
        """Stop decoding; later offers are forgotten."""
        with self._room:
            self._is_open = False
            self._room.notify()
        self._thread.join()

    def _decode(self) -> None:
        while True:
            with self._room:
                self._room.wait_for(lambda: self._jpeg is not None or not self._is_open)
                if not self._is_open:
                    return
                jpeg, self._jpeg, fit = self._jpeg, None, self._fit
            if jpeg is not None and (image := _read(jpeg, fit)) is not None:
                with self._room:
                    is_first = self._image is None
                    self._image = image
                    self._times.append(self._monotonic())
                if is_first:
                    self.arrived.emit()


def _read(jpeg: bytes, fit: QSize) -> QImage | None:
    """Decode a frame, `None` when it is broken: the next one comes within milliseconds."""
    buffer = QBuffer()
    buffer.setData(QByteArray(jpeg))
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    if not reader.canRead():
        return None
    size = reader.size()
    if fit.isValid() and not fit.isEmpty() and (size.width() > fit.width() or size.height() > fit.height()):
        reader.setScaledSize(size.scaled(fit, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


class InkMailbox(QObject):
    """A `StrokeSink`: `offer_signature` from any thread, `take` on the thread of the window after `arrived`."""

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = Lock()
        self._signature: Signature | None = None

    def offer_signature(self, signature: Signature) -> None:
        """Put the ink drawn so far; an older unread one is forgotten."""
        with self._lock:
            is_first = self._signature is None
            self._signature = signature
        if is_first:
            self.arrived.emit()

    def take(self) -> Signature | None:
        """Return the newest ink, once."""
        with self._lock:
            signature, self._signature = self._signature, None
            return signature
