"""The finger's side of the socket; the library's own side proves it in tests/unit/drivers/libfprint."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.simulators.libfprint import VirtualFinger, message
from drivers.simulators.stage import Stage
from drivers.simulators.subject import SyntheticSubject
from fieldkit.domain.recording.positions import Position


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture
def library(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "reader"))
        listener.listen()
        listener.settimeout(5)
        yield listener


@pytest.fixture
def finger(stage: Stage, tmp_path: Path) -> Iterator[VirtualFinger]:
    finger = VirtualFinger(stage, tmp_path / "reader")
    yield finger
    finger.stop()


def take(line: socket.socket, count: int) -> bytes:
    line.settimeout(5)
    received = b""
    while len(received) < count:
        part = line.recv(count - len(received))
        assert part
        received += part
    return received


def test_a_print_is_its_size_and_its_bytes(library: socket.socket, finger: VirtualFinger, stage: Stage) -> None:
    with library.accept()[0] as line:
        finger.lay()
        finger.ask_again(2)
        finger.fail(5)
        assert struct.unpack("ii", take(line, 8)) == (300, 400)
        pixels = np.frombuffer(take(line, 300 * 400), np.uint8).reshape(400, 300)
        assert np.array_equal(pixels, stage.subject.finger(Position.RIGHT_INDEX))
        assert struct.unpack("iiii", take(line, 16)) == (-1, 2, -2, 5)


def test_it_comes_back_when_the_reader_is_opened_again(library: socket.socket, finger: VirtualFinger) -> None:
    for _ in range(2):
        with library.accept()[0] as line:
            finger.lay()
            take(line, 8 + 300 * 400)


def test_nobody_lays_nothing(library: socket.socket, finger: VirtualFinger, stage: Stage) -> None:
    stage.present(None)
    with library.accept()[0] as line:
        finger.lay()
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(1)


def test_the_bytes_on_the_socket() -> None:
    assert message(np.zeros((2, 3), np.uint8)) == struct.pack("ii", 3, 2) + bytes(6)
