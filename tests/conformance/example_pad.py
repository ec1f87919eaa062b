"""The other end of the example's wire: a pad on which the simulated person signs when a program asks."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from drivers.simulators.stage import Stage


class LinePadSimulator:
    """Listens on a port of loopback that it keeps when it is plugged in again."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._port = stage, 0
        self.plug()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def plug(self) -> None:
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._listener.settimeout(0.05)
        self._port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(self._stopping,), name="line-pad")
        self._thread.start()

    def unplug(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _serve(self, stopping: threading.Event) -> None:
        lines: list[socket.socket] = []
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                line, _ = self._listener.accept()
                line.settimeout(0.02)
                lines.append(line)
            for line in lines:
                with contextlib.suppress(OSError):
                    if line.recv(64):
                        self._sign(line)
        for line in lines:
            line.close()

    def _sign(self, line: socket.socket) -> None:
        if self._stage.subject is None:
            return
        for stroke in self._stage.subject.signature().strokes:
            for point in stroke:
                line.sendall(b"%d %d %d\n" % (point.x_um, point.y_um, round(point.pressure * 1000)))
            line.sendall(b"up\n")
            time.sleep(0.01)
