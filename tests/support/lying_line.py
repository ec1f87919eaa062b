"""A TLS proxy before the real gateway that answers some requests itself, byte for byte as a test wrote it."""

from __future__ import annotations

import http.client
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from support.gateway import World

from sync.gateway import provision
from sync.protocol import tus

_SILENCE_S = 300.0  # of somebody who has gone: on a busy machine nobody else is silent for so long
Raw = bytes | Callable[[], bytes]


def raw(status: int, body: bytes = b"", *headers: str, length: int | None = None, reason: str = "X") -> bytes:
    """Return an answer; `length` may lie about the body."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {size}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class LyingLine:
    """Lies to requests whose method and path begin as told; hands all others on to the gateway."""

    def __init__(self, world: World) -> None:
        self.lies = 0
        self._lie: tuple[str, str, Raw] | None = None
        certificate, key = provision.tls_files(world.folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._behind = ssl._create_unverified_context()
        self._world = world
        line = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                line._serve(self.request)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def lying(self, method: str, path: str, answer: Raw) -> Iterator[None]:
        self.lies, self._lie = 0, (method, path, answer)
        try:
            yield
        finally:
            self._lie = None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, connection: Any) -> None:
        try:
            with self._context.wrap_socket(connection, server_side=True) as wire:
                wire.settimeout(_SILENCE_S)
                while self._answer(wire):
                    pass
        except OSError:
            return  # the kit hung up

    def _answer(self, wire: ssl.SSLSocket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = wire.recv(65536)
            if not piece:
                return False
            head += piece
        top, _, body = head.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        while len(body) < int(headers.get("Content-Length", headers.get("content-length", "0"))):
            body += wire.recv(65536)
        if self._lie is not None and method == self._lie[0] and path.startswith(self._lie[1]):
            self.lies += 1
            answer = self._lie[2]
            wire.sendall(answer() if callable(answer) else answer)
            return False
        wire.sendall(self._truth(method, path, headers, body))
        return True

    def _truth(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        behind = http.client.HTTPSConnection("127.0.0.1", self._world.port, context=self._behind, timeout=_SILENCE_S)
        try:
            behind.request(method, path, body, headers)
            answer = behind.getresponse()
            content = answer.read()
            hop = {"transfer-encoding", "connection", "content-length"}
            if self._lie is not None and self._lie[1].startswith("/receipts"):
                hop.add(tus.RECEIPT_HEADER.lower())  # as before that header: receipts are asked for
            kept = [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in hop]
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *kept, f"Content-Length: {len(content)}", "", ""]
            return "\r\n".join(lines).encode("latin-1") + content
        finally:
            behind.close()
