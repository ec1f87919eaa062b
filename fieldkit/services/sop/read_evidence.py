"""A file that shows what somebody did: a scanned letter or a photo, from a folder or a USB stick."""

from __future__ import annotations

from fieldkit.domain.errors import InputError
from fieldkit.domain.typed import path_of
from fieldkit.ports.codec import SamplePictures
from fieldkit.services.sop.run_sop import EvidenceFile

MOST_BYTES = 25_000_000
_PHOTO_PX = 2_000  # a page stays readable


def read_evidence(path: str, pictures: SamplePictures) -> EvidenceFile:
    """Return a PDF as it is, a photo without what cameras hide in it. Raise `InputError("sop.evidence_unreadable")`."""
    file = path_of(path)
    try:
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            raise InputError("sop.evidence_unreadable", name=file.name)
        content = file.read_bytes()
        if content.startswith(b"%PDF-"):
            return EvidenceFile(file.name, "application/pdf", content)
        return EvidenceFile(f"{file.stem}.jpg", "image/jpeg", pictures.photo(content, _PHOTO_PX))
    except (OSError, ValueError, InputError) as damage:  # a name with a NUL is a ValueError
        raise InputError("sop.evidence_unreadable", name=file.name) from damage
