"""The prints of the person in front, each read once: for the check of a slap, for comparing, searching and the seal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from fieldkit.domain.errors import InputError
from fieldkit.domain.made_once import MadeOnce
from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.ridges import Pixels
from fieldkit.matching.template import Template, read_print

Image = tuple[Pixels, int]
ReadPrint = Callable[[Sample], Image]

_REMEMBERED = 24  # ten fingers and some repeats


class ReadPrints:
    """Templates by the bytes of their sample; `read` returns the grey image of a sample and its ppi.

    They stay in memory until others push them out or `forget`. Any thread may ask.
    """

    def __init__(self, read: ReadPrint) -> None:
        self._read = read
        self._templates = MadeOnce[bytes, Template | None](_REMEMBERED)

    def of(self, sample: Sample, image: Image | None = None) -> Template | None:
        """Return the template of a print, None for what is no print; `image` spares decoding the sample."""
        return self._templates.get(hashlib.sha256(sample.data).digest(), lambda: self._template(sample, image))

    def forget(self) -> None:
        """Forget every template."""
        self._templates.clear()

    def is_drawn(self, sample: Sample, pixels: Pixels, ppi: int) -> bool:
        """Return whether a print is somebody's drawing of ridges; its image comes along."""
        template = self.of(sample, (pixels, ppi))
        return template is not None and template.is_bare

    def _template(self, sample: Sample, image: Image | None) -> Template | None:
        try:
            return read_print(image or self._read(sample))
        except (InputError, ValueError):
            return None
