"""A ZFM fingerprint module on a serial line: the true protocol, with a finger of the person on the stage on its glass.

Its images are real prints at 16 grey levels. Its matcher is a stand-in: templates are numbers that follow from who the
person is and which finger is presented, with some noise per impression, and the module decides by their agreement.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np

from drivers.simulators.serial_end import port_of, serial_end
from drivers.simulators.stage import Fault, Presented, Speed, Stage
from drivers.simulators.subject.presented import Image
from fieldkit.domain.recording.positions import Position

WIDTH, HEIGHT = 256, 288
EVERYBODY = 0xFFFFFFFF
TEMPLATE_BYTES = 512
CAPACITY = 200
_COMMAND, _DATA, _ACK, _LAST = 1, 2, 7, 8
_POLL_S = 0.05
_FULL_S = 0.005
_PAUSES, _PAUSE_S = 3, 0.4  # of a slow module: each shorter than a driver's patience
_OK, _DAMAGED, _NO_FINGER, _MESSY, _FEW = 0x00, 0x01, 0x02, 0x06, 0x07
_NO_MATCH, _NOT_FOUND, _DIFFERENT, _BAD_PAGE = 0x08, 0x09, 0x0A, 0x0B
_WRONG_PASSWORD, _NO_IMAGE, _OTHER_ADDRESS, _SIGN_IN_FIRST = 0x13, 0x15, 0x20, 0x21
_PACKET_SIZE_CODE = 2  # 128 bytes

Answer = tuple[int, bytes]  # kind and payload of one packet


def packet(kind: int, payload: bytes, address: int = EVERYBODY) -> bytes:
    """Return one packet."""
    summed = bytes((kind,)) + (len(payload) + 2).to_bytes(2, "big") + payload
    return b"\xef\x01" + address.to_bytes(4, "big") + summed + (sum(summed) & 0xFFFF).to_bytes(2, "big")


def on_glass(print_image: Image, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image:
    """Return what the window of this width and height sees of a finger: the middle, 16 grey levels as 0–15."""
    width, height = size
    top, left = ((have - want) // 2 for have, want in zip(print_image.shape, (height, width), strict=True))
    if top < 0 or left < 0:
        print_image = np.asarray(cv2.resize(print_image, size), dtype=np.uint8)
        top = left = 0
    return np.asarray(print_image[top : top + height, left : left + width] >> 4, dtype=np.uint8)


class ZfmModule:
    """Serves commands while it is plugged in. `finger` is what the person lays on the glass when asked.

    `address` keeps its name when the module is plugged in again: a link in `folder`, else a port of the loopback.
    """

    def __init__(
        self,
        stage: Stage,
        folder: Path | None = None,
        *,
        speed: Speed = Speed.INSTANT,
        password: int = 0,
        baud: int = 57_600,
        address: int = EVERYBODY,
        size: tuple[int, int] = (WIDTH, HEIGHT),
    ) -> None:
        self._stage = stage
        self._speed = speed
        self._baud = baud
        self.finger = Position.RIGHT_INDEX
        self._folder, self._port = folder, 0
        self._memory = _Memory(stage, password, baud, address, size)
        self._thread: threading.Thread | None = None
        self.plug()

    @property
    def address(self) -> str:
        """Return what a program opens."""
        return self._end.address

    def plug(self) -> None:
        """Make the port appear."""
        if self._thread is not None:
            self.unplug()
        self._stopping = threading.Event()
        self._end = serial_end(self._folder, "ttyZFM", self._port)
        self._port = port_of(self._end)
        self._memory.is_signed_in = False
        self._thread = threading.Thread(target=self._run, name="zfm")
        self._thread.start()

    def unplug(self) -> None:
        """Make the port vanish."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        self._thread = None
        self._end.close()

    def stop(self) -> None:
        """Take the module away for good."""
        self.unplug()

    def _run(self) -> None:
        waiting = b""
        while not self._stopping.is_set():
            received = self._read()
            if received and self._hears():
                waiting, payloads = _commands(waiting + received)
                for kind, payload, address in payloads:
                    self._memory.finger = self.finger
                    if not self._say(self._memory.obey(kind, payload, address)):
                        self._end.close()
                        return

    def _read(self) -> bytes:
        return self._end.read(_POLL_S)

    def _hears(self) -> bool:
        return self._end.hears_at(self._baud)

    def _say(self, packets: list[bytes]) -> bool:
        """Send an answer with what goes wrong on its way; return whether the cable still holds."""
        if not packets or self._stage.take(Fault.HANG):
            return True
        is_image = len(packets) > 2
        if is_image and self._stage.take(Fault.UNPLUG):
            self._write(b"".join(packets)[: len(packets) * 40])
            return False
        if self._stage.take(Fault.GARBAGE):
            self._write(b"\x55\xef\x01\xef\x00\xff" * 3)
        if self._stage.take(Fault.WRONG_CHECKSUM):
            packets = [*packets[:-1], packets[-1][:-1] + bytes((packets[-1][-1] ^ 0x5A,))]
        pauses = _PAUSES if self._stage.take(Fault.SLOW) else 0
        for number, one in enumerate(packets):
            if number < pauses:
                self._stopping.wait(_PAUSE_S)
            self._write(one)
            if self._speed is Speed.REALISTIC:
                self._stopping.wait(len(one) * 10 / self._baud)
        return True

    def _write(self, content: bytes) -> None:
        while content and not self._stopping.is_set():
            unsent = self._end.write(content)
            if unsent == content:  # the line is full
                time.sleep(_FULL_S)
            content = unsent


