"""Either end carries the same bytes; who opened, left or emptied a line is told as far as the line tells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from support.standstill import wait_until

from drivers.simulators.serial_end import SerialEnd, port_of, serial_end

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")


@pytest.fixture(params=[pytest.param("pty", marks=posix), "port"])
def end(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SerialEnd]:
    made = serial_end(tmp_path if request.param == "pty" else None, "ttyX", hears_flush=True)
    yield made
    made.close()


def opened(end: SerialEnd) -> serial.Serial:
    line: serial.Serial = serial.serial_for_url(end.address, 57_600, timeout=60)
    end.read(0)
    return line


def heard(end: SerialEnd, count: int) -> bytes:
    received = b""

    def look() -> bool:
        nonlocal received
        received += end.read(0.05)
        return len(received) >= count

    wait_until(look)
    return received


def test_bytes_pass_both_ways(end: SerialEnd) -> None:
    with opened(end) as line:
        line.write(b"asked")
        assert heard(end, 5) == b"asked"
        assert end.write(b"answer") == b""
        assert line.read(6) == b"answer"
        assert end.hears_at(57_600)


def test_without_a_program_nothing_comes_and_nothing_blocks(end: SerialEnd) -> None:
    assert end.read(0) == b""
    end.write(b"lost")
    end.close()


@posix
def test_a_pty_hears_a_flush_and_a_speed(tmp_path: Path) -> None:
    end = serial_end(tmp_path, "ttyX", hears_flush=True)
    with opened(end) as line:
        end.is_begun()
        line.reset_input_buffer()
        wait_until(lambda: end.read(0.05) == b"" and end.is_begun())
        assert not end.is_begun()
        line.baudrate = 9_600
        assert not end.hears_at(57_600)
    end.close()


def test_a_port_tells_who_opens_and_leaves_it_and_comes_back_where_it_was() -> None:
    end = serial_end(None, "ttyX")
    assert not end.is_begun()
    line = opened(end)
    assert end.is_begun()
    assert not end.is_begun()
    assert end.is_held()
    line.close()
    wait_until(lambda: end.read(0.05) == b"" and end.is_begun())
    assert not end.is_held()
    port = port_of(end)
    end.close()
    again = serial_end(None, "ttyX", port)
    assert again.address == end.address == f"socket://127.0.0.1:{port}"
    again.close()
