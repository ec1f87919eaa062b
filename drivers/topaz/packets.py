"""Sans-IO parsers of the pads' 5-byte packets: state, X low, X high, Y low, Y high.

Eight bits a byte: bit 7 is 1 in the first byte only; it tells pen near (bit 6), type (bits 2–4) and pen down (bit 0),
the others carry 7 and 5 bits of a number. Type 7 is pressure, type 2 the pad's own numbers.

Seven bits a byte: the numbers are 6 and 6 bits, so bit 6 is what is left to mark the first byte, which tells pen near
(bit 2) and pen down (bit 0). The public decode marks it by (byte & 70) != 30 instead; then data bytes would have four
free bits and no number below C30 could be sent, yet the surface begins at 400. See docs/devices.md.
"""

from __future__ import annotations

from dataclasses import dataclass

PACKET_BYTES = 5
FULL_PRESSURE = 0x3FF
_PEN_TYPES = (0, 1, 4)
_INFO_TYPE, _PRESSURE_TYPE = 2, 7
_NOWHERE = 0xFFF
_FEW_BYTES = 25  # a line may hold the end of a packet, and a plug that is pushed in crackles


@dataclass(frozen=True, slots=True)
class PenPacket:
    """Where the pen is, in the pad's own units; pressure 0–1 as last told, 1 from pads that do not tell."""

    x: int
    y: int
    is_near: bool
    is_down: bool
    pressure: float


@dataclass(frozen=True, slots=True)
class PadNumbers:
    """What a pad tells of itself: a number of its model (which is which is not published) and its serial number."""

    model: int
    serial: int


class PacketParser:
    """Takes bytes as they arrive; what is torn or damaged is dropped and counted."""

    first_bit = 0x80

    def __init__(self) -> None:
        self.rejected = 0
        self.numbers: PadNumbers | None = None
        self._packet = bytearray()
        self._pressure = 1.0
        self._kept_bytes = self._lost_bytes = 0

    @property
    def is_foreign(self) -> bool:
        """Whether more came that is no packet than packets: another speed, another format or no pad at all."""
        return self._lost_bytes > max(_FEW_BYTES, self._kept_bytes)

    def feed(self, received: bytes) -> list[PenPacket]:
        """Return the pen packets that became complete."""
        found = []
        for byte in received:
            if byte & self.first_bit:  # what came before is torn
                self.rejected += bool(self._packet)
                self._lost_bytes += len(self._packet)
                self._packet = bytearray((byte,))
            elif self._packet:
                self._packet.append(byte)
            else:
                self._lost_bytes += 1
            if len(self._packet) == PACKET_BYTES:
                packet = self._decode(bytes(self._packet))
                self._packet.clear()
                self._kept_bytes += PACKET_BYTES
                if packet is not None and packet.x == packet.y == _NOWHERE:
                    self.rejected += 1
                elif packet is not None:
                    found.append(packet)
        return found

    def _decode(self, packet: bytes) -> PenPacket | None:
        first, x_low, x_high, y_low, y_high = packet
        kind = (first >> 2) & 7
        if kind == _PRESSURE_TYPE:
            self._pressure = (((y_high & 0x07) << 7) | y_low) / FULL_PRESSURE
        if kind == _INFO_TYPE:
            above = (x_high << 7) | x_low
            self.numbers = PadNumbers((above & 0xFC) >> 2, ((above & 0x03) << 16) | (y_high << 7) | y_low)
        if kind not in _PEN_TYPES:
            return None
        x, y = ((x_high & 0x1F) << 7) | x_low, ((y_high & 0x1F) << 7) | y_low
        return PenPacket(x, y, bool(first & 0x40), bool(first & 0x01), self._pressure)


class SevenBitParser(PacketParser):
    """For lines of seven data bits; such pads tell neither pressure nor, in a form that is known, their numbers."""

    first_bit = 0x40

    def _decode(self, packet: bytes) -> PenPacket | None:
        first, x_low, x_high, y_low, y_high = packet
        if (first >> 2) & 7 not in _PEN_TYPES:
            return None
        x, y = ((x_high & 0x3F) << 6) | x_low & 0x3F, ((y_high & 0x3F) << 6) | y_low & 0x3F
        return PenPacket(x, y, bool(first & 0x04), bool(first & 0x01), 1.0)


def first_piece(received: bytes) -> tuple[int, bool] | None:
    """Cut what a pad sent for a trace: only packets with its own numbers may be read, all else is ink."""
    if not _tells_numbers(received[0]):
        return next((at for at, byte in enumerate(received) if _tells_numbers(byte)), len(received)), True
    if len(received) < PACKET_BYTES:
        return None
    is_whole = all(byte < PacketParser.first_bit for byte in received[1:PACKET_BYTES])
    return (PACKET_BYTES, False) if is_whole else (1, True)


def _tells_numbers(first: int) -> bool:
    return bool(first & PacketParser.first_bit) and (first >> 2) & 7 == _INFO_TYPE


# Models of pads: line speed, formats and the part of the coordinate space that is the writing surface.

UM_PER_INCH = 25_400


@dataclass(frozen=True, slots=True)
class Format:
    """How a pad puts its packets on the line: data bits, always with odd parity and 1 stop bit."""

    bits: int
    parser: type[PacketParser]


EIGHT_BITS, SEVEN_BITS = Format(8, PacketParser), Format(7, SevenBitParser)


@dataclass(frozen=True, slots=True)
class Model:
    """A pad. Of several `formats` the first that its bytes fit is used."""

    name: str
    baud: int
    left: int
    right: int
    top: int
    bottom: int
    dpi: int = 410
    formats: tuple[Format, ...] = (EIGHT_BITS,)

    @property
    def width_um(self) -> int:
        """Width of the surface."""
        return (self.right - self.left) * UM_PER_INCH // self.dpi

    @property
    def height_um(self) -> int:
        """Height of the surface."""
        return (self.bottom - self.top) * UM_PER_INCH // self.dpi

    def to_um(self, x: int, y: int) -> tuple[int, int]:
        """Return µm from the surface's upper left corner; what lies beyond the edge is drawn on the edge."""
        inside_x, inside_y = min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)
        return (inside_x - self.left) * UM_PER_INCH // self.dpi, (inside_y - self.top) * UM_PER_INCH // self.dpi


MODELS = {
    model.name: model
    for model in (
        Model("siglite-1x5", 19_200, 500, 2650, 700, 2100),
        Model("signaturegem-1x5", 19_200, 400, 2400, 350, 950),
        Model("signaturegem-4x5", 19_200, 500, 2650, 700, 2100),
        # The vendor's software reads it with seven bits; the one pad of its kind that somebody read in public
        # (T-LBK462) sent eight.
        Model("signaturegem-lcd-1x5", 19_200, 400, 2400, 350, 1250, formats=(SEVEN_BITS, EIGHT_BITS)),
        Model("siglite-lcd-1x5", 19_200, 400, 2400, 350, 1050),
        Model("siglite-lcd-4x5", 38_400, 500, 2600, 500, 2100),
        Model("siggem-color-5x7", 115_200, 300, 2370, 350, 1950),
        Model("clipgem", 9_600, 485, 2800, 170, 3200, dpi=275),
    )
}
