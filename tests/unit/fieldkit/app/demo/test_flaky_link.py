from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from fieldkit.app.demo.flaky_link import FlakyLink


class Echo:
    """Returns every byte and remembers what came."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.heard = bytearray()
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._echo, args=(near,))
            self._threads.append(thread)
            thread.start()

    def _echo(self, near: socket.socket) -> None:
        with near:
            try:
                while piece := near.recv(4096):
                    self.heard += piece
                    near.sendall(piece)
            except OSError:
                return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._acceptor.join()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.close()


def line_to(echo: Echo) -> FlakyLink:
    return FlakyLink("127.0.0.1", echo.listener.getsockname()[1])


def dial(line: FlakyLink) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), timeout=120)


def read(near: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (piece := near.recv(size - len(got))):
        got += piece
    return got


def test_it_relays_both_ways(echo: Echo) -> None:
    with line_to(echo) as line, dial(line) as near:
        near.sendall(b"halo" * 5000)
        assert read(near, 20_000) == b"halo" * 5000
        assert line.forwarded_bytes == 20_000


def is_broken(line: FlakyLink, sent: bytes) -> bool:
    """Return whether not all bytes come back; the kernel decides at which call the reset is seen."""
    try:
        with dial(line) as near:
            near.sendall(sent)
            return read(near, len(sent)) != sent
    except OSError:
        return True


def test_it_cuts_once_at_the_byte(echo: Echo) -> None:
    with line_to(echo) as line:
        line.cut_after(1000)
        assert is_broken(line, b"x" * 5000)
        assert (line.cuts, line.forwarded_bytes) == (1, 1000)
        assert not is_broken(line, b"again")
    assert len(echo.heard) <= 1005


def test_a_line_that_is_down_refuses_and_comes_back(echo: Echo) -> None:
    with line_to(echo) as line:
        line.take_down()
        assert is_broken(line, b"x")
        line.bring_up()
        assert not is_broken(line, b"x")


def test_a_line_may_stay_down_after_the_byte(echo: Echo) -> None:
    with line_to(echo) as line:
        line.stay_down_after(1000)
        assert is_broken(line, b"x" * 5000)
        assert is_broken(line, b"again")
        line.bring_up()
        assert not is_broken(line, b"again")
        assert (line.cuts, line.forwarded_bytes) == (1, 1005)


def test_without_a_gateway_behind_it_the_line_resets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with FlakyLink("127.0.0.1", port) as line:
        assert is_broken(line, b"x")
