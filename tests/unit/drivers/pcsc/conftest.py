"""A card on pcscd's virtual reader: vpcd listens, the card is its TCP client (2-byte big-endian length + payload)."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from support import pcscd

ATR = bytes.fromhex("3B8A80013037393134315F3030316F")


def _slot() -> socket.socket:
    """Connect to the reader; it listens for one card and looks for it only now and then."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", pcscd.PORT), 0.5)
        except OSError:
            time.sleep(0.01)


class VirtualCard:
    """Answers APDUs by a function; `pull` takes it away."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.apdus: list[bytes] = []
        self._answer = answer
        self._socket = _slot()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def pull(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        try:
            while (message := self._receive()) is not None:
                if len(message) > 1:
                    self.apdus.append(message)
                    self._send(self._answer(message))
                elif message == b"\x04":
                    self._send(ATR)
        except OSError:
            return

    def _receive(self) -> bytes | None:
        head = self._exactly(2)
        return None if head is None else self._exactly(struct.unpack(">H", head)[0])

    def _exactly(self, count: int) -> bytes | None:
        received = b""
        while len(received) < count:
            part = self._socket.recv(count - len(received))
            if not part:
                return None
            received += part
        return received

    def _send(self, payload: bytes) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self._socket.sendall(struct.pack(">H", len(payload)) + payload)


# Only for this folder: other tests may look at a laptop without the service.
virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


@pytest.fixture
def insert(virtual_reader: str) -> Iterator[Callable[[Callable[[bytes], bytes]], VirtualCard]]:
    inserted: list[VirtualCard] = []

    def insert_card(answer: Callable[[bytes], bytes]) -> VirtualCard:
        inserted.append(VirtualCard(answer))
        return inserted[-1]

    yield insert_card
    for card in inserted:
        card.pull()
    pcscd.wait_until_empty()
