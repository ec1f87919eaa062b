"""A TCP line in front of a server that fails at random: refuses, is cut in the middle, or loses the answer."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress


class FailingLine:
    """Passes connections on to `port`; of those while `failing` each third or so comes to a bad end."""

    def __init__(self, port: int, seed: int) -> None:
        self.failing = False
        self.failures = 0
        self._to, self._chance = port, random.Random(seed)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listening.getsockname()[1])
        self._is_over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._is_over = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self._is_over:
            try:
                near = self._listening.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near:
            left = [1 << 62, 1 << 62]  # bytes there and back before the cut
            if self.failing and self._chance.random() < 0.3:
                self.failures += 1
                left[self._chance.randrange(2)] = self._chance.choice((0, 100, 20_000))
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as far:
                back = threading.Thread(target=self._pass, args=(far, near, left[1]), daemon=True)
                back.start()
                self._pass(near, far, left[0])
                back.join()

    def _pass(self, source: socket.socket, target: socket.socket, left: int) -> None:
        with suppress(OSError):
            while left > 0 and (piece := source.recv(min(left, 65536))):
                target.sendall(piece)
                left -= len(piece)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
