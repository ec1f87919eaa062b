"""A file that shows what somebody did: a scanned letter or a photo."""

from __future__ import annotations

from pathlib import PurePath

from fieldkit.domain.errors import InputError
from fieldkit.ports.codec import SamplePictures
from fieldkit.services.devices.take_photo import PAPER_PX
from fieldkit.services.sop.run_sop import EvidenceFile

MOST_BYTES = 25_000_000
UNREADABLE = "sop.evidence_unreadable"


def evidence_of(name: str, content: bytes, pictures: SamplePictures) -> EvidenceFile:
    """Return a PDF as it is, a photo without what cameras hide in it. Raise `InputError("sop.evidence_unreadable")`."""
    if len(content) > MOST_BYTES:
        raise InputError(UNREADABLE, name=name)
    if content.startswith(b"%PDF-"):
        return EvidenceFile(name, "application/pdf", content)
    try:
        return EvidenceFile(f"{PurePath(name).stem}.jpg", "image/jpeg", pictures.photo(content, PAPER_PX))
    except (ValueError, InputError) as damage:
        raise InputError(UNREADABLE, name=name) from damage
