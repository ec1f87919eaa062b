"""What is said to a module, without a wire: one command with its answer, and the acts made of commands.

An act is a generator: it yields what to ask and is sent the reply.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from fieldkit.ports.devices import GreyImage, NothingPresentedError, PermissionDeniedError, ProtocolError

# Sans-IO packets of the modules.
#
# EF01 | address 4 | kind 1 | length 2 = payload + 2 | payload | checksum 2: sum of kind, length bytes and payload mod
# 65536. All numbers are big-endian.

START = b"\xef\x01"
EVERYBODY = 0xFFFFFFFF  # the address of a module that was given none
MAX_PAYLOAD_BYTES = 256
_HEAD = struct.Struct(">2sIBH")
_SUM_BYTES = 2


class PacketKind(IntEnum):
    """What a packet carries."""

    COMMAND = 0x01
    DATA = 0x02
    ACK = 0x07
    LAST_DATA = 0x08


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; payload ≤ 256 bytes."""

    kind: PacketKind
    payload: bytes
    address: int = EVERYBODY

    def encode(self) -> bytes:
        """Return the bytes on the wire."""
        head = _HEAD.pack(START, self.address, self.kind, len(self.payload) + _SUM_BYTES)
        return head + self.payload + _checksum(head, self.payload)


class PacketParser:
    """Takes bytes as they arrive, finds the next start after damage, and never keeps more than one packet's bytes."""

    def __init__(self) -> None:
        self.rejected = 0  # starts that were none: damaged packets
        self._waiting = bytearray()

    @property
    def waiting_bytes(self) -> int:
        """Bytes of a packet that is not complete."""
        return len(self._waiting)

    def feed(self, received: bytes) -> list[Packet]:
        """Return the packets that became complete."""
        self._waiting += received
        found = []
        while (packet := self._take()) is not None:
            found.append(packet)
        return found

    def _take(self) -> Packet | None:
        """Return the next whole packet, or None while bytes are missing."""
        while self._seek():
            head = bytes(self._waiting[: _HEAD.size])
            _, address, kind, length = _HEAD.unpack(head)
            end = _HEAD.size + length
            if kind not in _KINDS or not _SUM_BYTES <= length <= MAX_PAYLOAD_BYTES + _SUM_BYTES:
                self._reject()
            elif len(self._waiting) < end:
                return None
            else:
                payload = bytes(self._waiting[_HEAD.size : end - _SUM_BYTES])
                if self._waiting[end - _SUM_BYTES : end] == _checksum(head, payload):
                    del self._waiting[:end]
                    return Packet(PacketKind(kind), payload, address)
                self._reject()
        return None

    def _seek(self) -> bool:
        """Drop what stands before the next start; return whether a whole head is there."""
        at = self._waiting.find(START)
        if at < 0:
            at = len(self._waiting) - self._waiting.endswith(START[:1])
        del self._waiting[:at]
        return len(self._waiting) >= _HEAD.size

    def _reject(self) -> None:
        self.rejected += 1
        del self._waiting[: len(START)]  # a true packet may begin inside what this one claimed


_KINDS = frozenset(PacketKind)


def first_piece(passed: bytes) -> tuple[int, bool] | None:
    """Cut one direction for a trace: whole commands and acknowledgements may be read, all else may be of a finger."""
    at = passed.find(START)
    if at != 0:
        noise = at if at > 0 else len(passed) - passed.endswith(START[:1])
        return (noise, True) if noise else None
    if len(passed) < _HEAD.size:
        return None
    _, _, kind, length = _HEAD.unpack_from(passed)
    end = _HEAD.size + length
    if kind not in _KINDS or not _SUM_BYTES <= length <= MAX_PAYLOAD_BYTES + _SUM_BYTES:
        return len(START), True
    if len(passed) < end:
        return None
    is_sound = _checksum(passed[: _HEAD.size], passed[_HEAD.size : end - _SUM_BYTES]) == passed[end - _SUM_BYTES : end]
    return (end, kind not in (PacketKind.COMMAND, PacketKind.ACK)) if is_sound else (len(START), True)


def _checksum(head: bytes, payload: bytes) -> bytes:
    return ((sum(head[6:]) + sum(payload)) & 0xFFFF).to_bytes(_SUM_BYTES, "big")


