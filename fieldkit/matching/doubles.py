"""Whether a print is that of another finger of the same person: given twice, or by the wrong hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import liken
from fieldkit.matching.matcher import judge
from fieldkit.matching.read_prints import Image, ReadPrints
from fieldkit.matching.ridges import Pixels
from fieldkit.matching.template import Template
from fieldkit.ports.matcher import MatchVerdict

# Of 226 hard pairs of one finger that are "the same" the least alike has 0.69, of 80 easy ones 0.80; of pairs of
# different fingers six of ten are spared the rest.
_LEAST_ALIKE = 0.65

Opened = tuple[Sample, Pixels, int]


class FingerDoubles:
    """Compares the prints of one person with each other."""

    def __init__(self, prints: ReadPrints) -> None:
        self._prints = prints

    def find(self, fresh: Sequence[Opened], known: Sequence[Sample]) -> dict[Position, Position]:
        """Return for each fresh print that is another finger's which one it is; known ones come before fresh ones.

        The fresh ones come with their images and ppi.
        """
        found: dict[Position, Position] = {}
        before = list(self._readable((sample, None) for sample in known))
        for position, template in self._readable((sample, (pixels, ppi)) for sample, pixels, ppi in fresh):
            others = (at for at, other in before if at is not position and _are_one(other, template))
            if (double := next(others, None)) is not None:
                found[position] = double
            else:
                before.append((position, template))
        return found

    def _readable(self, samples: Iterable[tuple[Sample, Image | None]]) -> Iterator[tuple[Position, Template]]:
        for sample, image in samples:
            if sample.position in FINGERS and (template := self._prints.of(sample, image)) is not None:
                yield sample.position, template


def _are_one(one: Template, other: Template) -> bool:
    return judge(one, other, liken(one, other, 1, _LEAST_ALIKE)) is MatchVerdict.SAME
