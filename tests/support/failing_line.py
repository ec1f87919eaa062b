"""A line in front of an S3 store that fails: busy, reset in the middle, slow, or the answer lost after it was done."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from enum import StrEnum

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset
_SLOWEST_S = 1.0
_BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


class Failure(StrEnum):
    """What becomes of a request."""

    BUSY = "503"
    CUT_ASKING = "cut while asking"
    CUT_ANSWER = "cut in the answer"
    ANSWER_LOST = "answer lost"
    SLOW = "slow"


class FailingLine:
    """Passes requests on to `port`, one a connection; each fails with the probability `failing`, in any of the ways."""

    def __init__(self, port: int, seed: int) -> None:
        self.failing = 0.0
        self.failures: Counter[Failure] = Counter()
        self.lost_puts = 0  # whose answer was lost after the store had done it
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
        with near, suppress(OSError):
            near.settimeout(60)
            asked = _request(near)
            if not asked:
                return
            failure = self._chance.choice(list(Failure)) if self._chance.random() < self.failing else None
            if failure:
                self.failures[failure] += 1
            if failure is Failure.BUSY:
                head = f"HTTP/1.1 503 Slow Down\r\nContent-Length: {len(_BUSY)}\r\nConnection: close\r\n\r\n"
                near.sendall(head.encode() + _BUSY)
                return
            with socket.create_connection(("127.0.0.1", self._to)) as far:
                if failure is Failure.CUT_ASKING:
                    far.sendall(asked[: len(asked) // 2])
                    _reset(near, far)
                    return
                far.sendall(asked)
                answer = _answer(far)
            if failure is Failure.SLOW:
                time.sleep(self._chance.uniform(0, _SLOWEST_S))
            if failure is Failure.ANSWER_LOST:
                self.lost_puts += asked.startswith(b"PUT ") and b" 200 " in answer[:20]
                _reset(near)
            elif failure is Failure.CUT_ANSWER:
                near.sendall(answer[: len(answer) // 2])
                _reset(near)
            else:
                near.sendall(answer)


def _request(near: socket.socket) -> bytes:
    """Return a whole request that asks for no further one behind it; b"" when nobody asks."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        piece = near.recv(65536)
        if not piece:
            return b""
        asked += piece
    head, _, body = asked.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    sizes = [int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:")]
    while len(body) < sum(sizes):
        piece = near.recv(65536)
        if not piece:
            return b""
        body += piece
    return b"\r\n".join([*lines, b"Connection: close", b"", body])


def _answer(far: socket.socket) -> bytes:
    answer = bytearray()
    while piece := far.recv(65536):
        answer += piece
    return bytes(answer)


def _reset(*lines: socket.socket) -> None:
    for line in lines:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        line.close()
