"""A bad line between a kit and its gateway: a TCP relay on loopback that can be cut at any byte and taken down."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType

_PIECE_BYTES = 4096
_WAIT_S = 0.1
# A cut line says nothing: the connection is reset, not closed politely.
_RESET = struct.pack("ii", 1, 0)


class FlakyLink:
    """Relays to a gateway; `cut_after` breaks all connections once, at a byte that the kit sends."""

    def __init__(self, host: str, port: int, listen_port: int = 0) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", listen_port))
        self._listener.settimeout(_WAIT_S)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._left: int | None = None
        self._is_down = self._stays_down = False
        self._is_closing = False
        self.cuts = 0
        self.forwarded_bytes = 0
        self._acceptor = threading.Thread(target=self._accept, name="flaky-link", daemon=True)

    @property
    def port(self) -> int:
        """Where the kit connects."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> FlakyLink:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closing = True
        self._acceptor.join()
        self._listener.close()
        self._reset_all()
        for thread in self._threads:
            thread.join()

    def cut_after(self, byte_count: int) -> None:
        """Break all connections once, after that many more bytes from the kit."""
        with self._lock:
            self._left, self._stays_down = byte_count, False

    def stay_down_after(self, byte_count: int) -> None:
        """Break all connections after that many more bytes from the kit, and answer no more until brought up."""
        with self._lock:
            self._left, self._stays_down = byte_count, True

    def take_down(self) -> None:
        """Break everything and answer no more."""
        self._is_down = True
        self._reset_all()

    def bring_up(self) -> None:
        """Answer again."""
        self._is_down = False

    def _accept(self) -> None:
        while not self._is_closing:
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            if self._is_down:
                _reset(near)
                continue
            try:
                far = socket.create_connection(self._target, timeout=5)
            except OSError:
                _reset(near)
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for source, sink, is_from_kit in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._pump, args=(source, sink, is_from_kit), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_from_kit: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE_BYTES):
                allowed = self._allowed(len(piece)) if is_from_kit else len(piece)
                sink.sendall(piece[:allowed])
                if allowed < len(piece):
                    self.cuts += 1
                    self._is_down = self._is_down or self._stays_down
                    self._reset_all()
                    return
            sink.shutdown(socket.SHUT_WR)

    def _allowed(self, wanted: int) -> int:
        with self._lock:
            allowed = wanted if self._left is None else min(wanted, self._left)
            if self._left is not None:
                self._left = None if allowed < wanted else self._left - allowed
            self.forwarded_bytes += allowed
            return allowed

    def _reset_all(self) -> None:
        with self._lock:
            doomed, self._open = self._open, set()
        for connection in doomed:
            _reset(connection)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # Wakes the thread that reads it; closing alone would not.
        connection.shutdown(socket.SHUT_RD)
    connection.close()
