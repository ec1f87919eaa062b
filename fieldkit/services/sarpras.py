"""Everything around taking sarpras out and bringing it back."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.services.check_in_kit import CheckInKit
from fieldkit.services.check_out_kit import CheckOutKit
from fieldkit.services.note_self_tests import NoteSelfTests
from fieldkit.services.sarpras_fields import SarprasPapers
from fieldkit.services.take_photo import TakePhoto


@dataclass(frozen=True, slots=True)
class Sarpras:
    """The two lists, the self-test that fills their lines, photos for both and their papers."""

    out: CheckOutKit
    back: CheckInKit
    tests: NoteSelfTests
    photos: TakePhoto
    papers: SarprasPapers
