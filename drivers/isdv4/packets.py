"""Sans-IO parser of ISDv4: pen packets of 9 bytes, replies to a query of 11; only their first byte has bit 7.

Pen: b0 = 80 | near 20 | eraser 04 | side 02 | tip 01, then X and Y (16 bits) and pressure (10 bits) spread over b1–b6,
tilt in b7 and b8. Reply: b0 = C0, the same places hold the largest values; b9 and b10 the version.
"""

from __future__ import annotations

from dataclasses import dataclass

QUERY, STOP, START = b"*", b"0", b"1"
PEN_BYTES, REPLY_BYTES = 9, 11
_FIRST, _IS_REPLY, _IS_TOUCH = 0x80, 0x40, 0x10
_DATA_ID = 0x3F  # of a reply: 0 for the pen, 1 for touch
UM_PER_STEP = 10  # these tablets count 2540 steps per inch


@dataclass(frozen=True, slots=True)
class PenPacket:
    """Where the pen is, in steps from the upper left corner; pressure as the tablet counts it."""

    x: int
    y: int
    pressure: int
    is_near: bool
    is_tip_down: bool
    is_eraser: bool


@dataclass(frozen=True, slots=True)
class Ranges:
    """The reply to a query: the largest values that the tablet sends."""

    x_max: int
    y_max: int
    pressure_max: int
    version: int

    @property
    def width_um(self) -> int:
        """Width of the surface."""
        return self.x_max * UM_PER_STEP

    @property
    def height_um(self) -> int:
        """Height of the surface."""
        return self.y_max * UM_PER_STEP

    @property
    def is_sound(self) -> bool:
        """Whether a pen can be drawn with them."""
        return self.x_max > 0 and self.y_max > 0 and self.pressure_max > 0


class PacketParser:
    """Takes bytes as they arrive. Fingers on a touch screen are passed over; what is torn is dropped and counted."""

    def __init__(self) -> None:
        self.rejected = 0
        self._packet = bytearray()

    def feed(self, received: bytes) -> list[PenPacket | Ranges]:
        """Return what became complete."""
        found: list[PenPacket | Ranges] = []
        for byte in received:
            if byte & _FIRST:  # what came before is torn
                self.rejected += bool(self._packet)
                self._packet = bytearray() if _is_touch(byte) else bytearray((byte,))
            elif self._packet:
                self._packet.append(byte)
            if self._packet and len(self._packet) == (REPLY_BYTES if self._packet[0] & _IS_REPLY else PEN_BYTES):
                packet = bytes(self._packet)
                self._packet.clear()
                if not packet[0] & _IS_REPLY:
                    found.append(_pen(packet))
                elif packet[0] & _DATA_ID == 0:
                    found.append(Ranges(*_places(packet), version=packet[9] << 7 | packet[10]))
        return found


def _is_touch(first: int) -> bool:
    return bool(first & _IS_TOUCH) and not first & _IS_REPLY


def _places(packet: bytes) -> tuple[int, int, int]:
    """Return X, Y and pressure."""
    _, x_high, x_mid, y_high, y_mid, pressure, low = packet[:7]
    x = x_high << 9 | x_mid << 2 | (low >> 5 & 3)
    y = y_high << 9 | y_mid << 2 | (low >> 3 & 3)
    return x, y, (low & 7) << 7 | pressure


def _pen(packet: bytes) -> PenPacket:
    first = packet[0]
    return PenPacket(*_places(packet), bool(first & 0x20), bool(first & 0x01), bool(first & 0x04))


def first_piece(received: bytes) -> tuple[int, bool] | None:
    """Cut what a tablet sent for a trace: only replies to a query may be read, all else is ink."""
    if not _begins_reply(received[0]):
        return next((at for at, byte in enumerate(received) if _begins_reply(byte)), len(received)), True
    if len(received) < REPLY_BYTES:
        return None
    is_whole = all(byte < _FIRST for byte in received[1:REPLY_BYTES])
    return (REPLY_BYTES, False) if is_whole else (1, True)


def _begins_reply(first: int) -> bool:
    return bool(first & _FIRST and first & _IS_REPLY)