PPI = 500
# Bytes of an uploaded image (two pixels each) → width, height; the sensors of this family.
SIZES = {36_864: (256, 288), 18_432: (192, 192), 13_824: (192, 144), 12_800: (160, 160)}
MAX_IMAGE_BYTES = max(SIZES)
MAX_TEMPLATE_BYTES = 4_096
AGAIN_AFTER_S = 0.05

T = TypeVar("T")


class Instruction(IntEnum):
    """The commands that this driver uses."""

    TAKE_IMAGE = 0x01
    IMAGE_TO_FEATURES = 0x02
    MATCH = 0x03
    MERGE = 0x05
    UPLOAD_FEATURES = 0x08
    DOWNLOAD_FEATURES = 0x09
    UPLOAD_IMAGE = 0x0A
    READ_PARAMETERS = 0x0F
    VERIFY_PASSWORD = 0x13


class Code(IntEnum):
    """Confirmation codes that mean something to us."""

    OK = 0x00
    RECEIVE_ERROR = 0x01
    NO_FINGER = 0x02
    IMAGE_FAILED = 0x03
    MESSY = 0x06
    FEW_FEATURES = 0x07
    NO_MATCH = 0x08
    MERGE_FAILED = 0x0A
    WRONG_PASSWORD = 0x13
    INVALID_IMAGE = 0x15
    OTHER_ADDRESS = 0x20
    MUST_SIGN_IN = 0x21


_UNCLEAR = (Code.IMAGE_FAILED, Code.MESSY, Code.FEW_FEATURES, Code.INVALID_IMAGE)


@dataclass(frozen=True, slots=True)
class Ask:
    """A command; `sends` follow its acknowledgement as data, up to `takes_bytes` of data follow from the module."""

    instruction: Instruction
    arguments: bytes = b""
    sends: bytes = b""
    takes_bytes: int = 0
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """Code and fields of the acknowledgement, and the data that followed."""

    code: int
    fields: bytes = b""
    content: bytes = b""


Act = Generator[Ask, Reply, T]


