from __future__ import annotations

import errno
import os
import socket
import tty

import pytest
import serial

from drivers import serial_line
from drivers.serial_line import is_port_there, open_line
from drivers.transport import POLL_S
from fieldkit.ports.devices import DeviceBusyError, NotConnectedError, PermissionDeniedError


@pytest.fixture
def pseudo():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def test_bytes_pass_even_where_no_parity_bit_exists(pseudo):
    master, port = pseudo
    with open_line(port, 19_200, serial.PARITY_ODD) as line:
        os.write(master, b"\xc1\x02")
        assert line.read(2) == b"\xc1\x02"


def test_a_held_port_is_busy_and_a_missing_one_is_not_connected(pseudo):
    _, port = pseudo
    with open_line(port, 38_400), pytest.raises(DeviceBusyError):
        open_line(port, 38_400)
    with pytest.raises(NotConnectedError):
        open_line("/dev/pts/none", 9_600)
    with pytest.raises(NotConnectedError):
        open_line("quark://nowhere", 9_600)


def test_a_forbidden_port_names_the_group():
    refused = serial_line._refusal("/dev/ttyS0", PermissionError(errno.EACCES, "no"))
    assert isinstance(refused, PermissionDeniedError)
    assert refused.problem.params == {"address": "/dev/ttyS0", "group": "dialout"}


def test_a_socket_carries_the_same_bytes():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"socket://127.0.0.1:{server.getsockname()[1]}"
        with open_line(port, 38_400) as line, server.accept()[0] as pad:
            pad.sendall(b"\xa1\x00")
            assert line.read(2) == b"\xa1\x00"
            line.write(b"*")
            assert pad.recv(1) == b"*"
    with pytest.raises(NotConnectedError):
        open_line(port, 38_400)


def test_which_ports_exist(pseudo):
    assert is_port_there(pseudo[1])
    assert not is_port_there("/dev/pts/none")
    assert not is_port_there("COM77")
    assert is_port_there("socket://127.0.0.1:1")  # only opening tells


def test_reading_nothing_returns_soon(pseudo):
    with open_line(pseudo[1], 9_600) as line:
        assert line.timeout == POLL_S
        assert line.read(1) == b""
