from __future__ import annotations

import errno
import os
import socket
import threading
import tty

import pytest
import serial
from support.tapes import taping

from drivers import serial_line
from drivers.serial_line import SerialExecutor, Traced, is_port_there, listed_ports, open_line
from drivers.trace import all_readable
from drivers.transport import POLL_S
from fieldkit.ports.devices import DeviceBusyError, DeviceError, NotConnectedError, PermissionDeniedError


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


def test_nobody_who_records_gets_the_plain_line(pseudo):
    _, port = pseudo
    with open_line(port, 9_600, traced=Traced(all_readable)) as line:
        assert type(line) is serial.Serial
    with taping() as tape, open_line(port, 9_600) as line:
        assert type(line) is serial.Serial, "a line that does not say what tells of a person is not recorded"
    assert tape.events == []


def test_a_recorded_line_tells_what_passes_and_what_is_thrown_away(pseudo):
    master, port = pseudo
    with taping() as tape:
        line = open_line(port, 9_600, serial.PARITY_ODD, traced=Traced(lambda b: (1, b[0] > 0x80)))
        os.write(master, b"\x01\x02\xff\xfe\x03")
        assert line.read(5) == b"\x01\x02\xff\xfe\x03"
        line.baudrate = 19_200
        line.write(b"*")
        line.reset_input_buffer()
        line.close()
    assert line.baudrate == 19_200
    acts = [(e["act"], e.get("data", e.get("baud"))) for e in tape.events]
    hidden = acts[2][1]
    assert (hidden["bytes"], "hmac" in hidden) == (2, True)
    assert [*acts[:2], *acts[3:]] == [
        ("opened", 9_600),
        ("in", "0102"),
        ("in", "03"),
        ("baud", 19_200),
        ("out", "2a"),
        ("emptied", None),
        ("closed", None),
    ]
    assert (tape.events[0]["parity"], tape.events[0]["bits"]) in {("O", 8), ("N", 8)}


def test_what_waits_for_its_end_is_a_payload_when_something_else_happens(pseudo):
    master, port = pseudo
    with taping() as tape:
        line = open_line(port, 9_600, traced=Traced(lambda b: (4, False) if len(b) > 3 else None))
        for act in (lambda: line.write(b"*"), line.reset_input_buffer, line.close):
            os.write(master, b"\x01\x02")
            assert line.read(2) == b"\x01\x02"
            act()
    assert [e["act"] for e in tape.events] == ["opened", "in", "out", "in", "emptied", "in", "closed"]
    assert all("hmac" in e["data"] for e in tape.events if e["act"] == "in")


def test_a_recorded_line_says_why_it_is_refused():
    with taping() as tape, pytest.raises(NotConnectedError):
        open_line("/dev/pts/none", 9_600, traced=Traced(all_readable))
    assert [(e["act"], e["code"]) for e in tape.events] == [("refused", "device.not_connected")]


def test_calls_run_in_order_on_one_named_thread():
    executor = SerialExecutor("device:SN-1")
    seen: list[int] = []
    futures = [executor.submit(lambda n=n: (seen.append(n), threading.current_thread().name)[1]) for n in range(5)]
    names = {f.result() for f in futures}
    executor.close()
    assert seen == [0, 1, 2, 3, 4]
    assert len(names) == 1
    assert names.pop().startswith("device:SN-1")


def test_an_error_comes_with_its_future():
    executor = SerialExecutor("device:x")
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result()
    assert executor.submit(lambda: 3).result() == 3
    executor.close()


def test_close_drops_what_waits_and_refuses_more():
    executor = SerialExecutor("device:x")
    gate = threading.Event()
    running = executor.submit(gate.wait)
    waiting = executor.submit(lambda: None)
    threading.Timer(0.1, gate.set).start()
    executor.close()
    assert running.result() is True
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        executor.submit(lambda: None)


@pytest.mark.parametrize("error", [OSError(0, "", None, 1167), AttributeError("CM_MapCrToWin32Err")])
def test_ports_that_the_system_cannot_list_are_an_error_in_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(serial_line.list_ports, "comports", fail)
    for ask in (listed_ports, lambda: is_port_there("COM3")):
        with pytest.raises(DeviceError) as caught:
            ask()
        assert caught.value.code == "device.ports_unlisted"
