"""A small threaded HTTP/1.1 listener on 127.0.0.1 that takes any verb and stops without leaving a thread behind."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from drivers.context import readable

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 1024 * 1024
_POLL_S = 0.1
_WAITING = 32


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request with its whole body."""

    verb: str
    path: str
    body: bytes


class BadRequestError(Exception):
    """The other side did not send an HTTP request with a stated, bounded length."""


Handler = Callable[["Connection", HttpRequest], None]


class Connection:
    """One accepted connection. Sending raises `OSError` when the other side has gone."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._socket = sock
        self._buffer = b""
        self.stopping = stopping
        self.is_open = True

    def receive(self) -> HttpRequest | None:
        """Return the next request; None at the end of the connection. Raise `BadRequestError`."""
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise BadRequestError("head too long")
            if not self._fill():
                return None
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequestError(first[:80])
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            raise BadRequestError("length")
        while len(self._buffer) < int(length):
            if not self._fill():
                return None
        body, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        if headers.get("connection", "").lower() == "close":
            self.is_open = False
        return HttpRequest(words[0], words[1], body)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def reply(self, status: str, body: bytes, content_type: str = "application/json;charset=utf-8") -> None:
        """Send a whole answer."""
        self.send(head(status, (("Content-Type", content_type), ("Content-Length", str(len(body))))) + body)

    def is_left(self) -> bool:
        """Return whether the other side closed or we are stopping."""
        if self.stopping.is_set():
            return True
        is_told = bool(readable([self._socket], 0))
        try:
            return is_told and not self._socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def cut(self) -> None:
        """Break the line; whoever waits on it wakes up."""
        self.is_open = False
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break the line and let go of the socket."""
        self.cut()
        self._socket.close()

    def _fill(self) -> bool:
        received = self._socket.recv(65536)
        self._buffer += received
        return bool(received)


def head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the first lines of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")


class LoopbackServer:
    """Listens on 127.0.0.1 and hands each request to `handler` on the connection's own thread."""

    def __init__(self, handler: Handler, ports: Iterable[int], name: str) -> None:
        self._handler = handler
        self._name = name
        self._stopping = threading.Event()
        self._connections: set[Connection] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener: socket.socket | None = _bind(ports)
        self._kept: socket.socket | None = None  # holds the port while nobody listens
        self.port: int = self._listener.getsockname()[1]
        self._listen()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def unplug(self) -> None:
        """Vanish: the port refuses and every connection breaks. Nobody else can take the port meanwhile."""
        self._stopping.set()
        if self._listener is not None:
            # A thread waits on it: closing alone would let callers in until that wait ends.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
            with contextlib.suppress(OSError):  # somebody else was as quick
                self._kept = _bound(self.port)
                self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        with self._lock:
            for connection in self._connections:
                connection.cut()

    def plug(self) -> None:
        """Come back on the same port."""
        if self._listener is None:
            self.join()
            self._stopping = threading.Event()
            listener = self._kept or _bound(self.port)
            # Connections of before may still be on their way out.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.listen(_WAITING)
            self._listener, self._kept = listener, None
            self._listen()

    def stop(self) -> None:
        """Close everything and wait for the threads."""
        self.unplug()
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self.join()

    def join(self) -> None:
        """Wait for the threads of a server that was unplugged."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self._threads.clear()

    def _listen(self) -> None:
        assert self._listener is not None
        thread = threading.Thread(target=self._accept, args=(self._listener, self._stopping), name=self._name)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                if not readable([listener], _POLL_S):
                    continue
                sock, _ = listener.accept()
            except (OSError, ValueError):  # closed by unplug()
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, stopping)
            thread = threading.Thread(target=self._serve, args=(connection,), name=f"{self._name}-connection")
            with self._lock:
                self._threads = [known for known in self._threads if known.is_alive()]
                self._connections.add(connection)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            while connection.is_open and not connection.stopping.is_set():
                request = connection.receive()
                if request is None:
                    break
                self._handler(connection, request)
        except BadRequestError:
            with contextlib.suppress(OSError):
                connection.reply("400 Bad Request", b"", "text/plain")
        except OSError:
            pass  # the other side has gone: the end of a conversation, not a fault of ours
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


class OneClientServer:
    """Listens on a free port of 127.0.0.1 and serves one client after the other, as a small device does.

    A client that leaves in the middle ends only its own turn.
    """

    def __init__(self, serve: Callable[[socket.socket], None], name: str) -> None:
        self._serve = serve
        self._listener = _bind([0])
        self.port: int = self._listener.getsockname()[1]
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, once the client that is served has its answer."""
        self.stopping.set()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self.stopping.is_set():
            if readable([self._listener], _POLL_S):
                client, _ = self._listener.accept()
                client.settimeout(1)
                with client, contextlib.suppress(OSError):
                    self._serve(client)


def _bind(ports: Iterable[int]) -> socket.socket:
    """Return a listener on the first free port. Raise `OSError` when none is free."""
    last: OSError | None = None
    for port in ports:
        try:
            listener = _bound(port)
        except OSError as taken:
            last = taken
            continue
        try:
            listener.listen(_WAITING)
        except OSError as taken:
            listener.close()
            last = taken
        else:
            return listener
    raise last or OSError("no port given")


def _bound(port: int) -> socket.socket:
    """Return a socket on a port at which it does not listen yet. Raise `OSError` when the port is taken."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


# A pseudo-terminal under a name that stays: the cable of a simulated serial device.


class PtyLink:
    """The device speaks at `master`; programs open `path`, a link to the other end, which is `slave`."""

    def __init__(self, path: Path, *, is_blocking: bool = False) -> None:
        import pty
        import tty

        self.path = path
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, is_blocking)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self.slave))

    def close(self) -> None:
        """Make the port vanish; idempotent."""
        self.path.unlink(missing_ok=True)
        for descriptor in (self.slave, self.master):
            if descriptor >= 0:
                os.close(descriptor)
        self.slave = self.master = -1