class _Memory:
    """The module's own world: image, two feature buffers, library."""

    def __init__(self, stage: Stage, password: int, baud: int, address: int, size: tuple[int, int]) -> None:
        self._stage = stage
        self._password = password
        self._baud, self._address, self._size = baud, address, size
        self.finger = Position.RIGHT_INDEX
        self.is_signed_in = False
        self._image: Presented | None = None
        self._features: dict[int, bytes] = {}
        self._library: dict[int, bytes] = {}
        self._impressions = 0
        self._has_lain = False  # a finger is lifted after each image
        self._incoming: tuple[int, bytes] | None = None  # the buffer that data packets fill

    def obey(self, kind: int, payload: bytes, address: int = EVERYBODY) -> list[bytes]:
        """Return the packets of the answer; data packets from the host have none."""
        if address != self._address:
            return [packet(_ACK, bytes((_OTHER_ADDRESS,)), self._address)] if kind == _COMMAND else []
        return [packet(sort, content, self._address) for sort, content in self._obey(kind, payload)]

    def _obey(self, kind: int, payload: bytes) -> list[Answer]:
        if kind in (_DATA, _LAST):
            self._receive(payload, is_last=kind == _LAST)
            return []
        if kind != _COMMAND or not payload:
            return []
        instruction, arguments = payload[0], payload[1:]
        if instruction == 0x13:
            self.is_signed_in = arguments == self._password.to_bytes(4, "big")
            return _ack(_OK if self.is_signed_in else _WRONG_PASSWORD)
        if self._password and not self.is_signed_in:
            return _ack(_SIGN_IN_FIRST)
        try:
            return self._answer(instruction, arguments)
        except (IndexError, ValueError):  # arguments that are not there
            return _ack(_DAMAGED)

    def _answer(self, instruction: int, arguments: bytes) -> list[Answer]:
        match instruction:
            case 0x01:
                return _ack(self._take_image())
            case 0x02:
                return _ack(self._extract(arguments[0]))
            case 0x03:
                score = agreement(self._features.get(1, b""), self._features.get(2, b""))
                return _ack(_OK if score else _NO_MATCH, score.to_bytes(2, "big"))
            case 0x04 | 0x1B:  # the quick one asks the same
                return self._search(*_numbers(arguments, 1, 2, 2))
            case 0x05:
                return _ack(self._merge())
            case 0x06 | 0x07 | 0x0C:
                return _ack(self._library_act(instruction, arguments))
            case 0x08:
                features = self._features.get(arguments[0])
                return _ack(0x0D) if features is None else [*_ack(_OK), *_data(features)]
            case 0x09:
                self._incoming = arguments[0], b""
                return _ack(_OK)
            case 0x0A:
                return self._upload_image()
            case 0x0D:
                self._library.clear()
                return _ack(_OK)
            case 0x0E | 0x35:  # speed, security and packet size stay as they are; the ring of light has no protocol
                return _ack(_OK)
            case 0x0F:
                own = divmod(self._address, 1 << 16)
                fields = (0, 0x0009, CAPACITY, 3, *own, _PACKET_SIZE_CODE, self._baud // 9600)
                return _ack(_OK, b"".join(n.to_bytes(2, "big") for n in fields))
            case 0x15:
                (self._address,) = _numbers(arguments, 4)
                return _ack(_OK)
            case 0x1D:
                return _ack(_OK, len(self._library).to_bytes(2, "big"))
            case 0x1F:
                pages = sum(1 << page for page in self._library if page < 256)
                return _ack(_OK, pages.to_bytes(32, "little"))
            case _:
                return _ack(_DAMAGED)

    def _take_image(self) -> int:
        self._has_lain = not self._has_lain
        met = self._stage.attempt(self.finger) if self._has_lain else None
        if met is None:
            self._has_lain = False
            return _NO_FINGER
        self._image = met
        return _OK

    def _extract(self, buffer: int) -> int:
        if self._image is None or self._stage.subject is None:
            return _NO_IMAGE
        if self._image.quality < 35:
            return _MESSY if self._image.quality < 20 else _FEW
        self._impressions += 1
        self._features[buffer] = features_of(self._stage.subject.name, self.finger, self._impressions)
        return _OK

    def _merge(self) -> int:
        if not agreement(self._features.get(1, b""), self._features.get(2, b"")):
            return _DIFFERENT
        self._features[2] = self._features[1]
        return _OK

    def _library_act(self, instruction: int, arguments: bytes) -> int:
        if instruction == 0x0C:
            page, count = _numbers(arguments, 2, 2)
            for number in range(page, min(page + count, CAPACITY)):
                self._library.pop(number, None)
            return _OK
        buffer, page = _numbers(arguments, 1, 2)
        source = self._features.get(buffer) if instruction == 0x06 else self._library.get(page)
        if page >= CAPACITY or source is None:
            return _BAD_PAGE
        if instruction == 0x06:
            self._library[page] = source
        else:
            self._features[buffer] = source
        return _OK

    def _search(self, buffer: int, start: int, count: int) -> list[Answer]:
        mine = self._features.get(buffer, b"")
        for page in range(start, min(start + count, CAPACITY)):
            if score := agreement(mine, self._library.get(page, b"")):
                return _ack(_OK, page.to_bytes(2, "big") + score.to_bytes(2, "big"))
        return _ack(_NOT_FOUND, bytes(4))

    def _upload_image(self) -> list[Answer]:
        if self._image is None:
            return _ack(0x0F)
        levels = on_glass(self._image.image, self._size)
        return [*_ack(_OK), *_data((levels[:, ::2] << 4 | levels[:, 1::2]).tobytes())]

    def _receive(self, payload: bytes, *, is_last: bool) -> None:
        if self._incoming is None:
            return
        buffer, content = self._incoming
        content = (content + payload)[:TEMPLATE_BYTES]
        self._incoming = None if is_last else (buffer, content)
        if is_last:
            self._features[buffer] = content


def features_of(name: str, finger: Position, impression: int) -> bytes:
    """Return a template: bytes that follow from person and finger, every twelfth or so disturbed by the impression."""
    features = np.random.default_rng((11, crc32(f"{name} {finger}".encode()))).integers(
        0, 256, TEMPLATE_BYTES, dtype=np.uint8
    )
    disturbed = np.random.default_rng((13, impression)).random(TEMPLATE_BYTES) < 0.08
    features[disturbed] ^= 0x3C
    return b"\x03\x01" + features.tobytes()[2:]


def agreement(first: bytes, second: bytes) -> int:
    """Return the score of two templates, 0 when they are of different fingers."""
    if not first or len(first) != len(second):
        return 0
    share = float(np.mean(np.frombuffer(first, np.uint8) == np.frombuffer(second, np.uint8)))
    return round(200 * share) if share > 0.6 else 0


def _ack(code: int, fields: bytes = b"") -> list[Answer]:
    return [(_ACK, bytes((code,)) + fields)]


def _data(content: bytes) -> Iterator[Answer]:
    size = 32 << _PACKET_SIZE_CODE
    for at in range(0, len(content), size):
        yield _LAST if at + size >= len(content) else _DATA, content[at : at + size]


def _numbers(arguments: bytes, *sizes: int) -> list[int]:
    if len(arguments) < sum(sizes):
        raise ValueError("too few arguments")
    found, at = [], 0
    for size in sizes:
        found.append(int.from_bytes(arguments[at : at + size], "big"))
        at += size
    return found


def _commands(waiting: bytes) -> tuple[bytes, list[tuple[int, bytes, int]]]:
    """Return what is not complete yet, and kind, payload and address of each sound packet."""
    found = []
    while (at := waiting.find(b"\xef\x01")) >= 0 and len(waiting) >= at + 9:
        length = int.from_bytes(waiting[at + 7 : at + 9], "big")
        end = at + 9 + length
        if not 2 <= length <= 258:
            waiting = waiting[at + 2 :]
        elif len(waiting) < end:
            break
        else:
            one = waiting[at + 6], waiting[at + 9 : end - 2], int.from_bytes(waiting[at + 2 : at + 6], "big")
            is_sound = packet(*one) == waiting[at:end]
            if is_sound:
                found.append(one)
            waiting = waiting[end if is_sound else at + 2 :]
    return waiting[-512:], found
