from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest
import serial

from drivers.simulators.loopback import Connection, HttpRequest, LoopbackServer, OneClientServer, PtyLink


def echo(connection: Connection, request: HttpRequest) -> None:
    connection.reply("200 OK", f"{request.verb} {request.path} ".encode() + request.body, "text/plain")


@pytest.fixture
def server():
    listening = LoopbackServer(echo, [0], "echo")
    yield listening
    listening.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("echo")]


def talk(server: LoopbackServer, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        received = b""
        while part := sock.recv(65536):
            received += part
        return received


def test_any_verb_and_several_requests_on_one_connection(server: LoopbackServer) -> None:
    answer = talk(server, b"BREW /pot HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n")
    assert b"BREW /pot hi" in answer
    assert answer.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"A" * 20_000,
    ],
)
def test_nonsense_is_refused(server: LoopbackServer, data: bytes) -> None:
    assert talk(server, data).startswith(b"HTTP/1.1 400")


def test_half_a_request_ends_quietly(server: LoopbackServer) -> None:
    assert talk(server, b"GET / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf") == b""


def test_nobody_takes_the_port_of_an_unplugged_server(server: LoopbackServer) -> None:
    server.unplug()
    with pytest.raises(ConnectionRefusedError):
        talk(server, b"GET / HTTP/1.1\r\n\r\n")
    other = LoopbackServer(echo, [server.port, 0], "echo-other")
    other.stop()  # first: a thread that still listens would hold up what fails here
    assert other.port != server.port
    server.plug()
    assert talk(server, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_takes_the_first_free_port(server: LoopbackServer) -> None:
    other = LoopbackServer(echo, [server.port, 0], "echo-other")
    assert other.port != server.port
    other.stop()
    with pytest.raises(OSError, match="in use"):
        LoopbackServer(echo, [server.port], "echo-third")


def test_unplugged_it_refuses_at_once_and_breaks_what_is_open(server: LoopbackServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(100)
        server.unplug()
        assert sock.recv(100) == b""
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", server.port)):
        pass
    server.plug()
    assert b"200 OK" in talk(server, b"GET / HTTP/1.1\r\n\r\n")


def test_one_client_after_the_other_also_after_one_that_broke_off() -> None:
    def answer(client: socket.socket) -> None:
        if client.recv(8) == b"break":
            raise ConnectionResetError
        client.sendall(b"well")

    server = OneClientServer(answer, "small")
    try:
        for said, heard in ((b"hello", b"well"), (b"break", b""), (b"again", b"well")):
            with socket.create_connection(("127.0.0.1", server.port), timeout=120) as client:
                client.sendall(said)
                assert client.recv(8) == heard
    finally:
        server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=120)


def test_what_is_said_at_one_end_is_heard_at_the_other(tmp_path: Path) -> None:
    link = PtyLink(tmp_path / "tty")
    with serial.Serial(str(link.path), timeout=120) as line:
        os.write(link.master, b"\x00\n\xff")
        assert line.read(3) == b"\x00\n\xff"  # raw: nothing is made of line ends
    link.close()


def test_it_vanishes_and_comes_back_under_its_name(tmp_path: Path) -> None:
    first = PtyLink(tmp_path / "tty")
    first.close()
    first.close()
    assert not os.path.lexists(first.path)
    second, third = PtyLink(tmp_path / "tty"), PtyLink(tmp_path / "tty")
    assert third.path.readlink() == Path(os.ttyname(third.slave))
    second.close()
    third.close()


@pytest.mark.parametrize("is_blocking", [True, False])
def test_the_device_waits_only_where_it_wants_to(tmp_path: Path, is_blocking: bool) -> None:
    link = PtyLink(tmp_path / "tty", is_blocking=is_blocking)
    assert os.get_blocking(link.master) is is_blocking
    link.close()
