"""Whether a print is that of another finger of the same person: given twice, or by the wrong hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import liken
from fieldkit.matching.matcher import ReadPrint, judge
from fieldkit.matching.ridges import Pixels
from fieldkit.matching.template import Template, read_print
from fieldkit.ports.matcher import MatchVerdict

Image = tuple[Pixels, int]
Opened = tuple[Sample, Pixels, int]

_REMEMBERED = 24  # prints of the person in front: ten fingers and some repeats


class FingerDoubles:
    """Compares the prints of one person with each other. `read` returns the grey image of a sample and its ppi.

    Prints that were read stay in memory until others push them out.
    """

    def __init__(self, read: ReadPrint) -> None:
        self._read = read
        self._templates: dict[bytes, Template] = {}

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
            if sample.position in FINGERS and (template := self._template(sample, image)) is not None:
                yield sample.position, template

    def _template(self, sample: Sample, image: Image | None) -> Template | None:
        digest = hashlib.sha256(sample.data).digest()
        if digest not in self._templates:
            try:
                self._templates[digest] = read_print(image or self._read(sample))
            except (InputError, ValueError):
                return None
            while len(self._templates) > _REMEMBERED:
                self._templates.pop(next(iter(self._templates)))
        return self._templates[digest]


def _are_one(one: Template, other: Template) -> bool:
    return judge(one, other, liken(one, other, 1)) is MatchVerdict.SAME
