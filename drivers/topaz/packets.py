"""Sans-IO parser of the pads' 5-byte packets.

b0: bit 7 = 1, bit 6 pen near, bits 2–4 type, bit 0 pen down; b1–b4: bit 7 = 0, then X low 7 bits, X high 5, Y low 7,
Y high 5.
"""

from __future__ import annotations

from dataclasses import dataclass

PACKET_BYTES = 5
FULL_PRESSURE = 0x3FF
_PEN_TYPES = (0, 1, 4)
_PRESSURE_TYPE = 7
_NOWHERE = 0xFFF


@dataclass(frozen=True, slots=True)
class PenPacket:
    """Where the pen is, in the pad's own units; pressure 0–1 as last told, 1 from pads that do not tell."""

    x: int
    y: int
    is_near: bool
    is_down: bool
    pressure: float


class PacketParser:
    """Takes bytes as they arrive; what is torn or damaged is dropped and counted."""

    def __init__(self) -> None:
        self.rejected = 0
        self._packet = bytearray()
        self._pressure = 1.0

    def feed(self, received: bytes) -> list[PenPacket]:
        """Return the pen packets that became complete."""
        found = []
        for byte in received:
            if byte & 0x80:  # only the first byte of a packet has bit 7: what came before is torn
                self.rejected += bool(self._packet)
                self._packet = bytearray((byte,))
            elif self._packet:
                self._packet.append(byte)
            if len(self._packet) == PACKET_BYTES:
                packet = self._decode(bytes(self._packet))
                self._packet.clear()
                if packet is not None:
                    found.append(packet)
        return found

    def _decode(self, packet: bytes) -> PenPacket | None:
        first, x_low, x_high, y_low, y_high = packet
        kind = (first >> 2) & 7
        if kind == _PRESSURE_TYPE:
            self._pressure = (((y_high & 0x07) << 7) | y_low) / FULL_PRESSURE
        if kind not in _PEN_TYPES:
            return None
        x, y = ((x_high & 0x1F) << 7) | x_low, ((y_high & 0x1F) << 7) | y_low
        if x == y == _NOWHERE:
            self.rejected += 1
            return None
        return PenPacket(x, y, bool(first & 0x40), bool(first & 0x01), self._pressure)
