"""Models of pads: line speed, formats and the part of the coordinate space that is the writing surface."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.topaz.packets import PacketParser, SevenBitParser

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
