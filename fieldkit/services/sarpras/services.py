"""Everything around taking sarpras out and bringing it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fieldkit.services.devices.note_self_tests import NoteSelfTests
from fieldkit.services.devices.take_photo import TakePhoto
from fieldkit.services.sarpras.check_in_kit import CheckInKit
from fieldkit.services.sarpras.check_out_kit import CheckOutKit
from fieldkit.services.sarpras.fields import SarprasPapers
from fieldkit.services.sarpras.lists import SarprasLists


@dataclass(frozen=True, slots=True)
class Sarpras:
    """The two lists, the self-test that fills their lines, photos for both and their papers."""

    out: CheckOutKit
    back: CheckInKit
    tests: NoteSelfTests
    photos: TakePhoto
    papers: SarprasPapers

    def lists(self, way: str) -> SarprasLists[Any]:
        """Return the lists of a way, "out" or "in"."""
        return self.out if way == "out" else self.back
