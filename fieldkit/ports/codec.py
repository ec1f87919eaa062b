"""What the core asks of the formats: bytes of a record, bytes of a signature."""

from __future__ import annotations

from typing import Protocol

from fieldkit.domain.recording.record import RecordDraft
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import Signature


class RecordCodec(Protocol):
    """Writes the record container; the same draft gives the same bytes."""

    def write(self, draft: RecordDraft) -> bytes:
        """Return the container."""
        ...


class SignatureCodec(Protocol):
    """Turns ink into a sample and back."""

    def to_sample(self, signature: Signature) -> Sample:
        """Return the strokes as a sample; a line is accepted."""
        ...

    def from_sample(self, sample: Sample) -> Signature:
        """Return the strokes of a sample. Raise `InputError`."""
        ...

    def to_png(self, signature: Signature) -> bytes:
        """Return black ink on white in the size of the pad, as papers show it."""
        ...


class NikKey(Protocol):
    """Recognises a NIK without keeping it."""

    def digest(self, nik: str) -> str:
        """Return the keyed hex digest of a NIK."""
        ...


class SamplePictures(Protocol):
    """Shows a sample record to people."""

    def jpeg(self, sample: Sample, max_px: int) -> bytes:
        """Return a JPEG of at most `max_px` on its longer side. Raise `InputError` for a record without an image."""
        ...

    def photo(self, image: bytes, max_px: int) -> bytes:
        """Return the picture of an image file (JPEG, JPEG 2000, PNG) likewise. Raise `InputError`."""
        ...
