"""What is compared of a print."""

from __future__ import annotations

from dataclasses import dataclass, field

from fieldkit.matching.minutiae import Minutiae, find_minutiae
from fieldkit.matching.ridges import Ground, Pixels, find_ridges
from fieldkit.matching.surroundings import Surroundings, look_around


@dataclass(frozen=True, slots=True)
class Template:
    """Minutiae, the coarse picture of the skin, and what follows from them."""

    minutiae: Minutiae
    ground: Ground
    surroundings: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "surroundings", look_around(self.minutiae, self.ground))

    @property
    def crowd(self) -> float:
        """Return the number of minutiae per mm² of skin."""
        return len(self.minutiae) / max(1.0, self.ground.area_mm2)


def read_print(image: tuple[Pixels, int]) -> Template:
    """Find what is compared in an (image, ppi). Raise `ValueError` for what is no grey image."""
    ridges = find_ridges(*image)
    return Template(find_minutiae(ridges), ridges.ground())
