"""A receipt printer on the network: keeps what it prints as text, and counts the pictures and cuts."""

from __future__ import annotations

import contextlib
import socket

from drivers.simulators.loopback import OneClientServer

_MOST_BYTES = 1 << 20
_ESC, _GS = 0x1B, 0x1D
_WITH_ONE = (b"t", b"a", b"d", b"E", b"M")  # ESC commands with one byte after their letter


class SlipPrinter:
    """Prints what comes to its port, one slip a connection."""

    def __init__(self) -> None:
        self.slips: list[str] = []
        self.pictures = self.cuts = 0
        self._server = OneClientServer(self._receive, "slip-printer")
        self.address = f"tcp://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Take it away."""
        self._server.stop()

    def _receive(self, client: socket.socket) -> None:
        received = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while len(received) < _MOST_BYTES and (part := client.recv(4096)):
                received += part
        self._print(received)

    def _print(self, received: bytes) -> None:
        """Follow the commands that such printers know; letters between them are printed."""
        text, at = bytearray(), 0
        while at < len(received):
            code, letter = received[at], received[at + 1 : at + 2]
            if code == _ESC:
                at += 3 if letter in _WITH_ONE else 2
            elif code == _GS and letter == b"V":
                self.cuts += 1
                at += 3
            elif code == _GS and letter == b"v":
                width, height = (int.from_bytes(received[at + n : at + n + 2], "little") for n in (4, 6))
                self.pictures += 1
                at += 8 + width * height
            else:
                text.append(code)
                at += 1
        self.slips.append(text.decode("cp437"))
