"""Models of pads: line speed and the part of the coordinate space that is the writing surface.

Left out: SignatureGem LCD 1x5. It speaks 7-bit packets (7O1), whose published description contradicts itself: data
bytes shall be told by (b & 70) == 30 and yet carry six free bits. Without a pad to ask, it is not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

UM_PER_INCH = 25_400


@dataclass(frozen=True, slots=True)
class Model:
    """A pad with 5-byte packets at 8 data bits, odd parity, 1 stop bit."""

    name: str
    baud: int
    left: int
    right: int
    top: int
    bottom: int
    dpi: int = 410

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
        Model("siglite-lcd-1x5", 19_200, 400, 2400, 350, 1050),
        Model("siglite-lcd-4x5", 38_400, 500, 2600, 500, 2100),
        Model("siggem-color-5x7", 115_200, 300, 2370, 350, 1950),
        Model("clipgem", 9_600, 485, 2800, 170, 3200, dpi=275),
    )
}
DEFAULT = MODELS["siglite-1x5"]
