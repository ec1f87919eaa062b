from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import ATR, CardSlot, KtpElCard


class Reader:
    """The reader's side of vpcd: it listens and sends."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(120)
        self.port = self._listener.getsockname()[1]
        self.line: socket.socket | None = None

    def accept(self) -> None:
        self.line, _ = self._listener.accept()
        self.line.settimeout(120)

    def send(self, message: bytes) -> None:
        self.line.sendall(struct.pack(">H", len(message)) + message)

    def receive(self) -> bytes:
        head = self.line.recv(2, socket.MSG_WAITALL)
        return self.line.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL) if head else b""

    def apdu(self, text: str) -> bytes:
        self.send(bytes.fromhex(text))
        return self.receive()

    def close(self) -> None:
        if self.line:
            self.line.close()
        self._listener.close()


class Counted(socket.socket):
    """A connection that keeps which options were set."""

    def __init__(self, plain: socket.socket) -> None:
        super().__init__(fileno=plain.detach())
        self.set: list[int] = []

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self.set.append(option)
        super().setsockopt(level, option, value)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    """Return the connections of the card, as they come."""
    made: list[Counted] = []
    connect = socket.create_connection

    def counted(place: tuple[str, int], timeout: float) -> socket.socket:
        made.append(Counted(connect(place, timeout)))
        return made[-1]

    monkeypatch.setattr(socket, "create_connection", counted)
    return made


@pytest.fixture
def reader(lines: list[Counted]) -> Iterator[Reader]:
    reader, slot = Reader(), CardSlot()
    slot._port = reader.port
    assert slot.insert(KtpElCard.of(SyntheticSubject(3)))
    reader.accept()
    reader.slot = slot
    yield reader
    slot.remove()
    reader.close()


def read_file(reader: Reader, file_id: str) -> bytes:
    assert reader.apdu(f"00A4000002{file_id}") == b"\x90\x00"
    head = reader.apdu("00B0000008")
    size, content = int.from_bytes(head[:2], "big"), head[:-2]
    while len(content) < size + 2:
        part = reader.apdu(f"00B0{len(content):04X}{min(248, size + 2 - len(content)):02X}")
        assert part[-2:] == b"\x90\x00"
        content += part[:-2]
    return content[2:]


def test_power_and_atr(reader: Reader) -> None:
    reader.send(b"\x01")
    reader.send(b"\x04")
    assert reader.receive() == ATR


def test_the_free_files(reader: Reader) -> None:
    assert reader.apdu("00A40000026FF2") == b"\x6a\x82"  # the directory first
    assert reader.apdu("00A40000027F0A") == b"\x90\x00"
    assert len(read_file(reader, "6FF0")) == 51
    photo = read_file(reader, "6FF2")
    picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (320, 240, 3)
    assert reader.apdu("FFCA000000") == bytes.fromhex("04A1B2C3D4E5F69000")


@pytest.mark.parametrize("file_id", ["6FF1", "6FF3", "6FF4", "6FF5", "6FF6"])
def test_what_needs_a_sam_is_denied(reader: Reader, file_id: str) -> None:
    reader.apdu("00A40000027F0A")
    assert reader.apdu(f"00A4000002{file_id}") == b"\x90\x00"
    assert reader.apdu("00B0000008") == b"\x69\x82"


def test_other_commands_are_refused(reader: Reader) -> None:
    assert reader.apdu("00B0000008") == b"\x69\x86"
    assert reader.apdu("0088000000") == b"\x6d\x00"
    assert reader.apdu("80CA000000") == b"\x6e\x00"
    assert reader.apdu("00A4") == b"\x67\x00"
    reader.apdu("00A40000027F0A")
    reader.apdu("00A40000026FF0")
    assert reader.apdu("00B07FFF08") == b"\x6b\x00"


def test_a_reset_forgets_the_directory(reader: Reader) -> None:
    reader.apdu("00A40000027F0A")
    reader.send(b"\x02")
    assert reader.apdu("00A40000026FF0") == b"\x6a\x82"


def test_removed_and_answers_quickly(reader: Reader, lines: list[Counted]) -> None:
    """Held back by the network stack each APDU would take 44 ms: for that it is told once, and for each it hears."""
    for _ in range(250):
        reader.apdu("00A40000027F0A")
    assert lines[0].set.count(socket.TCP_NODELAY) == 1
    assert lines[0].set.count(socket.TCP_QUICKACK) >= 250
    reader.slot.remove()
    assert reader.receive() == b""


def test_without_a_virtual_reader() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not CardSlot(port).insert(KtpElCard(b"jpeg", b"uid"))
