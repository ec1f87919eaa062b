"""The finger on libfprint's virtual reader: a client of the socket that the library opens with the reader.

Native int32 pairs: width and height, then grey bytes; (-1, code) asks to try again, (-2, code) is an error.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import sys
import threading
from pathlib import Path

from drivers.simulators.stage import Stage
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import Position

_PAIR = struct.Struct("=ii")
_POLL_S = 0.02
_LIFTED_S = 0.4  # the library loses a print that comes while it works on the one before


class VirtualFinger:
    """Lays fingers of the person on the stage on the reader, one after the other as the library takes them."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self._stage = stage
        self.path = path
        self._messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="virtual-finger")
        self._thread.start()

    def lay(self, finger: Position = Position.RIGHT_INDEX, times: int = 1) -> None:
        """Lay a finger on the reader and lift it; each time is an impression of its own."""
        for _ in range(times):
            met = self._stage.attempt(finger)
            if met is not None:
                self._messages.put(message(met.image))

    def ask_again(self, code: int = 0) -> None:
        """Let the reader ask for the finger once more."""
        self._messages.put(_PAIR.pack(-1, code))

    def fail(self, code: int = 0) -> None:
        """Let the reader fail."""
        self._messages.put(_PAIR.pack(-2, code))

    def stop(self) -> None:
        """Take the hand away for good."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
                line.connect(str(self.path))  # fails until the library opens its reader
                line.settimeout(_POLL_S)
                self._serve(line)
            self._stopping.wait(_POLL_S)

    def _serve(self, line: socket.socket) -> None:
        while not self._stopping.is_set() and not self._is_gone(line):
            with contextlib.suppress(queue.Empty):
                self._send(line, self._messages.get(timeout=_POLL_S))
                self._stopping.wait(_LIFTED_S)

    def _send(self, line: socket.socket, content: bytes) -> None:
        while content and not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                content = content[line.send(content) :]
        while _unread_bytes(line) and not self._stopping.wait(_POLL_S):
            pass

    def _is_gone(self, line: socket.socket) -> bool:
        try:
            return line.recv(1) == b""
        except TimeoutError:
            return False


def _unread_bytes(line: socket.socket) -> int:
    """Return what the library has not taken: it looks at the reader only while it is asked for a finger."""
    import fcntl  # of Linux, as libfprint
    import termios

    count = fcntl.ioctl(line, termios.TIOCOUTQ, bytes(4))
    return int.from_bytes(count, sys.byteorder)


def message(image: Image) -> bytes:
    """Return the bytes that lay an image on the reader."""
    height, width = image.shape
    return _PAIR.pack(width, height) + image.tobytes()