class Exchange:
    """One command on its way: sent → acknowledged → data → over."""

    def __init__(self, ask: Ask, packet_bytes: int, address: int = EVERYBODY) -> None:
        self._ask = ask
        self._packet_bytes = min(packet_bytes, MAX_PAYLOAD_BYTES)
        self._address = address
        self._ack: Packet | None = None
        self._content = bytearray()
        self.is_over = False

    def begin(self) -> bytes:
        """Return the command's bytes."""
        return self._packet(PacketKind.COMMAND, bytes((self._ask.instruction,)) + self._ask.arguments)

    def handle(self, packet: Packet) -> bytes:
        """Take a packet and return what is to be sent next. Raise `ProtocolError` for more data than there can be."""
        says_its_own = packet.kind is PacketKind.ACK and packet.payload[:1] == bytes((Code.OTHER_ADDRESS,))
        if self.is_over or (packet.address != self._address and not says_its_own):
            return b""
        if self._ack is None:
            return self._acknowledged(packet)
        if packet.kind in (PacketKind.DATA, PacketKind.LAST_DATA):
            self._content += packet.payload
            if len(self._content) > self._ask.takes_bytes:
                raise ProtocolError("device.zfm.too_big", limit=self._ask.takes_bytes)
            self.is_over = packet.kind is PacketKind.LAST_DATA
        return b""

    def reply(self) -> Reply:
        """Return the answer once it is over."""
        assert self._ack is not None
        return Reply(self._ack.payload[0], self._ack.payload[1:], bytes(self._content))

    def _acknowledged(self, packet: Packet) -> bytes:
        if packet.kind is not PacketKind.ACK or not packet.payload:
            return b""  # data of an answer that nobody waited for
        self._ack = packet
        is_ok = packet.payload[0] == Code.OK
        self.is_over = not (is_ok and self._ask.takes_bytes)
        return self._data_packets() if is_ok and self._ask.sends else b""

    def _data_packets(self) -> bytes:
        size, content = self._packet_bytes, self._ask.sends
        parts = [content[at : at + size] for at in range(0, len(content), size)]
        *before, last = parts
        return b"".join(self._packet(PacketKind.DATA, part) for part in before) + self._packet(
            PacketKind.LAST_DATA, last
        )

    def _packet(self, kind: PacketKind, payload: bytes) -> bytes:
        return Packet(kind, payload, self._address).encode()


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the module tells of itself."""

    system_id: int
    capacity: int
    security_level: int
    packet_bytes: int
    baud: int


def sign_in(password: int) -> Act[Parameters]:
    """Hand over the password and read the parameters."""
    yield from _expect(Ask(Instruction.VERIFY_PASSWORD, password.to_bytes(4, "big")))
    reply = yield from _expect(Ask(Instruction.READ_PARAMETERS))
    try:
        _, system_id, capacity, security, _, size_code, baud_n = struct.unpack(">HHHHIHH", reply.fields[:16])
    except struct.error as error:
        raise ProtocolError("device.zfm.answer") from error
    if size_code > 3 or not 1 <= baud_n <= 12:
        raise ProtocolError("device.zfm.answer")
    return Parameters(system_id, capacity, security, 32 << size_code, 9600 * baud_n)


def take_print(is_late: Callable[[], bool]) -> Act[GreyImage]:
    """Wait for a finger and return its image: 16 grey levels spread over 0–255."""
    yield from _wait_for_finger(is_late)
    reply = yield from _expect(Ask(Instruction.UPLOAD_IMAGE, takes_bytes=MAX_IMAGE_BYTES))
    if len(reply.content) not in SIZES:
        raise ProtocolError("device.zfm.answer")
    width, height = SIZES[len(reply.content)]
    pixels = bytes(level * 17 for byte in reply.content for level in (byte >> 4, byte & 0x0F))
    return GreyImage(width, height, pixels, PPI)


def learn_finger(is_late: Callable[[], bool]) -> Act[bytes]:
    """Take one finger twice and return the template that the module makes of both."""
    yield from _take_features(1, is_late)
    yield from _wait_until_lifted(is_late)
    yield from _take_features(2, is_late)
    reply = yield Ask(Instruction.MERGE)
    if reply.code == Code.MERGE_FAILED:
        raise NothingPresentedError("device.finger_differs")
    _check(reply)
    reply = yield from _expect(Ask(Instruction.UPLOAD_FEATURES, b"\x01", takes_bytes=MAX_TEMPLATE_BYTES))
    return reply.content


def is_finger_of(template: bytes, is_late: Callable[[], bool]) -> Act[bool]:
    """Return whether the next finger is the template's; the module decides at its own security level."""
    yield from _take_features(1, is_late)
    yield from _expect(Ask(Instruction.DOWNLOAD_FEATURES, b"\x02", sends=template))
    reply = yield Ask(Instruction.MATCH)
    if reply.code == Code.NO_MATCH:
        return False
    _check(reply)
    return True


def _take_features(buffer: int, is_late: Callable[[], bool]) -> Act[None]:
    """Fill a feature buffer; a print that is not clear enough is asked for again."""
    while True:
        yield from _wait_for_finger(is_late)
        reply = yield Ask(Instruction.IMAGE_TO_FEATURES, bytes((buffer,)))
        if reply.code not in _UNCLEAR:
            _check(reply)
            return
        if is_late():
            raise NothingPresentedError("device.finger_unclear")


def _wait_for_finger(is_late: Callable[[], bool]) -> Act[None]:
    reply = yield Ask(Instruction.TAKE_IMAGE)
    while reply.code in (Code.NO_FINGER, Code.IMAGE_FAILED):
        if is_late():
            raise NothingPresentedError("device.no_finger")
        reply = yield Ask(Instruction.TAKE_IMAGE, after_s=AGAIN_AFTER_S)
    _check(reply)


def _wait_until_lifted(is_late: Callable[[], bool]) -> Act[None]:
    while (yield Ask(Instruction.TAKE_IMAGE, after_s=AGAIN_AFTER_S)).code != Code.NO_FINGER:
        if is_late():
            raise NothingPresentedError("device.finger_not_lifted")


def _expect(ask: Ask) -> Act[Reply]:
    reply = yield ask
    _check(reply)
    return reply


def _check(reply: Reply) -> None:
    if reply.code in (Code.WRONG_PASSWORD, Code.MUST_SIGN_IN):
        raise PermissionDeniedError("device.zfm.password")
    if reply.code == Code.OTHER_ADDRESS:
        raise PermissionDeniedError("device.zfm.other_address")
    if reply.code != Code.OK:
        raise ProtocolError("device.zfm.code", number=reply.code)
