"""Sans-IO packets of the modules.

EF01 | address 4 | kind 1 | length 2 = payload + 2 | payload | checksum 2: sum of kind, length bytes and payload mod
65536. All numbers are big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

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
