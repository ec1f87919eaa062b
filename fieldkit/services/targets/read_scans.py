"""The scans of a request as pages for the screen: who disposes of a letter reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fieldkit.domain.errors import InputError
from fieldkit.ports.codec import SamplePictures
from fieldkit.ports.repositories import Attachment
from fieldkit.services.devices.take_photo import PAPER_PX
from fieldkit.services.unit_of_work import UnitsOfWork

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class ScanPages:
    """Pages as PNG or JPEG, in their order, and the names of the scans of which none can be shown."""

    pages: tuple[bytes, ...]
    unreadable: tuple[str, ...]


class ReadScans:
    """Finds and draws them. `draw_pdf` returns the pages of a PDF, or raises `InputError`."""

    def __init__(
        self, units: UnitsOfWork, pictures: SamplePictures, draw_pdf: Callable[[bytes], tuple[bytes, ...]]
    ) -> None:
        self._units, self._pictures, self._draw_pdf = units, pictures, draw_pdf

    def of(self, request_id: str) -> Sequence[Attachment]:
        """Return the scans of a request, oldest first."""
        with self._units.read() as unit:
            return unit.attachments.of(request_id)

    def draw(self, scans: Sequence[Attachment]) -> ScanPages:
        """Draw scans; it takes a while and asks nothing of the store."""
        pages: list[bytes] = []
        unreadable: list[str] = []
        for scan in scans:
            try:
                pages += self._draw(scan)
            except (InputError, ValueError):
                unreadable.append(scan.name)
        return ScanPages(tuple(pages), tuple(unreadable))

    def _draw(self, scan: Attachment) -> tuple[bytes, ...]:
        if scan.media_type == PDF:
            return self._draw_pdf(scan.content)
        return (self._pictures.photo(scan.content, PAPER_PX),)
