"""What a kit does with the bundles of its office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fieldkit.domain.office_bundles import BundleStanding, OfficeBundle


class OfficeBundles(Protocol):
    """The bundles that this kit goes by."""

    def standings(self) -> Sequence[BundleStanding]:
        """Return where this kit is with each stream."""
        ...

    def finish(self) -> BundleStanding | None:
        """End what a stop of the program left half done; None when nothing was left."""
        ...

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        """Check a bundle whose signature holds and go by it, or keep the former and say why in the standing.

        None when this kit goes by that very version already. Raise `InputError` `office.older`, `office.for_others`,
        `office.damaged` for what is never taken, `StoreError`.
        """
        ...
