"""The kernel names every listener; where it does not, each port is tried."""

from __future__ import annotations

import socket
import struct
import sys

import pytest

from drivers.sbi.transport import listening_ports, open_ports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells its listeners")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_listener_is_named_until_it_closes(family: socket.AddressFamily) -> None:
    with socket.create_server(("", 0), family=family) as server:
        port = server.getsockname()[1]
        assert port in (listening_ports() or ())
        with socket.create_connection(("127.0.0.1", port)) if family is socket.AF_INET else server as end:
            assert (end.getsockname()[1] in (listening_ports() or ())) is (end is server)
    assert port not in (listening_ports() or ())


@pytest.mark.parametrize("answer", [b"short", struct.pack("=IHHIIi", 20, 2, 0, 1, 0, -2)])
def test_a_kernel_that_does_not_tell_is_told_apart_from_one_without_listeners(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(socket.socket, "recv", lambda *_: answer)
    assert listening_ports() is None


@pytest.mark.parametrize("is_told", [True, False])
def test_only_ports_with_a_listener_are_tried_unless_nobody_tells(
    monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    tried, connect = list[int](), socket.socket.connect_ex

    def counted(end: socket.socket, address: tuple[str, int]) -> int:
        tried.append(address[1])
        return connect(end, address)

    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ports = [end.getsockname()[1] for end in (server, closed)]
        monkeypatch.setattr(socket.socket, "connect_ex", counted)
        if not is_told:
            monkeypatch.setattr("drivers.sbi.transport.listening_ports", lambda: None)
        assert open_ports(ports) == ports[:1]
    assert tried == (ports[:1] if is_told else ports)
